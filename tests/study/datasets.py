"""The data sets of the study: how each is made or imported, and what its windows are."""

import json
import os
import shutil
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

from equigait.cache.fingerprint import json_digest
from equigait.data.errors import BadInput
from equigait.data.files import write_atomically
from equigait.data.importers import import_dataset
from equigait.data.simulate import YardSpec, simulate_yard
from equigait.pipeline.datasets.loading import load_windows
from equigait.pipeline.datasets.window_dataset import WindowDataset
from equigait.pipeline.extract_teacher import extract_teacher
from equigait.pipeline.recipe import Recipe, load_recipe

from .phone import CENTAUR_RECIPE, phone_corpus

sys.path.insert(0, str(Path(__file__).parents[1] / "real"))  # the tests' own modules, as under pytest

import derived_horses

REAL_DATA = "EQUIGAIT_REAL_DATA"
DEMO_TEACHER = "teacher.name=videomae-demo"
TAUGHT = YardSpec(
    horses=20,
    seconds=180.0,  # long enough to take ten windows of each gait from one horse
    seed=2030,  # and up, used for nothing else: no setting was chosen on these yards
    noise_scale=3.0,
    mount_sd_degrees=45.0,
    imu_rate_hz=(100.0, 120.0),
    coats=("bay", "chestnut", "black"),
    camera_variety=0.7,
)
"""Horses to learn from: noisy sensors of one product at almost any angle, dark coats, a steady camera."""
UNSEEN = YardSpec(
    horses=10,
    first_horse=20,
    seconds=60.0,
    seed=2030,
    noise_scale=4.5,
    mount_sd_degrees=45.0,
    imu_rate_hz=(150.0, 200.0),
    coats=("grey", "dun", "palomino"),
    camera_variety=1.3,
)
"""Other horses at another place: noisier sensors of another rate, light coats, a livelier camera."""
NOTHING: Mapping[str, float] = MappingProxyType({})
UNSEEN_NAMES = ", ".join(f"h{number:03d}" for number in range(20, 30))


class UnavailableError(Exception):
    """Recordings that are not on this machine: says which, and how to get them."""


@dataclass(frozen=True)
class DataSet:
    """Windows to learn from and to be scored on."""

    what: str
    """In a few words, for tables."""
    protocol: Literal["split", "leave-one-out"]
    """Scored on the test horses of the recipe's split, or each horse in turn."""
    config: str
    """The configuration that fits it."""
    overrides: tuple[str, ...] = ()
    """Settings laid over it, for every contender alike."""
    source: str | None = None
    """Folder below EQUIGAIT_REAL_DATA that it comes from; None makes it here."""
    record: Callable[[Path, Path], object] | None = None
    """Takes source and out, and writes recordings; None where `corpus` reads the source itself."""
    corpus: Callable[[Path], WindowDataset] | None = None
    """Takes the source to windows in memory."""
    made_from: dict[str, Any] = field(default_factory=dict)
    """What the recordings depend on beside the source."""
    shares: str | None = None
    """Data set whose recordings and cache it scores in another way."""
    by_seed: Callable[[int], "DataSet"] | None = None
    """Takes a cell's seed to recordings of its own; None where all seeds share these, which then are those of 0."""
    queue: int = 128
    """Film embeddings in the queue of objectives that have one: below the training windows of every fold."""

    def recipe(self, *overrides: str) -> Recipe:
        """The recipe of a contender's settings on this data set."""
        return load_recipe(self.config, overrides=[*self.overrides, *overrides])


def _yards(what: str, *, shots: int = 10, shares: str | None = None) -> DataSet:
    """Another yard for every seed: one yard's ten unseen horses say little about the next ones."""

    def by_seed(seed: int) -> DataSet:
        drawn = {"seed": TAUGHT.seed + seed}
        return replace(_yard(what, taught=drawn, unseen=drawn, shots=shots), shares=shares)

    return replace(by_seed(0), by_seed=by_seed)


def _yard(
    what: str, *, taught: Mapping[str, float] = NOTHING, unseen: Mapping[str, float] = NOTHING, shots: int = 10
) -> DataSet:
    """The simulated yard with these changes, and so many labelled windows a gait where they are few."""
    specs = TAUGHT.model_copy(update=dict(taught)), UNSEEN.model_copy(update=dict(unseen))

    def record(_: Path, out: Path) -> None:
        for spec in specs:
            simulate_yard(out, spec=spec)

    return DataSet(
        what=f"simulated yard, {what}, 20 horses to learn from, 10 unseen with domain shift",
        protocol="split",
        config="demo",
        overrides=("split.validation=[]", f"split.test=[{UNSEEN_NAMES}]", f"evaluate.few_shot.shots=[{shots}]"),
        record=record,
        made_from={name: spec.model_dump(mode="json") for name, spec in zip(("taught", "unseen"), specs, strict=True)},
    )


def _short_yard(what: str, *, seed: int, taught: Mapping[str, float], unseen: Mapping[str, float]) -> DataSet:
    """A yard of rides so short that ten windows of each gait come from several horses."""
    return _yard(
        f"rides of a minute, {what}",
        taught={"seconds": 60.0, "seed": seed, **taught},
        unseen={"seed": seed, **unseen},
    )


def _utd_mhad(*taught: int, unseen: int, shares: str | None = None) -> DataSet:
    first, second = taught
    return DataSet(
        what=f"UTD-MHAD, people, 27 actions, one unit, depth film; subjects {first} and {second} teach, {unseen} is "
        "unseen",
        protocol="split",
        config="utd-mhad",
        overrides=(
            DEMO_TEACHER,
            f"split.train=[s{first}, s{second}]",
            "split.validation=[]",
            f"split.test=[s{unseen}]",
        ),
        source="utd_mhad",
        record=lambda source, out: import_dataset(source, kind="utd-mhad", out=out),
        shares=shares,
        queue=256,
    )


