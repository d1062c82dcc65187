"""What a training step costs: against torch's own transformer, and how little of it is spent on data."""

import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import torch
import zarr
from equigait.pipeline.datasets.sensor_windows import SensorWindows
from equigait.pipeline.datasets.window_dataset import WindowDataset
from equigait.pipeline.objectives.heads import Heads
from equigait.pipeline.objectives.objective import Shape
from equigait.pipeline.objectives.settings import HeadSettings, SigLipSettings
from equigait.pipeline.objectives.siglip import SigLip
from equigait.pipeline.recipe import Recipe, load_recipe
from equigait.pipeline.training.trainer import Trainer
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset

from .measure import Bench, Side

BATCH, CHANNELS, STEPS, FILM_DIM, WIDTH, PATCH = 256, 30, 250, 768, 256, 10
WINDOWS = 4096
TIMED_STEPS = 4


def random_corpus(windows: int) -> WindowDataset:
    """Windows of the default shape, 500 of each recording: random numbers, for a step costs the same on any."""
    generator = torch.Generator().manual_seed(0)
    ride = [f"h{number // 500}" for number in range(windows)]
    return WindowDataset(
        imu=SensorWindows.of(torch.randn(windows, CHANNELS, STEPS, generator=generator)),
        film=torch.randn(windows, FILM_DIM, generator=generator),
        has_film=torch.ones(windows, dtype=torch.bool),
        label=np.zeros(windows, dtype=np.int64),
        horse=tuple(ride),
        recording=tuple(ride),
        start_seconds=torch.arange(windows, dtype=torch.float64) % 500 * 2.5,
        classes=("walk",),
        sites=("poll", "withers", "sacrum", "tuber_coxae_left", "tuber_coxae_right"),
        teacher={"name": "random", "dim": FILM_DIM},
    )


def fast_recipe(*overrides: str) -> Recipe:
    """The default recipe in bfloat16."""
    return load_recipe("default", overrides=["train.precision=bfloat16", f"train.batch={BATCH}", *overrides])


def trainer_of(recipe: Recipe, *, corpus: WindowDataset, device: str = "cpu") -> Trainer:
    """A trainer on these windows, without validation."""
    nobody = corpus.take(torch.zeros(len(corpus), dtype=torch.bool))
    return Trainer(recipe, train=corpus, validation=nobody, device=torch.device(device))


class Plain(nn.Module):
    """The same network and loss from torch's own parts."""

    def __init__(self) -> None:
        super().__init__()
        patches = STEPS // PATCH
        self.project = nn.Linear(CHANNELS * PATCH, WIDTH)
        self.cls = nn.Parameter(torch.randn(1, 1, WIDTH) * 0.02)
        self.positions = nn.Parameter(torch.randn(1, patches + 1, WIDTH) * 0.02)
        layer = nn.TransformerEncoderLayer(WIDTH, 8, 4 * WIDTH, 0.1, "gelu", batch_first=True, norm_first=True)
        self.encoder = nn.TransformerEncoder(layer, 4, nn.LayerNorm(WIDTH), enable_nested_tensor=False)
        self.embed = nn.Linear(WIDTH, WIDTH)
        self.heads = Heads(HeadSettings(), embedding=WIDTH, film_dim=FILM_DIM)
        shape = Shape(batch=BATCH, channels=CHANNELS, steps=STEPS, shared=WIDTH, token_width=WIDTH)
        self.objective = SigLip(SigLipSettings(), shape=shape)

    def forward(self, imu: Tensor, film: Tensor) -> Tensor:
        """The loss of a batch."""
        patches = self.project(imu.reshape(*imu.shape[:2], -1, PATCH).transpose(1, 2).flatten(2))
        tokens = torch.cat([self.cls.expand(len(imu), -1, -1), patches], dim=1) + self.positions
        embedding = self.embed(self.encoder(tokens)[:, 0])
        loss: Tensor = self.objective(self.heads.project_imu(embedding), self.heads.project_film(film))
        return loss


def plain_steps(model: Plain, optimiser: torch.optim.Optimizer, corpus: WindowDataset) -> float:
    """Some steps as a tutorial has them. Returns how many."""
    for step in range(TIMED_STEPS):
        rows = slice(step * BATCH, (step + 1) * BATCH)
        optimiser.zero_grad()
        loss = model(corpus.imu[rows], corpus.film[rows])
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        loss.item()
    return TIMED_STEPS


