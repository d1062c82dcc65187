"""The page on which a person reviews a recording: film, sensors, prediction, and labels to correct."""

import base64
import shlex
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy import ndarray as Array

from ...data.manifest.load import player_zero
from ...data.manifest.reviewed_labels import REVIEWED_NAME
from ...data.quality.facts import Envelope
from ...data.quality.signals import envelope
from ...data.readers.sensor import STANDARD_GRAVITY
from ...data.recording import ImuStream, Recording, Video
from ...data.video.chapters import files_of
from ...data.words import WORDS, Words
from ..inference.prediction import RecordingPrediction
from ..inference.shipped_models import is_shipped
from ..inference.timeline import UNKNOWN, Timeline, mean_over_windows
from ..runtime.formatting import command
from .formatting import label_colours, plain_site
from .pages import render_page
from .review_moments import Moment, film_bouts, find_moments

COLUMNS_HZ = 50.0
"""Columns a second that a trace is drawn from, where the page does not get too large."""
MOST_COLUMNS = 400_000
"""Columns of all traces together; each takes about 5 bytes of the page."""
LARGEST = 32_000
"""Largest whole number that stands for a value of a trace."""
MISSING = -32_768
"""Stands for a column without a sample."""
COPY = Path("runs/mine")
"""Where a model that is shipped is copied to, which learns nothing itself."""
FRAME_TICK_SECONDS = 1e-4
"""Unit in which the page holds the times of frames."""


@dataclass(frozen=True)
class ReviewedRecording:
    """What a person reviews."""

    recording: Recording
    """Sensors, film, labels, and the clock between them."""
    prediction: RecordingPrediction
    """What was predicted for it, on the same time."""
    vocabulary: tuple[str, ...]
    """Labels that may be chosen, beside those that are there."""
    run: Path
    """The run that predicted it."""
    cache: str
    """Where its windows are cached, for the commands to paste."""
    by_film: Timeline | None = None
    """What its film shows, where that is known."""
    words: Words = WORDS
    """What its page calls who was recorded."""
    traces: tuple[dict[str, Any], ...] = ()
    """Its sensors as the page draws them, where their samples are not kept."""

    def without_samples(self) -> "ReviewedRecording":
        """The same with the sensors as drawn in the place of their samples: a few megabytes, however long it is."""
        return replace(self, traces=_traces(self.recording), recording=replace(self.recording, streams=()))

    @property
    def sensor_spans(self) -> list[tuple[float, float]]:
        """Start and stop of each sensor in film time."""
        if self.traces:
            return [(each["start"], each["stop"]) for each in self.traces]
        ends = (self.recording.clock.to_film(stream.time_seconds[[0, -1]]) for stream in self.recording.streams)
        return [(float(start), float(stop)) for start, stop in ends]


def review_page(reviewed: ReviewedRecording, *, films: Sequence[str], save: str = "") -> str:
    """One HTML file that fetches nothing but the film.

    `films` are the addresses of the film's files, relative to the page, one a file. `save` is the address that takes
    corrected labels; where it is empty they are downloaded.
    """
    recording = reviewed.recording
    moments = find_moments(reviewed.prediction, labels=recording.bouts, by_film=reviewed.by_film)
    corrections = recording.manifest.resolve().parent / REVIEWED_NAME if save else f"{recording.id}.labels.csv"
    return render_page(
        "review",
        title=f"Review of {recording.id}",
        answer=_answer(moments, labelled=bool(recording.bouts)),
        subject=reviewed.words.subject,
        horse=recording.horse,
        labels=_choices(reviewed),
        has_film=recording.video is not None,
        film_known=reviewed.by_film is not None,
        moments=moments,
        saved_here=bool(save),
        reviewed_name=REVIEWED_NAME,
        next_commands=_next_commands(reviewed, corrections=corrections),
        data=page_data(reviewed, films=films) | {"save": save},
    )


def _next_commands(reviewed: ReviewedRecording, *, corrections: Path | str) -> list[str]:
    """What brings the recording into the cache, and learns from its labels; of a model that is shipped, a copy does."""
    run, folder = reviewed.run, reviewed.recording.manifest.parent
    copied = [shlex.join(["cp", "-r", str(run), str(COPY)])] if is_shipped(run) else []
    run = COPY if copied else run
    return [
        *copied,
        command("extract-teacher", folder, "--cache", reviewed.cache, "--config", run / "recipe.yaml"),
        command("probe", "--cache", reviewed.cache, "--run", run, "--corrections", corrections),
    ]


def film_files(video: Video | None) -> tuple[Path, ...]:
    """The files that play as this film, in order."""
    return () if video is None else tuple(file for file, _ in files_of(video.path))


