"""One window through an exported model on one core: how long it takes, and whether it tells what the run tells.

Of the student that comes with the package, on horses of a field yard that nothing was learned from; of another run
where EQUIGAIT_BENCH_RUN and EQUIGAIT_BENCH_CACHE name it and its cache. What was done to reach the figures was chosen
on the yard of another seed (`ONNX_SEED=9101`).
"""

import atexit
import os
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from equigait.data.simulate import YardSpec, simulate_yard
from equigait.pipeline.evaluation.metrics import confusion_matrix, macro_f1
from equigait.pipeline.export import export
from equigait.pipeline.extract_teacher import extract_teacher
from equigait.pipeline.inference.onnx_export import Precision
from equigait.pipeline.inference.shipped_models import FIELD_STUDENT, shipped_run
from equigait.pipeline.probing.inputs import probe_inputs
from equigait.pipeline.probing.probe_file import load_probe
from equigait.pipeline.probing.student_probe import network_of
from equigait.pipeline.recipe import load_run_recipe
from equigait.pipeline.students.embedding import embed

from .measure import Found, Limit, UnavailableError

SEED = int(os.environ.get("ONNX_SEED", "77003"))
UNSEEN = YardSpec(difficulty="field", horses=12, seconds=180.0, seed=SEED, film=False)
REPEATS = 1000
ALLOWED_MS: dict[Precision, float] = {"float32": 2.5, "int8": 1.0}


@cache
def session(precision: Precision) -> object:
    """The exported model of the run, on one thread."""
    import onnxruntime

    run, cached = _run()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    with tempfile.TemporaryDirectory(prefix="equigait-bench-") as folder:
        export(cached, run=run, out=Path(folder) / "model.onnx", precision=precision)
        data = (Path(folder) / "model.onnx").read_bytes()
    return onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])


@cache
def windows() -> tuple[np.ndarray, np.ndarray, np.ndarray, int]:
    """Windows of horses that taught neither student nor probe, their labels, the run's probabilities, its classes."""
    run, cached = _run()
    classifier, recipe = load_probe(run), load_run_recipe(run)
    inputs = probe_inputs(cached, run=run, settings=recipe)
    taught = () if run == shipped_run(FIELD_STUDENT) else inputs.split.train  # of its own cache, if not shipped
    parts = [inputs.parts.train, inputs.parts.validation, inputs.parts.test]
    parts = [part for part in parts if len(part) and not set(part.horse) & set(taught)]
    imu = np.concatenate([part.imu[:].numpy() for part in parts])
    network = network_of(inputs.model.student, classifier=classifier, rate_hz=recipe.grid.rate_hz)
    told = np.concatenate([classifier.probabilities(embed(network, part.imu)) for part in parts])
    return imu, np.concatenate([part.label for part in parts]), told, len(classifier.classes)


def milliseconds(precision: Precision) -> Callable[[], Found]:
    """The median time of one window."""

    def measure() -> Found:
        model, one = session(precision), windows()[0][:1]
        seconds, cpu = [], time.thread_time()
        for _ in range(REPEATS):
            begun = time.perf_counter()
            model.run(["probabilities"], {"imu": one})  # type: ignore[attr-defined]  # onnxruntime has no types
            seconds.append(time.perf_counter() - begun)
        facts = {"cpu_ms": 1000 * (time.thread_time() - cpu) / REPEATS, "fastest_ms": 1000 * min(seconds)}
        facts["p10_ms"] = 1000 * float(np.quantile(seconds, 0.1))
        return Found(1000 * statistics.median(seconds), ALLOWED_MS[precision], dict(facts))

    return measure


def agreement() -> Found:
    """The share of windows of which float32 names the same gait as the run."""
    imu, _, told, _ = windows()
    same = _probabilities("float32", imu).argmax(axis=1) == told.argmax(axis=1)
    return Found(float(same.mean()), 0.999, {"windows": len(imu)})


def lost_points() -> Found:
    """By how many points of macro-F1 int8 is below the run."""
    imu, label, told, classes = windows()
    scores = [
        100 * float(macro_f1(confusion_matrix(label, predicted=each.argmax(axis=1), classes=classes)))
        for each in (told, _probabilities("int8", imu))
    ]
    return Found(scores[0] - scores[1], 0.5, {"windows": len(imu), "run": scores[0], "int8": scores[1]})


def _probabilities(precision: Precision, imu: np.ndarray) -> np.ndarray:
    model = session(precision)
    found: np.ndarray = model.run(["probabilities"], {"imu": imu})[0]  # type: ignore[attr-defined]  # no types
    return found


@cache
def _run() -> tuple[Path, Path]:
    if not find_spec("onnxruntime"):
        raise UnavailableError("onnxruntime is not there: pip install 'equigait[export]'")
    run, cached = (os.environ.get(f"EQUIGAIT_BENCH_{name}") for name in ("RUN", "CACHE"))
    if run and cached:
        return Path(run), Path(cached)
    shipped, folder = shipped_run(FIELD_STUDENT), Path(tempfile.mkdtemp(prefix="equigait-bench-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    simulate_yard(folder / "yard", spec=UNSEEN)
    extract_teacher(folder / "yard", cache=folder / "cache", recipe=load_run_recipe(shipped))
    return shipped, folder / "cache"


NOTE = "Windows of horses that neither student nor probe has learned from; one after another, on one thread."
BENCHES = {
    "onnx-window": Limit("median time of one window, float32, one core", "ms", milliseconds("float32"), note=NOTE),
    "onnx-window-int8": Limit("median time of one window, int8, one core", "ms", milliseconds("int8"), note=NOTE),
    "onnx-agreement": Limit(
        "share of windows of which float32 names the run's gait", "share", agreement, at_least=True, note=NOTE
    ),
    "onnx-int8-loss": Limit("macro-F1 that int8 loses", "points", lost_points, note=NOTE),
}
