"""Teaches `videomae-demo` to tell motion: the second stage, begun with the teacher that `train_demo` leaves.

    python -m tests.artifacts.teach_motion runs/videomae-demo/teacher runs/motion

The network sees clips of simulated yards, of stick figures of such horses, of random figures that stand upright. From
the mean of its tokens a linear layer tells the simulator's own truth of the motion (`motion_targets`): no behaviour's
name, no sensor. What it tells of a horse is the feature of a clip, and saved as the teacher's feature head. From each
token another layer tells how the film itself moves there: the log amplitude spectra of `train_demo`, in the manner of
MaskFeat (Wei et al., 2022, arXiv 2112.09133). In all but the last steps half of the tubes are left out: it is faster,
and nothing in a clip may be relied on. All layers begin as ridge regressions on the start's own features, so that the
first steps do not spoil it.

Killed, it goes on from its last save when called again.
"""

import argparse
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from jaxtyping import Float, Float32, Int64
from torch import Tensor, nn

from .motion_clips import Clips, draw_clips
from .motion_films import Films, FilmSet, load_films
from .motion_targets import horse_targets, horse_weights, person_targets, person_weights
from .optimise import Schedule, optimise
from .train_demo import TARGETS as SPECTRA
from .train_demo import TOKENS, encode_tubes, save_teacher, temporal_spectra

WIDTH = 192
TARGETS = {"horse": (horse_targets, horse_weights), "person": (person_targets, person_weights)}
START_SEED, START_STEP = 77, 1_000_000
"""Of the clips on which the heads begin: never trained on."""
FEATURE_PENALTY, TOKEN_PENALTY = 0.3, 0.003
"""Of the ridge regressions, on standardised features and on tokens."""
Moments = tuple[Float32[Tensor, "targets"], Float32[Tensor, "targets"]]


@dataclass(frozen=True)
class Training(Schedule):
    """How motion is taught. Its seeds share no horse with any test, bench or study."""

    steps: int = 1300
    learning_rate: float = 6e-4
    warm_up: float = 60 / 1300
    second_beta: float = 0.98
    films: tuple[FilmSet, ...] = (
        FilmSet("field", 40_117, 1280, 0.50),
        FilmSet("middle", 40_118, 40, 0.06),
        FilmSet("easy", 40_119, 40, 0.06),
        FilmSet("sticks", 40_120, 500, 0.18),
        FilmSet("people", 40_121, 4000, 0.20),
    )
    batch: int = 64
    shown: float = 0.5
    """Share of a clip's tubes that is shown, but for the last steps."""
    partly: float = 0.88
    """Share of the steps in which no more is shown."""
    spectra: float = 0.3
    """Weight of telling spectra beside motion."""
    start_batches: int = 30
    """On which the heads begin; spectra on a tenth of them."""
    seed: int = 0


class Teller(nn.Module):
    """The encoder, and the heads that tell motion from its clip's feature and spectra from its tokens."""

    mean: Float32[Tensor, "192"]
    std: Float32[Tensor, "192"]

    def __init__(self, start: Path) -> None:
        """From a folder with a VideoMAE of `videomae-demo`'s size; the heads' features are not yet standardised."""
        from transformers import VideoMAEModel

        super().__init__()
        self.videomae = VideoMAEModel.from_pretrained(start, dtype=torch.float32)
        self.motion = nn.ModuleDict({kind: nn.Linear(WIDTH, len(weights())) for kind, (_, weights) in TARGETS.items()})
        self.spectra = nn.Linear(WIDTH, SPECTRA)
        self.register_buffer("mean", torch.zeros(WIDTH))
        self.register_buffer("std", torch.ones(WIDTH))

    def standardised(self, tokens: Float[Tensor, "batch seen 192"]) -> Float[Tensor, "batch 192"]:
        """Features of clips by the mean and spread of the start's, which do not change in training."""
        return (tokens.mean(1) - self.mean) / self.std


@dataclass(frozen=True)
class Scales:
    """Mean and standard deviation of what is told, from many clips."""

    motion: dict[str, Moments]
    spectra: Moments

    def scaled_motion(self, clips: Clips, kind: str) -> tuple[Int64[Tensor, "some"], Float32[Tensor, "some targets"]]:
        """Which clips are of a kind, and what is to be told of their motion."""
        rows, motion = motion_of(clips, kind)
        mean, std = self.motion[kind]
        return rows, (motion - mean) / std

    def scaled_spectra(
        self, clips: Clips, *, seen: Int64[Tensor, "batch seen"]
    ) -> Float32[Tensor, "batch seen targets"]:
        """What is to be told of the tubes that are seen."""
        mean, std = self.spectra
        scaled = (temporal_spectra(clips.pixels) - mean) / std
        return scaled.gather(1, seen[..., None].expand(-1, -1, SPECTRA))


def motion_of(clips: Clips, kind: str) -> tuple[Int64[Tensor, "some"], Float32[Tensor, "some targets"]]:
    """Which clips are of a kind, and the targets of their motion, unscaled."""
    rows = np.flatnonzero(np.array(clips.kinds) == kind)
    return torch.from_numpy(rows), torch.from_numpy(TARGETS[kind][0](np.stack([clips.motion[row] for row in rows])))


def measure_scales(films: list[Films], *, training: Training) -> Scales:
    """From steps that are never trained on."""
    many = [draw_clips(films, batch=training.batch, seed=training.seed, step=training.steps + k) for k in range(16)]
    spectra = torch.cat([temporal_spectra(clips.pixels) for clips in many])
    motion = {}
    for kind in TARGETS:
        found = torch.cat([motion_of(clips, kind)[1] for clips in many])
        motion[kind] = (found.mean(0), found.std(0).clamp_min(1e-3))
    return Scales(motion, (spectra.mean((0, 1)), spectra.std((0, 1))))