def page_data(reviewed: ReviewedRecording, *, films: Sequence[str]) -> dict[str, Any]:
    """What the page's script draws and plays. Times are seconds of film time."""
    recording, prediction = reviewed.recording, reviewed.prediction
    traces = reviewed.traces or _traces(recording)
    spans = reviewed.sensor_spans
    if recording.video is not None:
        spans.append((recording.video.start_seconds, recording.video.stop_seconds))
    return {
        "recording": recording.id,
        "time": "film time" if recording.video is not None else "sensor time",
        "from": min(span[0] for span in spans),
        "until": max(span[1] for span in spans),
        "labels": _choices(reviewed),
        "colours": _colours(reviewed),
        "unknown": UNKNOWN,
        "film": _film(recording.video, films=films) if recording.video is not None else None,
        "bouts": [_span(b.start_seconds, b.stop_seconds, b.label, b.confidence) for b in prediction.bouts],
        "labelled": [_span(b.start_seconds, b.stop_seconds, b.label) for b in recording.bouts],
        "by_film": [_span(*bout) for bout in film_bouts(reviewed.by_film)],
        "confidence": _confidence(prediction),
        "traces": list(traces),
    }


def _answer(moments: Sequence[Moment], *, labelled: bool) -> str:
    shown = "label or prediction" if labelled else "prediction"
    if not moments:
        return f"No stretch where the {shown} is likely to be wrong was found: spot checks will do."
    wrong = sum(each.wrong_seconds for each in moments)
    return (
        f"The {shown} is expected to be wrong for {wrong:.0f} s in {len(moments)} stretches: they stand in the list, "
        "those that cost most first."
    )


def _choices(reviewed: ReviewedRecording) -> list[str]:
    """Labels to choose from: the recipe's, then others that the recording has."""
    there = [bout.label for bout in reviewed.recording.bouts]
    return list(dict.fromkeys([*reviewed.vocabulary, *there]))


def _colours(reviewed: ReviewedRecording) -> dict[str, int]:
    """Which of the page's colours each label has: gaits have the same on every page."""
    return label_colours([*_choices(reviewed), *reviewed.prediction.timeline.classes])


def _span(start: float, stop: float, *rest: Any) -> list[Any]:
    return [round(start, 3), round(stop, 3), *(round(each, 3) if isinstance(each, float) else each for each in rest)]


def _film(video: Video, *, films: Sequence[str]) -> dict[str, Any]:
    """The film's files, the film time at which each starts and at which its player shows 0, and when frames are shown.

    Browsers show 0 at time 0 of a file, or where it begins if that is before. The page measures where they do not.
    """
    files = files_of(video.path)
    zero = min(player_zero(video), 0.0) if len(files) == 1 else 0.0
    ticks = np.rint((video.frame_seconds - video.start_seconds) / FRAME_TICK_SECONDS)
    return {
        "files": [
            {"src": address, "name": file.name, "start": start, "zero": start + zero}
            for address, (file, start) in zip(films, files, strict=True)
        ],
        "start": video.start_seconds,
        "stop": video.stop_seconds,
        "tick": FRAME_TICK_SECONDS,
        "frames": _packed(ticks, kind="<i4"),
    }


def _confidence(prediction: RecordingPrediction) -> dict[str, Any]:
    """Between neighbouring edges the largest mean probability and the mean novelty; null where nothing is predicted."""
    timeline = prediction.timeline
    edges, mean = mean_over_windows(timeline, np.column_stack([timeline.probability, timeline.novelty]))
    largest = mean[:, :-1].max(axis=1) if len(mean) else np.zeros(0)
    plain = [[None if np.isnan(value) else round(float(value), 3) for value in row] for row in (largest, mean[:, -1])]
    return {
        "edges": [round(float(edge), 3) for edge in edges],
        "probability": plain[0],
        "novelty": plain[1],
        "unknown_above": timeline.unknown_above,
    }


def _traces(recording: Recording) -> tuple[dict[str, Any], ...]:
    """Of every sensor the magnitudes of acceleration (g) and angular rate (rad/s), lowest and highest by column."""
    return tuple(
        {"name": plain_site(stream.site)} | _trace(stream, recording=recording, share=2 * len(recording.streams))
        for stream in recording.streams
    )


def _trace(stream: ImuStream, *, recording: Recording, share: int) -> dict[str, Any]:
    seconds = recording.clock.to_film(stream.time_seconds)
    duration = float(seconds[-1] - seconds[0])
    columns = int(np.clip(duration * min(COLUMNS_HZ, stream.rate_hz), 1, MOST_COLUMNS // share))
    force = np.linalg.norm(stream.specific_force, axis=1) / STANDARD_GRAVITY
    turning = np.linalg.norm(stream.angular_rate, axis=1)
    return {
        "start": float(seconds[0]),
        "stop": float(seconds[-1]),
        "acceleration": _column_values(envelope(seconds, force, columns=columns)),
        "turning": _column_values(envelope(seconds, turning, columns=columns)),
    }


def _column_values(drawn: Envelope) -> dict[str, Any]:
    """Lowest and highest of each column as whole numbers of `step`."""
    step = max(float(np.nanmax(drawn.high, initial=0.0)), 1e-6) / LARGEST
    low, high = (
        np.where(np.isnan(values), MISSING, np.rint(np.nan_to_num(values) / step)) for values in (drawn.low, drawn.high)
    )
    return {"step": step, "low": _packed(low, kind="<i2"), "high": _packed(high, kind="<i2")}


def _packed(values: Array, *, kind: str) -> str:
    """Whole numbers as base64 of their bytes."""
    return base64.b64encode(values.astype(kind).tobytes()).decode("ascii")
