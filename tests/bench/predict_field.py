"""What `predict` tells of horses of the field yard that nothing was learned from, against the simulator's truth.

A seed of development chose the methods (`PREDICT_FIELD_SEED=9101`); those below chose nothing.
"""

import json
import os
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from equigait.data.simulate import YardSpec, simulate_yard
from equigait.data.simulate.level import BEHAVIOURS
from equigait.pipeline.evaluation.metrics import calibration_error
from equigait.pipeline.extract_teacher import extract_teacher
from equigait.pipeline.inference.prediction import RecordingPrediction
from equigait.pipeline.inference.settings import PredictionSettings
from equigait.pipeline.inference.shipped_models import FIELD_STUDENT, SHIPPED, shipped_run
from equigait.pipeline.predict import predict
from equigait.pipeline.probe import probe
from equigait.pipeline.recipe import load_run_recipe

from .measure import Found, Limit

SEEDS = [int(seed) for seed in os.environ.get("PREDICT_FIELD_SEED", "77003,88011").split(",")]
UNSEEN = YardSpec(difficulty="field", horses=12, seconds=180.0, seed=SEEDS[0], film=False)
"""Of the first seed; the others are alike."""
RESTING = UNSEEN.model_copy(update={"horses": 4, "first_horse": 100, "behaviours": ("stand", "graze")})
TEACHING = UNSEEN.model_copy(update={"horses": 40, "first_horse": 200})
"""Teaches a probe that knows no tolt, upon the student that is shipped."""
STEP_SECONDS = 0.05
PURITY = 0.8
"""Share of a window that one behaviour fills, for the window to have a true label."""
ORDINARY = 0.95
"""Windows rarer than this share of ordinary ones are unknown in the figure of the tolt."""

Bouts = list[tuple[float, float, str]]


@dataclass(frozen=True)
class Told:
    """One recording: what was predicted, and what the horse did."""

    prediction: RecordingPrediction | None
    """None where the recording was refused."""
    truth: Bouts

    def right(self) -> tuple[float, float]:
        """Seconds told right, and seconds of known behaviour that sensors recorded; all of them of a refused one."""
        if self.prediction is None:
            return 0.0, sum(stop - start for start, stop, _ in self.truth)
        timeline = self.prediction.timeline
        times = np.arange(timeline.start_seconds[0], timeline.stop_seconds[-1], STEP_SECONDS)
        true, told = _labels_at(times, self.truth), _labels_at(times, _spans(self.prediction))
        return STEP_SECONDS * float((true == told)[true != ""].sum()), STEP_SECONDS * float((true != "").sum())

    def edge_errors(self) -> list[float]:
        """From each true change to the nearest one predicted; 60 s where there is none."""
        if self.prediction is None:
            return []
        spans, timeline = _spans(self.prediction), self.prediction.timeline
        told = np.array([start for start, _, _ in spans[1:]])
        true = [(before[1] + after[0]) / 2 for before, after in zip(self.truth, self.truth[1:], strict=False)]
        seen = [at for at in true if timeline.start_seconds[0] < at < timeline.stop_seconds[-1]]
        return [float(np.abs(told - at).min()) if len(told) else 60.0 for at in seen]


def _spans(prediction: RecordingPrediction) -> Bouts:
    return [(bout.start_seconds, bout.stop_seconds, bout.label) for bout in prediction.bouts]


def _labels_at(times: np.ndarray, bouts: Bouts) -> np.ndarray:
    labels = np.full(len(times), "", dtype="<U20")
    for start, stop, label in bouts:
        labels[(times >= start) & (times < stop)] = label
    return labels


def window_truth(told: Told) -> np.ndarray:
    """The label that fills each window of a prediction; empty where none does."""
    assert told.prediction is not None
    timeline = told.prediction.timeline
    labels = np.full(len(timeline.valid), "", dtype="<U20")
    needed = PURITY * (timeline.stop_seconds - timeline.start_seconds)
    for start, stop, label in told.truth:
        inside = np.minimum(timeline.stop_seconds, stop) - np.maximum(timeline.start_seconds, start)
        labels[inside >= needed] = label
    return np.where(timeline.valid, labels, "")


def tell(spec: YardSpec, *, run: Path, unknown_above: float = PredictionSettings.unknown_above) -> list[Told]:
    """What a run predicts of a yard, recording by recording."""
    with tempfile.TemporaryDirectory(prefix="equigait-bench-") as name:
        yard = Path(name) / "yard"
        manifests = simulate_yard(yard, spec=spec)
        settings = PredictionSettings(unknown_above=unknown_above)
        found = predict(yard, run=run, out=Path(name) / "out", allow_missing=True, settings=settings).predicted
        by_id = {each.timeline.recording: each for each in found}
        ids = [path.parent.name for path in manifests]
        return [Told(by_id.get(each), _truth(yard / "truth" / f"{each}.json")) for each in ids]