def ridge(
    inputs: Float32[Tensor, "rows inputs"], targets: Float32[Tensor, "rows targets"], *, penalty: float
) -> tuple[Float32[Tensor, "targets inputs"], Float32[Tensor, "targets"]]:
    """Weight and bias of least squares with a penalty times the squared weights, a row; the bias is free."""
    extended = torch.cat([inputs, torch.ones(len(inputs), 1)], dim=1).double()
    penalties = penalty * len(inputs) * torch.eye(extended.shape[1], dtype=torch.float64)
    penalties[-1, -1] = 0.0
    solved = torch.linalg.solve(extended.T @ extended + penalties, extended.T @ targets.double()).float()
    return solved[:-1].T, solved[-1]


@torch.no_grad()
def begin_heads(network: Teller, films: list[Films], *, scales: Scales, training: Training) -> None:
    """Sets the heads, and what standardises their features, to what the encoder tells as it is."""
    features: dict[str, list[Tensor]] = {kind: [] for kind in TARGETS}
    motions: dict[str, list[Tensor]] = {kind: [] for kind in TARGETS}
    tokens, spectra = [], []
    for batch in range(training.start_batches):
        clips = draw_clips(films, batch=training.batch, seed=START_SEED, step=START_STEP + batch)
        seen = clips.order[:, : round(training.shown * TOKENS)]
        told = encode_tubes(network.videomae, clips.pixels, seen=seen)
        for kind in TARGETS:
            rows, motion = scales.scaled_motion(clips, kind)
            features[kind].append(told.mean(1)[rows])
            motions[kind].append(motion)
        if batch < max(1, training.start_batches // 10):
            tokens.append(told.flatten(0, 1))
            spectra.append(scales.scaled_spectra(clips, seen=seen).flatten(0, 1))
    every = torch.cat([feature for kind in TARGETS for feature in features[kind]])
    network.mean.copy_(every.mean(0))
    network.std.copy_(every.std(0).clamp_min(1e-3))
    for kind in TARGETS:
        standardised = (torch.cat(features[kind]) - network.mean) / network.std
        _set(network.motion[kind], ridge(standardised, torch.cat(motions[kind]), penalty=FEATURE_PENALTY))
    _set(network.spectra, ridge(torch.cat(tokens), torch.cat(spectra), penalty=TOKEN_PENALTY))


def _set(head: nn.Module, solved: tuple[Tensor, Tensor]) -> None:
    head.load_state_dict(dict(zip(("weight", "bias"), solved, strict=True)))


def losses(network: Teller, clips: Clips, *, scales: Scales, shown: float) -> dict[str, Tensor]:
    """The parts of a step's loss: squared errors of spectra; of motion, kind by kind, Huber's, by targets' weights."""
    seen = clips.order[:, : round(shown * TOKENS)]
    tokens = encode_tubes(network.videomae, clips.pixels, seen=seen)
    parts = {"spectra": (network.spectra(tokens) - scales.scaled_spectra(clips, seen=seen)).square().mean()}
    features = network.standardised(tokens)
    for kind, (_, weights) in TARGETS.items():
        rows, motion = scales.scaled_motion(clips, kind)
        weight = torch.from_numpy(weights())
        error = F.smooth_l1_loss(network.motion[kind](features[rows]), motion, reduction="none", beta=2.0)
        parts[kind] = 4.0 * (error.mean(0) * weight).sum() / weight.sum() * (len(rows) / len(seen))
    return parts


def train(start: Path, folder: Path, *, training: Training) -> Teller:
    """The network that tells motion; films, state and log lie in the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    films = load_films(training.films, folder=folder)
    scales = measure_scales(films, training=training)
    network = Teller(start)
    begin_heads(network, films, scales=scales, training=training)

    def loss_of(step: int) -> tuple[Tensor, dict[str, Tensor]]:
        clips = draw_clips(films, batch=training.batch, seed=training.seed, step=step)
        shown = training.shown if step / training.steps < training.partly else 1.0
        parts = losses(network, clips, scales=scales, shown=shown)
        return parts["horse"] + parts["person"] + training.spectra * parts["spectra"], parts

    optimise(network, loss_of, schedule=training, folder=folder)
    return network


@torch.no_grad()
def encoder_with_head(network: Teller) -> Any:
    """The encoder, and as its feature head what is told of a horse's motion: in spreads of many clips, times the roots
    of the targets' weights."""
    encoder, told = network.videomae, network.motion["horse"]
    encoder.feature_head = nn.Linear(WIDTH, told.out_features)
    encoder.config.feature_head = told.out_features
    root = torch.from_numpy(horse_weights()).sqrt()[:, None]
    weight = root * told.weight / network.std
    bias = root[:, 0] * told.bias - weight @ network.mean
    encoder.feature_head.load_state_dict({"weight": weight, "bias": bias})
    return encoder


def main() -> None:
    """Make the films, train, save: the checkpoint lies in OUT/teacher."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("start", type=Path, help="folder of the teacher that train_demo leaves")
    parser.add_argument("out", type=Path)
    parser.add_argument("--steps", type=int, default=Training.steps)
    parser.add_argument("--films", type=float, default=1.0, help="share of the films to make, for a trial")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    films = tuple(replace(each, count=max(1, round(arguments.films * each.count))) for each in Training.films)
    network = train(arguments.start, arguments.out, training=Training(steps=arguments.steps, films=films))
    save_teacher(encoder_with_head(network), arguments.out / "teacher")


if __name__ == "__main__":
    main()
