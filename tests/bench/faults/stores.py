"""Faults of caches (each kind of object missing, cut off, flipped), of checkpoints and of runs."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

from .case import Fault, Plant
from .place import Place, cut, flipped, nothing, rewritten

WAYS: dict[str, Callable[[Path], object]] = {
    "missing": lambda file: file.unlink(),
    "cut off": lambda file: cut(file, 0.5),
    "flipped": lambda file: flipped(file, 0.5),
}
OBJECTS = (
    "man/*.json",
    "seg/**/imu/c/0/0",
    "seg/**/imu/zarr.json",
    "seg/**/clips/c/0/0",
    "seg/**/label/c/0",
    "seg/**/start_row/c/0",
)
"""Patterns of objects in a cache, one of each kind that counts."""


def _object(pattern: str, way: Callable[[Path], object]) -> Callable[[Place], object]:
    def plant(place: Place) -> None:
        kind, _, rest = pattern.partition("/")
        files = sorted(path for path in (place.rides / kind).rglob("*") if path.is_file())
        tail = rest.replace("**/", "").lstrip("*")
        way(next(path for path in files if str(path).endswith(tail)))

    return plant


def _run_file(name: str, way: Callable[[Path], object]) -> Callable[[Place], object]:
    return lambda place: way(place.run / name)


def _fault(area: str, name: str, plant: Plant, command: str, *words: str, codes: tuple[int, ...] = (1, 2, 3)) -> Fault:
    return Fault(area, name, plant, command, words, codes)


def _cache_faults() -> list[Fault]:
    found = []
    for pattern in OBJECTS:
        for way, spoil in WAYS.items():
            plant, name = _object(pattern, spoil), f"{pattern.replace('/**/', '/.../')} {way}"
            if pattern.startswith("man") and way == "missing":  # nothing tells it from a recording never committed
                found.append(_fault("caches", name, plant, "verify {rides}", "left over|orphan", codes=(0,)))
                continue
            found.append(_fault("caches", name, plant, "verify {rides}", "damaged|missing", "--repair", codes=(1,)))
            found.append(
                _fault(
                    "caches", f"{name}, to be probed", plant, "probe --cache {rides} --run {run}", "verify", "repair"
                )
            )
    return found


def _other_scores(place: Place) -> None:
    file = place.run / "scores.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | {"version": 1}))


def _empty_cache(place: Place) -> None:
    shutil.rmtree(place.rides)
    place.rides.mkdir()


def _file_for_run(place: Place) -> None:
    shutil.move(place.run / "recipe.yaml", place.root / "mine.yaml")
    shutil.rmtree(place.run)
    place.run.write_text("no folder")


PROBE, PREDICT = "probe --cache {rides} --run {run}", "predict {new} --run {run} --out {out}"
FAULTS = (
    *_cache_faults(),
    _fault(
        "caches",
        "a folder that is no cache",
        lambda p: shutil.rmtree(p.rides),
        "pretrain --cache {rides} --run {out} --config demo",
        "rides",
        "extract-teacher",
    ),
    _fault(
        "caches",
        "an empty folder, to be verified",
        _empty_cache,
        "verify {rides}",
        "rides",
    ),
    *(
        _fault(
            "checkpoints",
            f"checkpoint.safetensors {way}",
            _run_file("checkpoint.safetensors", spoil),
            PREDICT,
            r"checkpoint\.safetensors: found",
            "pretrain|probe",
        )
        for way, spoil in WAYS.items()
    ),
    *(
        _fault(
            "checkpoints",
            f"probe.safetensors {way}",
            _run_file("probe.safetensors", spoil),
            PREDICT,
            "probe",
            "equigait-cli probe|`probe`",
        )
        for way, spoil in WAYS.items()
    ),
    _fault(
        "checkpoints",
        "a pickle in place of a checkpoint",
        _run_file("checkpoint.safetensors", lambda f: f.write_bytes(b"\x80\x04\x95c__builtin__\nexec\n.")),
        PREDICT,
        r"checkpoint\.safetensors",
    ),
    _fault(
        "checkpoints",
        "a probe of another student",
        lambda p: shutil.copy(p.run / "probe.safetensors", p.run / "checkpoint.safetensors"),
        PREDICT,
        r"checkpoint\.safetensors",
    ),
    _fault("runs", "no such run", lambda p: shutil.rmtree(p.run), PREDICT, "run", "pretrain"),
    _fault(
        "runs",
        "recipe.yaml missing",
        _run_file("recipe.yaml", lambda f: f.unlink()),
        PREDICT,
        r"no recipe\.yaml",
        "pretrain",
    ),
    _fault(
        "runs",
        "recipe.yaml cut off",
        _run_file("recipe.yaml", lambda f: f.write_text("grid: [")),
        PREDICT,
        r"recipe\.yaml",
    ),
    _fault(
        "runs",
        "no scores, to be reported",
        _run_file("scores.json", lambda f: f.unlink()),
        "report --run {run}",
        r"scores\.json",
        "evaluate",
    ),
    _fault(
        "runs",
        "scores cut off",
        _run_file("scores.json", lambda f: cut(f, 0.5)),
        "report --run {run}",
        r"scores\.json",
        "evaluate",
    ),
    _fault("runs", "scores of another version", _other_scores, "report --run {run}", "version 1", "evaluate"),
    _fault(
        "runs",
        "train.jsonl cut off in mid-line",
        _run_file("train.jsonl", lambda f: cut(f, 0.7)),
        "report --run {run}",
        r"train\.jsonl|report: ",
        codes=(0, 2),
    ),
    _fault(
        "runs",
        "train.jsonl with a flipped bit",
        _run_file("train.jsonl", lambda f: f.write_bytes(b"\x00" + f.read_bytes()[1:])),
        "report --run {run}",
        r"train\.jsonl",
    ),
    _fault(
        "runs",
        "a file where the run should be",
        _file_for_run,
        "pretrain --cache {rides} --run {run} --config {root}/mine.yaml",
        "run",
        "found a file|folder",
    ),
    _fault(
        "runs",
        "a run resumed with another recipe",
        nothing,
        "pretrain --cache {rides} --run {run} --config default",
        "recipe|differ|against|other",
    ),
    _fault(
        "runs",
        "horses there that the run has learned from",
        lambda p: rewritten(p.run / "recipe.yaml", "test:\n  - h5\n  - h6", "test:\n  - h0"),
        PROBE,
        "learned from",
        "split.test",
    ),
    _fault("runs", "a run compared with itself", nothing, "compare {run} {run}", "twice"),
)