def _truth(path: Path) -> Bouts:
    bouts = json.loads(path.read_text())["bouts"]
    return [(bout["start_seconds"], bout["stop_seconds"], bout["label"]) for bout in bouts]


@cache
def unseen() -> list[Told]:
    """Twelve horses of each seed by the shipped student."""
    yards = [UNSEEN.model_copy(update={"seed": seed}) for seed in SEEDS]
    return [told for yard in yards for told in tell(yard, run=shipped_run(FIELD_STUDENT))]


def time_right() -> Found:
    """The share of time told right."""
    each = [told.right() for told in unseen()]
    right, whole = np.sum(each, axis=0)
    shares = sorted(round(a / b, 3) for a, b in each)
    refused = sum(told.prediction is None for told in unseen())
    return Found(float(right / whole), 0.95, {"by horse": shares, "refused": refused, "minutes": whole / 60})


def edges() -> Found:
    """The median error of changes."""
    errors = [error for told in unseen() for error in told.edge_errors()]
    return Found(float(np.median(errors)), 1.0, {"changes": len(errors), "p90": float(np.quantile(errors, 0.9))})


def calibration() -> Found:
    """The calibration error of windows that one behaviour fills."""
    used = [told for told in unseen() if told.prediction is not None]
    truth = np.concatenate([window_truth(told) for told in used])
    timelines = [told.prediction.timeline for told in used if told.prediction is not None]
    probability, classes = np.concatenate([each.probability for each in timelines]), timelines[0].classes
    known = truth != ""
    index = np.array([classes.index(label) for label in truth[known]])
    accuracy = float((probability[known].argmax(axis=1) == index).mean())
    error = calibration_error(probability[known], truth=index)
    return Found(error, 0.05, {"windows": int(known.sum()), "accuracy of windows": accuracy})


def walk_of_resting_horses() -> Found:
    """The share of walk on recordings of horses that stand and graze."""
    told = [each.prediction for each in tell(RESTING, run=shipped_run(FIELD_STUDENT)) if each.prediction is not None]
    seconds: dict[str, float] = {}
    for bout in (bout for each in told for bout in each.bouts):
        seconds[bout.label] = seconds.get(bout.label, 0.0) + bout.seconds
    whole = sum(seconds.values())
    return Found(seconds.get("walk", 0.0) / whole, 0.02, {label: part / whole for label, part in seconds.items()})


@cache
def without_tolt() -> dict[str, float]:
    """Shares of windows unknown, of tolt and of all else, by a probe that never saw a tolt."""
    with tempfile.TemporaryDirectory(prefix="equigait-bench-") as name:
        run, yard, store = Path(name) / "run", Path(name) / "yard", Path(name) / "cache"
        shutil.copytree(SHIPPED[FIELD_STUDENT], run)
        simulate_yard(yard, spec=TEACHING)
        extract_teacher(yard, cache=store, recipe=load_run_recipe(run))
        classes = ", ".join(each for each in BEHAVIOURS if each != "tolt")
        probe(store, run=run, overrides=[f"probe.classes=[{classes}]"])
        used = [each for each in tell(UNSEEN, run=run, unknown_above=ORDINARY) if each.prediction is not None]
    truth = np.concatenate([window_truth(told) for told in used])
    novelty = np.concatenate([told.prediction.timeline.novelty for told in used if told.prediction is not None])
    known, tolt = (truth != "") & (truth != "tolt"), truth == "tolt"
    at_five = np.quantile(novelty[known], 0.95)
    return {
        "tolt unknown": float((novelty[tolt] > ORDINARY).mean()),
        "false unknowns": float((novelty[known] > ORDINARY).mean()),
        "tolt unknown at 5 % false unknowns": float((novelty[tolt] > at_five).mean()),
        "windows of tolt": float(tolt.sum()),
    }


def _tolt(figure: str, *, held_to: float) -> Callable[[], Found]:
    return lambda: Found(without_tolt()[figure], held_to, dict(without_tolt()))


NOTE = "24 horses of two field yards, 180 s each, sensors alone; what sensors did not record does not count."
LEFT_OUT = "The probe was fitted without windows of tolt; the films that taught the student held some, without a label."
BENCHES = {
    "predict-field-time": Limit("share of time told right, stand and all else", "share", time_right, True, NOTE),
    "predict-field-edges": Limit("median error of changes of behaviour", "s", edges, False, NOTE),
    "predict-field-calibration": Limit("expected calibration error of windows", "ECE", calibration, False, NOTE),
    "predict-field-resting": Limit("share of walk while horses stand and graze", "share", walk_of_resting_horses),
    "predict-field-tolt": Limit(
        "share of tolt windows unknown, tolt left out", "share", _tolt("tolt unknown", held_to=0.9), True, LEFT_OUT
    ),
    "predict-field-false-unknowns": Limit(
        "share of other windows unknown, tolt left out", "share", _tolt("false unknowns", held_to=0.05), False, LEFT_OUT
    ),
}