def our_steps(trainer: Trainer) -> float:
    """As many of ours, augmentation included."""
    for step in range(TIMED_STEPS):
        trainer.step(step)
    return TIMED_STEPS


def against_plain(*overrides: str) -> tuple[Side, Side]:
    """Our step and the plain one, both warm."""
    torch.set_num_threads(1)
    corpus = random_corpus(TIMED_STEPS * BATCH)
    trainer, model = trainer_of(fast_recipe(*overrides), corpus=corpus), Plain().train()
    optimiser = torch.optim.AdamW(model.parameters(), lr=5e-4)
    trainer.step(0)
    plain_steps(model, optimiser, corpus)
    ours = Side(" ".join(["Trainer.step, bfloat16", *overrides]), partial(our_steps, trainer), "Trainer.step")
    theirs = partial(plain_steps, model, optimiser, corpus)
    return ours, Side("nn.TransformerEncoder, float32, default AdamW", theirs, "torch.nn, torch.optim")


def many_draws(trainer: Trainer) -> float:
    """Fifty batches drawn, epochs' ends included. Returns how many."""
    for step in range(50):
        trainer.batches.draw(step)
    return 50


def share_of_data() -> tuple[Side, Side]:
    """Drawing a batch, and the whole step."""
    torch.set_num_threads(1)
    trainer = trainer_of(fast_recipe(), corpus=random_corpus(WINDOWS))
    trainer.step(0)
    draw = Side("Batches.draw: order, gather of both sides, overlaps", partial(many_draws, trainer), "Batches.draw")
    return draw, Side("Trainer.step, bfloat16", partial(our_steps, trainer), "Trainer.step")


class ZarrRows(Dataset[tuple[np.ndarray, np.ndarray]]):
    """A window at a time from arrays in chunks of 1024 rows, as a first version would read them."""

    def __init__(self, folder: Path, corpus: WindowDataset) -> None:
        group = zarr.open_group(folder, mode="w")
        self.imu, self.film = (
            group.create_array(name, data=values, chunks=(1024, *values.shape[1:]))
            for name, values in (("imu", corpus.imu[:].numpy()), ("film", corpus.film[:].numpy()))
        )

    def __len__(self) -> int:
        return int(self.imu.shape[0])

    def __getitem__(self, row: int) -> tuple[np.ndarray, np.ndarray]:
        return np.asarray(self.imu[row]), np.asarray(self.film[row])


def a_loaders_batch(rows: ZarrRows, *, share: int) -> float:
    """Part of a batch through a shuffling DataLoader. Returns which part of a batch it is."""
    loader = DataLoader(rows, batch_size=BATCH // share, shuffle=True)
    imu, _ = next(iter(loader))
    return len(imu) / BATCH


def against_rows(folder: Callable[[], tempfile.TemporaryDirectory[str]]) -> tuple[Side, Side]:
    """Our draw against a DataLoader over rows of a Zarr store."""
    torch.set_num_threads(1)
    place, corpus = folder(), random_corpus(WINDOWS)
    trainer, rows = trainer_of(fast_recipe(), corpus=corpus), ZarrRows(Path(place.name), corpus)
    theirs = partial(_holding, place, partial(a_loaders_batch, rows, share=16))
    draw = Side("Batches.draw", partial(many_draws, trainer), "Batches.draw")
    return draw, Side("DataLoader over Zarr rows in chunks of 1024", theirs, "torch.utils.data.DataLoader, zarr")


def _holding(_: object, work: Callable[[], float]) -> float:
    """Does the work; whatever else is passed lives as long as this does."""
    return work()


BENCHES = {
    "step-vs-plain": Bench(
        figure="CPU of a training step of the default student against the same network from torch's own parts",
        unit="step",
        at_most=1 / 3,
        sides=against_plain,
        note="Batch 256, one thread. Ours in bfloat16, with augmentation; theirs in float32, without.",
    ),
    "data-share": Bench(
        figure="CPU of drawing a batch against the whole training step",
        unit="step",
        at_most=0.01,
        sides=share_of_data,
        note="Batch 256 of 4,096 windows in memory, one thread. Augmentation counts as computing, not as data.",
    ),
    "data-vs-rows": Bench(
        figure="CPU of drawing a batch against a DataLoader that reads rows of a Zarr store",
        unit="batch",
        at_most=1 / 500,
        sides=partial(against_rows, partial(tempfile.TemporaryDirectory, prefix="equigait-bench-")),
        note="Theirs reads 16 rows of the 256; its cost grows evenly with rows.",
    ),
}
