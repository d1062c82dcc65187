"""Rides as their pages get them, with gaits written by hand and sensors that are simulated."""

import functools
from dataclasses import replace
from pathlib import Path

import numpy as np
from equigait.data.conditions import Conditions
from equigait.data.recording import Recording
from equigait.data.simulate import imu_streams
from equigait.pipeline.inference.bouts import PredictedBout
from equigait.pipeline.inference.prediction import RecordingPrediction, with_strides
from equigait.pipeline.inference.timeline import Timeline
from equigait.pipeline.reporting.ride_facts import RideFacts, ride_facts
from moving_horses import bout_of, ride_of

CLASSES = ("walk", "trot", "canter")


def facts_of(
    bouts: list[tuple[float, float, str, float]],
    *,
    name: str = "monday",
    horse: str = "bella",
    rest: bool = True,
    **conditions: object,
) -> RideFacts:
    """A ride of these bouts (start, stop, label, confidence) without a stride: nothing was measured."""
    timeline = _timeline(name, horse=horse, start=bouts[0][0], stop=bouts[-1][1], rest=rest)
    recording = replace(_trot(), streams=(), conditions=Conditions(**conditions))
    prediction = RecordingPrediction(timeline, tuple(PredictedBout(*bout) for bout in bouts))
    return ride_facts(with_strides(prediction, recording=recording), recording=recording)


@functools.cache
def trotting(*, name: str = "monday", horse: str = "bella", day: str = "2026-05-31", event: str = "") -> RideFacts:
    """Half a minute of simulated trot, all of it predicted, with its strides and the state of its sensors."""
    recording, bout = replace(_trot(), conditions=Conditions(date=day, event=event)), bout_of(ride_of("trot", horse=1))
    timeline = _timeline(name, horse=horse, start=bout.start_seconds, stop=bout.stop_seconds, rest=True)
    predicted = PredictedBout(bout.start_seconds, bout.stop_seconds, "trot", 0.97)
    prediction = with_strides(RecordingPrediction(timeline, (predicted,)), recording=recording)
    return ride_facts(prediction, recording=recording)


@functools.cache
def _trot() -> Recording:
    ride = ride_of("trot", horse=1)
    return Recording("trot", "bella", Path("recording.yaml"), imu_streams(ride), None, (), ride.clock)


def _timeline(name: str, *, horse: str, start: float, stop: float, rest: bool) -> Timeline:
    one = np.zeros(1)
    return Timeline(
        recording=name,
        horse=horse,
        classes=CLASSES,
        start_seconds=one + start,
        stop_seconds=one + stop,
        valid=np.ones(1, bool),
        probability=np.full((1, 3), 1 / 3),
        novelty=one,
        at_rest=np.zeros(1, bool) if rest else None,
    )
