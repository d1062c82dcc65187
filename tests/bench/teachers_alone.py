"""`EQUIGAIT_REAL_DATA=DIR python -m tests.bench.teachers_alone`: what teachers know alone, and random weights.

A linear classifier on each window's film feature, without any sensor; each subject left out in turn. UTD-MHAD: depth
films of three subjects, of the actions and trials that are asked for (all 27 and all 4, unless `--actions 1 4 7` or
`--trials 1` says less). Derived horses: stick figures of 22 clips, three gaits. Every teacher stands beside the same
network at random initialisation, seed 0.

A network with batch normalisation needs statistics even then. At mean 0 and variance 1, which modules are made with,
nothing is normalised: with torch's own initialisation EfficientNet's signal shrinks tenfold in every block that changes
its width (deviation 0.34 after the stem, 4e-8 after the last block), and all features are alike. So its random weights
keep the variance (He et al. 2015, by fans out), and its statistics are taken from frames of the films that it is shown.

Writes `runs/bench/teachers-alone.json`, and goes on where it was stopped.
"""

import argparse
import json
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
import numpy as np
import torch
from equigait.data.importers import import_dataset
from equigait.data.importers.utd_mhad import ACTIONS
from equigait.data.video.pixels import Picture
from equigait.pipeline.datasets.loading import load_windows
from equigait.pipeline.extract_teacher import extract_teacher
from equigait.pipeline.leave_one_out import leave_one_out
from equigait.pipeline.recipe import Recipe, load_recipe
from equigait.pipeline.teachers.efficientnet_lite import EfficientNetLite0
from equigait.pipeline.teachers.efficientnet_teacher import PREPROCESSING
from equigait.pipeline.teachers.resize_center_crop import resize_center_crop
from equigait.pipeline.teachers.snapshot import CONFIG_FILE, DEMO_FOLDER, PREPROCESSOR_FILE, WEIGHTS_FILE
from safetensors.torch import save_file
from torch import nn

sys.path.insert(0, str(Path(__file__).parents[1] / "real"))  # the tests' own modules, as under pytest

import derived_horses

OUT = Path("runs/bench/teachers-alone.json")
FOLDER = Path("runs/bench/teachers-alone")
TEACHERS = ("videomae-demo", "efficientnet-lite0")
SEED, BATCHES, BATCH = 0, 8, 32
"""Of random weights; batches of frames for the statistics of batch normalisation, which are averaged."""


@dataclass(frozen=True)
class DataSet:
    """Recordings with film, and the recipe that fits them."""

    config: str
    """Name of the recipe."""
    folder: Path
    """Where recordings and caches are kept."""
    record: Callable[[Path], object]
    """Writes the recordings."""
    overrides: tuple[str, ...] = ()
    """Settings laid over the recipe."""


def utd_mhad(source: Path, out: Path, *, actions: list[int], trials: list[int]) -> None:
    """Recordings of these trials of these actions, by number, of subjects 1, 3 and 5."""
    chosen = out.parent / "chosen"
    chosen.mkdir(parents=True, exist_ok=True)
    for path in (p for a in actions for t in trials for p in source.glob(f"utd_mhad/*/a{a}_s*_t{t}_*.mat")):
        (chosen / path.name).unlink(missing_ok=True)
        (chosen / path.name).symlink_to(path.resolve())
    import_dataset(chosen, kind="utd-mhad", out=out)


def random_videomae(folder: Path, _films: list[Path]) -> None:
    """The demo's network with the weights that transformers begins with; tokens are normalised without statistics."""
    from transformers import VideoMAEConfig, VideoMAEModel

    torch.manual_seed(SEED)
    config = VideoMAEConfig.from_pretrained(DEMO_FOLDER)
    network = VideoMAEModel(config)
    network.feature_head = nn.Linear(config.hidden_size, config.feature_head)
    network.save_pretrained(folder)
    shutil.copy(DEMO_FOLDER / CONFIG_FILE, folder)
    shutil.copy(DEMO_FOLDER / PREPROCESSOR_FILE, folder)


def random_efficientnet(folder: Path, films: list[Path]) -> None:
    """EfficientNet-Lite0 with random weights that keep the variance, and with the statistics of these films."""
    torch.manual_seed(SEED)
    network = EfficientNetLite0()
    for module in network.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
        elif isinstance(module, nn.BatchNorm2d):
            module.momentum = None  # the plain mean over batches
    network.train()
    with torch.no_grad():
        for batch in normalised_batches(films):
            network(batch)
    folder.mkdir(parents=True, exist_ok=True)
    save_file({key: value.contiguous() for key, value in network.state_dict().items()}, folder / WEIGHTS_FILE)


