"""Facts of a film from its packets' times: frames, true rate, what was dropped."""

import numpy as np

from ..recording import Video
from .facts import FilmFacts
from .signals import envelope

STEADY = 0.15
"""Frame intervals of which nine in ten lie within this part of their median are steady: stamps are rounded, a bit."""
SQUARE = 0.02
"""Pixels this near to square are: teachers are trained with crops that distort more."""
HOLE_SECONDS = 0.25
"""Motion across a longer time between two frames is not trusted by `sync`."""


def film_facts(video: Video) -> FilmFacts:
    """What the times of a film's frames show."""
    times = video.frame_seconds
    intervals = np.diff(times) if times.size > 1 else np.zeros(1)
    usual = float(np.median(intervals))
    whole = intervals[intervals < 1.5 * usual] if usual > 0 else intervals
    steady = bool(np.mean(np.abs(whole - usual) <= STEADY * usual) >= 0.9) if whole.size else False
    holes = intervals[intervals > (1.5 * usual if steady else HOLE_SECONDS)]
    spacing = float(whole.mean()) if whole.size else usual
    return FilmFacts(
        file=video.path.name,
        frames=len(times),
        start_seconds=video.start_seconds,
        duration_seconds=video.stop_seconds - video.start_seconds,
        rate_hz=1.0 / spacing if spacing > 0 else 0.0,
        steady=steady,
        dropped=int(np.sum(np.round(holes / spacing) - 1)) if spacing > 0 else 0,
        longest_gap_seconds=float(intervals.max()),
        width=video.width,
        height=video.height,
        pixel_aspect=1.0 / video.pixel_aspect if video.rotation_degrees % 180 else video.pixel_aspect,
        interlaced=video.interlaced,
        intervals=envelope(times[:-1] if times.size > 1 else times, 1000.0 * intervals, columns=400),
    )


def film_remarks(facts: FilmFacts) -> tuple[str, ...]:
    """What is suspect in a film."""
    remarks = []
    if facts.dropped:
        remarks.append(f"film: {facts.dropped} frames dropped, longest hole {facts.longest_gap_seconds:.2f} s")
    if not facts.steady:
        remarks.append("film: frames come at uneven distances (variable rate)")
    if facts.interlaced:
        remarks.append(
            "film: its frames are interlaced, two moments in each, which show a moving leg twice: take them apart "
            "(ffmpeg -i FILM -vf bwdif -crf 18 whole.mp4)"
        )
    if abs(facts.pixel_aspect - 1.0) > SQUARE:
        shape = "narrow" if facts.pixel_aspect > 1.0 else "wide"
        remarks.append(
            f"film: pixels are {facts.pixel_aspect:.3f} times as wide as high; the teacher sees the horse {shape}: "
            "write it anew with square pixels (ffmpeg -i FILM -vf scale=iw*sar:ih,setsar=1 -crf 18 square.mp4)"
        )
    return tuple(remarks)
