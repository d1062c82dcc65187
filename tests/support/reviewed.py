"""A recording under review whose film, sensors, prediction and clock are known."""

from pathlib import Path

import numpy as np
from equigait.data.recording import Bout, ClockMap, ImuStream, Recording
from equigait.data.video.probe import probe_film
from equigait.pipeline.inference.bouts import PredictedBout
from equigait.pipeline.inference.prediction import RecordingPrediction
from equigait.pipeline.inference.timeline import Timeline
from equigait.pipeline.reporting.review import ReviewedRecording
from films import numbered_frames, write_film

FRAMES = 100
FRAME_SECONDS = 1.5 + 0.2 * np.arange(FRAMES) + 0.04 * (np.arange(FRAMES) % 3)
"""When each frame is shown: the film begins late, and its rate varies."""
CLOCK = ClockMap(offset_seconds=3.0, drift_ppm=2000.0, reference_seconds=10.0)
STRUCK_AT = 7.0
"""Sensor time at which both sensors are struck."""
BOUTS = (
    PredictedBout(2.0, 8.0, "walk", 0.95),
    PredictedBout(8.0, 14.0, "trot", 0.7),
    PredictedBout(14.0, 20.0, "unknown", 1.0),
)
LABELS = (Bout(2.0, 10.0, "walk"), Bout(10.0, 14.0, "trot"))


def make_reviewed(
    folder: Path, *, film: str | None = "film.mp4", name: str = "mare", vocabulary: tuple[str, ...] = ("walk", "trot")
) -> ReviewedRecording:
    """Twenty seconds of two sensors at rest that are struck once, and a film of numbered frames."""
    video = None
    if film is not None:
        video = probe_film(write_film(folder / film, numbered_frames(FRAMES), seconds=FRAME_SECONDS.tolist()))
    seconds = np.arange(0.0, 20.0, 0.01)
    force = np.tile([0.0, 0.0, 9.81], (len(seconds), 1))
    force[round(100 * STRUCK_AT)] = [0.0, 0.0, 60.0]
    streams = tuple(
        ImuStream(site, seconds, force, 0.1 * force, source=folder / f"{site}.csv") for site in ("withers", "sacrum")
    )
    recording = Recording(name, "bella", folder / "recording.yaml", streams, video, LABELS, CLOCK)
    start = np.arange(2.0, 20.0, 2.0)
    rows = len(start)
    timeline = Timeline(
        name,
        "bella",
        ("walk", "trot"),
        start,
        start + 2.0,
        np.ones(rows, bool),
        np.tile([0.9, 0.1], (rows, 1)),
        np.zeros(rows),
    )
    prediction = RecordingPrediction(timeline, BOUTS)
    return ReviewedRecording(recording, prediction, vocabulary, run=Path("my run"), cache="rides/cache")