RANDOM: dict[str, Callable[[Path, list[Path]], None]] = {
    "videomae-demo": random_videomae,
    "efficientnet-lite0": random_efficientnet,
}


def normalised_batches(films: list[Path]) -> Iterator[torch.Tensor]:
    """Frames as the network is shown them, from films drawn at random: the same number of each."""
    rng = np.random.default_rng(SEED)
    mean, std = (torch.tensor(values)[:, None, None] for values in (PREPROCESSING.mean, PREPROCESSING.std))
    for _ in range(BATCHES):
        shown = [_frame(films[int(each)], rng=rng) for each in rng.integers(len(films), size=BATCH)]
        yield (torch.from_numpy(np.stack(shown)).float() / 255 - mean) / std


def _frame(film: Path, *, rng: np.random.Generator) -> np.ndarray:
    with av.open(film) as opened:
        frames = [frame.to_ndarray(format="rgb24") for frame in opened.decode(video=0)]
    return resize_center_crop(Picture.of_rgb(frames[int(rng.integers(len(frames)))]), preprocessing=PREPROCESSING)


def spread_of(cache: Path, *, recipe: Recipe) -> float:
    """How much films differ: the root mean square deviation of features from their mean, over the mean's length."""
    film = load_windows(cache, settings=recipe).filmed().film[:].double()
    return float((film - film.mean(0)).square().sum(1).mean().sqrt() / film.mean(0).norm())


def row(name: str, recordings: Path, *, data: DataSet, weights: Path | None) -> dict[str, Any]:
    """Phase one with this teacher, and how it scores by itself."""
    settings = [f"teacher.name={name}", "teacher.device=cpu", *([f"teacher.weights={weights}"] if weights else [])]
    recipe = load_recipe(data.config, overrides=[*settings, *data.overrides])
    cache = recordings.parent / f"{'random-' if weights else ''}{name}"
    failed = extract_teacher(recordings, cache=cache, recipe=recipe).failed
    found = leave_one_out(cache, recipe=recipe, methods=("teacher",))
    scores = found.methods["teacher"]
    return {
        "teacher": name,
        "weights": "random" if weights else "trained",
        "macro_f1": scores.macro_f1,
        "interval": scores.intervals["macro_f1"],
        "each": {horse: fold.macro_f1 for horse, fold in scores.per_horse.items()},
        "windows": found.n_windows,
        "spread": spread_of(cache, recipe=recipe),
        "failed": [str(each) for each in failed],
    }


def rows_of(data: DataSet) -> Iterator[dict[str, Any]]:
    """Each teacher on a set's recordings, then its network at random."""
    recordings, recorded = data.folder / "recordings", data.folder / "recorded"
    if not recorded.exists():
        recordings.mkdir(parents=True, exist_ok=True)
        data.record(recordings)
        recorded.touch()
    films = sorted(recordings.rglob("*.mp4"))
    for teacher in TEACHERS:
        folder = recordings.parent / f"weights-{teacher}"
        if not (folder / WEIGHTS_FILE).is_file():
            RANDOM[teacher](folder, films)
        for weights in (None, folder):
            yield {"data": data.config, **row(teacher, recordings, data=data, weights=weights)}


def main() -> None:
    """Both sets, and the file of results."""
    parser = argparse.ArgumentParser(description="What teachers know alone.")
    parser.add_argument("--actions", type=int, nargs="+", default=list(range(1, 28)), help="Of UTD-MHAD, by number.")
    parser.add_argument("--trials", type=int, nargs="+", default=[1, 2, 3, 4], help="Of UTD-MHAD.")
    asked, source = parser.parse_args(), Path(os.environ["EQUIGAIT_REAL_DATA"])
    chosen = [ACTIONS[number - 1] for number in asked.actions]
    sets = (
        DataSet(
            "utd-mhad",
            FOLDER / "-".join(["utd-mhad", *map(str, asked.actions), "trials", *map(str, asked.trials)]),
            lambda out: utd_mhad(source, out, actions=asked.actions, trials=asked.trials),
            (f"probe.classes=[{', '.join(chosen)}]",),
        ),
        DataSet(
            "derived-horses",
            FOLDER / "derived-horses",
            lambda out: derived_horses.build(source / "horse_keypoints", out),
        ),
    )
    rows = []
    for found in (each for data in sets for each in rows_of(data)):
        rows.append(found)
        low, high = found["interval"]
        facts = f"{found['macro_f1']:.3f} ({low:.3f} to {high:.3f}), spread {found['spread']:.3g}"
        print(found["data"], found["teacher"], found["weights"], facts, f"{found['windows']} windows", flush=True)
        OUT.write_text(json.dumps({"actions": chosen, "trials": asked.trials, "rows": rows}, indent=1) + "\n")


if __name__ == "__main__":
    main()
