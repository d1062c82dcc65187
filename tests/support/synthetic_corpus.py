"""A small corpus whose truth is known: sensors and film both tell gait, stride rate, phase and vigour, with noise."""

import math

import torch
from equigait.pipeline.datasets.sensor_windows import SensorWindows
from equigait.pipeline.datasets.window_dataset import WindowDataset
from equigait.pipeline.recipe import Recipe, load_recipe
from torch import Tensor

SITES = ("withers", "sacrum")
GAITS = ("stand", "walk", "trot", "canter")
STRIDE_HZ = (0.0, 0.95, 1.35, 1.7)
RATE_HZ, STEPS = 50.0, 250
FILM_DIM = 48

SMALL_RECIPE = (
    "grid.sites=[withers, sacrum]",
    "student={width: 48, layers: 2, heads: 4, dropout: 0.0, stem_width: 16}",
    "heads={kind: linear, dim: 32}",
    "train={steps: 150, batch: 64, learning_rate: 0.002, warmup_steps: 15, validate_every: 50, save_every: 50}",
    "split={test_share: 0.0, validation_share: 0.25}",
)
"""Overrides that fit this corpus and train in seconds."""


def small_recipe(*overrides: str) -> Recipe:
    """The default configuration made small, with overrides over that."""
    return load_recipe("default", overrides=[*SMALL_RECIPE, *overrides])


def synthetic_corpus(*, horses: int = 8, windows: int = 40, noise: float = 0.3, seed: int = 0) -> WindowDataset:
    """`windows` windows of each horse in a row, 2.5 s apart as by default, so that neighbours overlap."""
    generator = torch.Generator().manual_seed(seed)
    many = horses * windows
    horse = torch.arange(horses).repeat_interleave(windows)
    gait = torch.randint(0, len(GAITS), (many,), generator=generator)
    tempo = 1 + 0.05 * torch.randn(many, generator=generator)
    phase = 2 * math.pi * torch.rand(many, generator=generator)
    vigour = 1 + 0.2 * torch.randn(many, generator=generator)
    own = torch.randn(horses, 8, generator=generator)
    names = tuple(f"h{number:02d}" for number in horse.tolist())
    return WindowDataset(
        imu=SensorWindows.of(_sensors(gait, tempo, phase, vigour * (1 + 0.05 * own[horse, 0]), generator=generator)),
        film=_film(gait, tempo, phase, vigour, own[horse, 1:], noise=noise, generator=generator),
        has_film=torch.ones(many, dtype=torch.bool),
        label=gait.numpy().copy(),
        horse=names,
        recording=tuple(f"{name}-ride" for name in names),
        start_seconds=torch.arange(windows, dtype=torch.float64).repeat(horses) * 2.5,
        classes=GAITS,
        sites=SITES,
        teacher={"name": "synthetic", "dim": FILM_DIM},
    )


def _sensors(gait: Tensor, tempo: Tensor, phase: Tensor, vigour: Tensor, *, generator: torch.Generator) -> Tensor:
    """Two harmonics of the stride in every channel, of strength and lag that gait and channel decide, on gravity."""
    channels = 6 * len(SITES)
    strength = 1 + torch.rand(len(GAITS), channels, 2, generator=generator)
    strength[0] = 0.02
    lag = 2 * math.pi * torch.rand(len(GAITS), channels, 2, generator=generator)
    cycles = torch.tensor(STRIDE_HZ)[gait, None] * tempo[:, None] * torch.arange(STEPS) / RATE_HZ
    angle = (2 * math.pi * cycles + phase[:, None])[:, None, :]
    imu = torch.zeros(len(gait), channels, STEPS)
    for harmonic in (1, 2):
        wave = torch.cos(harmonic * angle + lag[gait, :, harmonic - 1, None])
        imu += vigour[:, None, None] * strength[gait, :, harmonic - 1, None] * wave
    imu[:, 2::6] += 9.81
    return imu + 0.2 * torch.randn(imu.shape, generator=generator)


def _film(
    gait: Tensor,
    tempo: Tensor,
    phase: Tensor,
    vigour: Tensor,
    coat: Tensor,
    *,
    noise: float,
    generator: torch.Generator,
) -> Tensor:
    """The same truth and the horse's coat, mixed, on a large common mean as a video network's features have it."""
    shown = torch.nn.functional.one_hot(gait, len(GAITS)) * 2.0
    moving = (gait > 0).float()
    clock = torch.stack([(tempo - 1) / 0.05, (vigour - 1) / 0.2, phase.cos(), phase.sin()], dim=1) * moving[:, None]
    latent = torch.cat([shown, clock, coat], dim=1)
    mixed = latent @ torch.randn(latent.shape[1], FILM_DIM, generator=generator)
    return 20.0 + mixed + noise * torch.randn(len(gait), FILM_DIM, generator=generator)
