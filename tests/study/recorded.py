"""Recordings that the study makes or imports, phase one upon them, and their windows: each made once below the root."""

import json
import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
from equigait.cache.fingerprint import json_digest
from equigait.data.errors import BadInput
from equigait.data.files import file_digest, write_atomically
from equigait.data.importers import import_dataset
from equigait.data.simulate import YardSpec, simulate_yard
from equigait.pipeline.datasets.loading import load_windows
from equigait.pipeline.datasets.window_dataset import WindowDataset
from equigait.pipeline.extract_teacher import extract_teacher
from equigait.pipeline.recipe import Recipe, load_recipe
from equigait.pipeline.teachers.snapshot import DEMO_FOLDER

sys.path.insert(0, str(Path(__file__).parents[1] / "real"))  # the tests' own modules, as under pytest

import derived_horses

REAL_DATA = "EQUIGAIT_REAL_DATA"
FOLDERS = {"utd-mhad": "utd_mhad", "hugadb": "hugadb_6imu", "derived-horses": "horse_keypoints"}
"""Below the folder of real recordings."""


class UnavailableError(Exception):
    """Recordings that are not on this machine: says which, and how to get them."""


def real_data(folder: str) -> Path:
    """A folder of the real recordings; refused when it is not there."""
    root = os.environ.get(REAL_DATA)
    if root is None:
        raise UnavailableError(f"{REAL_DATA} names no folder of real recordings")
    if not (Path(root) / folder).is_dir():
        raise UnavailableError(f"there is no {folder} in the folder that {REAL_DATA} names")
    return Path(root) / folder


@cache
def shipped_teacher() -> str:
    """SHA-256 of the weights that come with the package."""
    return file_digest(DEMO_FOLDER / "model.safetensors")


def yard(root: Path, spec: YardSpec, *, seed: int, config: str) -> WindowDataset:
    """The windows of a simulated yard of this seed."""
    drawn = spec.model_copy(update={"seed": seed})
    return _windows(
        root / f"{config}-{seed}",
        record=lambda out: simulate_yard(out, spec=drawn),
        made_from=drawn.model_dump_json(),
        recipe=load_recipe(config),
    )


def imported(root: Path, name: str, *, teacher: str) -> WindowDataset:
    """The windows of a set of real recordings; of several teachers the recordings are the same."""
    source = real_data(FOLDERS[name])

    def record(out: Path) -> None:
        if name == "derived-horses":
            derived_horses.build(source, out)
        else:
            import_dataset(source, kind=name, out=out)

    overrides = [f"teacher.name={teacher}", "teacher.precision=float32"] if teacher else []
    recipe = load_recipe(name, overrides=overrides)
    return _windows(root / name, record=record, made_from=name, recipe=recipe)


def _windows(folder: Path, *, record: Callable[[Path], object], made_from: str, recipe: Recipe) -> WindowDataset:
    """All windows, after recording and phase one where these have not been done."""
    recordings = folder / "recordings"
    if not _done(folder / "recorded.json", made_from):
        shutil.rmtree(recordings, ignore_errors=True)  # half a yard of a killed study
        recordings.mkdir(parents=True)
        record(recordings)
        _seal(folder / "recorded.json", made_from)
    sections = recipe.model_dump_json(include={"grid", "windows", "clips", "teacher"}) + made_from + shipped_teacher()
    cache = folder / f"cache-{recipe.teacher.name}-{json_digest(sections)[:8]}"  # two teachers of a name never meet
    if not _done(cache.with_suffix(".json"), sections):
        failed = extract_teacher(recordings, cache=cache, recipe=recipe).failed
        if failed:
            found = "; ".join(f"{recording}: {reason}" for recording, reason in failed)
            expected, remedy = "recordings that phase one takes, every one", "Figures of fewer horses would be others."
            raise BadInput(recordings, found=found, expected=expected, remedy=remedy)
        _seal(cache.with_suffix(".json"), sections)
    return load_windows(cache, settings=recipe)


def _done(seal: Path, made_from: str) -> bool:
    return seal.exists() and json.loads(seal.read_text()) == {"digest": json_digest(made_from)}


def _seal(seal: Path, made_from: str) -> None:
    write_atomically(seal, json.dumps({"digest": json_digest(made_from)}))


def merged_leads(windows: WindowDataset) -> WindowDataset:
    """The same windows with `canter` in the place of `canter-left` and `canter-right`."""
    names = [name.partition("-")[0] if name.startswith("canter") else name for name in windows.classes]
    classes = tuple(dict.fromkeys(names))
    number = np.array([classes.index(name) for name in names])
    label = np.where(windows.label >= 0, number[np.maximum(windows.label, 0)], windows.label).astype(np.int64)
    return replace(windows, label=label, classes=classes)


def derived_halves(windows: WindowDataset, part: str) -> tuple[str, ...]:
    """Half of each gait's clips, drawn by the number of the part: who is unseen."""
    rng, horse = np.random.default_rng(int(part)), np.array(windows.horse)
    clips = [np.unique(horse[windows.label == label]) for label in range(len(windows.classes))]
    return tuple(str(clip) for each in clips for clip in rng.permutation(each)[: len(each) // 2])