LITTLE_TRAINING = ("evaluate.supervised.steps=200", "evaluate.supervised.batch=32")
"""From scratch within each of many folds."""
SMALL_STUDENT = "student={width: 128, layers: 2, heads: 4, dropout: 0.2}"

DATA: dict[str, DataSet] = {
    "yard": _yards(
        "another for every seed, rides of three minutes, noisy sensors at almost any angle (45 degrees of spread about "
        "each axis)"
    ),
    "yard-one-label": _yards("the yards of `yard`, one labelled window a gait", shares="yard", shots=1),
    "yard-again": _yard("the same with other horses", taught={"seed": 2029}, unseen={"seed": 2029}),
    "yard-any-angle": _short_yard(
        "noisy sensors at any angle (60 degrees)",
        seed=2028,
        taught={"mount_sd_degrees": 60.0},
        unseen={"mount_sd_degrees": 60.0},
    ),
    "yard-turned": _short_yard("noisy sensors at almost any angle (45 degrees)", seed=2027, taught={}, unseen={}),
    "yard-quiet": _short_yard(
        "better sensors, mounted with more care (30 degrees; 45 for the unseen)",
        seed=2026,
        taught={"mount_sd_degrees": 30.0, "noise_scale": 1.0},
        unseen={"noise_scale": 3.0},
    ),
    "utd-mhad": _utd_mhad(1, 3, unseen=5),
    "utd-mhad-s1": _utd_mhad(3, 5, unseen=1, shares="utd-mhad"),
    "utd-mhad-s3": _utd_mhad(1, 5, unseen=3, shares="utd-mhad"),
    "hugadb": DataSet(
        what="HuGaDB, people, {walk, run, up}, five leg units, no film; subjects 02, 09, 14, each left out in turn",
        protocol="leave-one-out",
        config="hugadb",
        overrides=(*LITTLE_TRAINING, SMALL_STUDENT, "split.validation=[]", "train.steps=300", "train.batch=128"),
        source="hugadb_6imu",
        record=lambda source, out: import_dataset(source, kind="hugadb", out=out),
    ),
    "derived-horses": DataSet(
        what="derived horses: keypoint tracks of 22 clips as stick-figure films and virtual IMUs, each clip left out",
        protocol="leave-one-out",
        config="derived-horses",
        overrides=(DEMO_TEACHER, *LITTLE_TRAINING),
        source="horse_keypoints",
        record=lambda source, out: derived_horses.build(source, out),
        queue=64,
    ),
    "centaur-phone": DataSet(
        what="centaur, a ridden horse's phone, 3 axes without gravity, each file left out, the lone walk by halves",
        protocol="leave-one-out",
        config="default",
        overrides=CENTAUR_RECIPE,
        source="horse_imu_centaur/phone",
        corpus=phone_corpus,
    ),
}


def data_set(name: str, *, seed: int) -> DataSet:
    """The data set of this name as cells of this seed see it."""
    data = DATA[name]
    return data.by_seed(seed) if data.by_seed else data


def source_of(data: DataSet) -> Path:
    """Where the data set comes from; refused when it is not there."""
    if data.source is None:
        return Path()
    folder = os.environ.get(REAL_DATA)
    if folder is None:
        raise UnavailableError(f"{REAL_DATA} names no folder of real recordings")
    if not (Path(folder) / data.source).is_dir():
        raise UnavailableError(f"there is no {data.source} in the folder that {REAL_DATA} names")
    return Path(folder) / data.source


def content_of(data: DataSet) -> dict[str, Any]:
    """What the windows and films depend on: another content is prepared anew."""
    recipe = data.recipe().model_dump(mode="json")
    return {"made_from": data.made_from, **{name: recipe[name] for name in ("grid", "windows", "clips", "teacher")}}


def prepare(name: str, *, seed: int, root: Path) -> Path:
    """Recordings and cache of a data set below `root`, made once; gives the cache."""
    data = data_set(name, seed=seed)
    whose = data.shares or name
    folder = root / "data" / (f"{whose}-{seed}" if DATA[name].by_seed and seed else whose)
    seal, cache, content = folder / "prepared.json", folder / "cache", content_of(data)
    if data.record is None or (seal.exists() and json.loads(seal.read_text()) == {"digest": json_digest(content)}):
        return cache
    source, recordings = source_of(data), folder / "recordings"
    shutil.rmtree(recordings, ignore_errors=True)  # half a yard of a killed study
    recordings.mkdir(parents=True)
    data.record(source, recordings)
    failed = extract_teacher(recordings, cache=cache, recipe=data.recipe()).failed
    if failed:
        raise BadInput(
            recordings,
            found="; ".join(f"{recording}: {reason}" for recording, reason in failed),
            expected="recordings that phase one takes, every one of them",
            remedy="See to what it says, then ask again: figures of fewer horses would be other figures.",
        )
    write_atomically(seal, json.dumps({"digest": json_digest(content)}))
    return cache


def windows_of(name: str, *, seed: int, root: Path, recipe: Recipe) -> WindowDataset:
    """All windows of a data set, in memory."""
    data = data_set(name, seed=seed)
    if data.corpus is not None:
        return data.corpus(source_of(data))
    return load_windows(prepare(name, seed=seed, root=root), settings=recipe)
