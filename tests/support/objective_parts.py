"""What the tests of objectives share: unit vectors, the shape of a small model, and forward passes of it."""

from typing import Any

import torch
from equigait.pipeline.objectives.forward_pass import Encoders, ForwardPass
from equigait.pipeline.objectives.heads import Heads
from equigait.pipeline.objectives.objective import Objective, Shape
from equigait.pipeline.objectives.settings import HeadSettings, ObjectiveSettings
from equigait.pipeline.objectives.table import build_objective
from equigait.pipeline.objectives.training_batch import TrainingBatch
from equigait.pipeline.students.settings import PatchTransformerSettings
from equigait.pipeline.students.table import build_student
from pydantic import TypeAdapter
from torch import Tensor

SITES, STEPS, SHARED, FILM_DIM, WIDTH = 2, 40, 8, 10, 16
OBJECTIVE: TypeAdapter[Any] = TypeAdapter(ObjectiveSettings)


def unit(rows: int, dim: int = SHARED, seed: int = 0) -> Tensor:
    return torch.nn.functional.normalize(torch.randn(rows, dim, generator=torch.Generator().manual_seed(seed)), dim=1)


def objective_of(settings: dict[str, Any], *, batch: int = 6, shared: int = SHARED) -> Objective:
    shape = Shape(batch=batch, channels=6 * SITES, steps=STEPS, shared=shared, token_width=WIDTH)
    torch.manual_seed(5)
    return build_objective(OBJECTIVE.validate_python(settings), shape=shape)


def drop_site(windows: Tensor, *, site: int) -> Tensor:
    dropped = windows.clone()
    dropped[:, 6 * site : 6 * site + 6] = 0.0
    return dropped


def forward_of(
    batch: int = 6, *, overlap: Tensor | None = None, seed: int = 0, dropped: int | None = None
) -> ForwardPass:
    """Random windows and films for a small student without dropout; one site may be dropped."""
    generator = torch.Generator().manual_seed(seed)
    torch.manual_seed(3)
    settings = PatchTransformerSettings(width=WIDTH, layers=1, heads=2, dropout=0.0, embedding=12)
    before = torch.randn(batch, 6 * SITES, STEPS, generator=generator)
    data = TrainingBatch(
        before if dropped is None else drop_site(before, site=dropped),
        before_dropout=before,
        other_view=before + 0.1,
        film=torch.randn(batch, FILM_DIM, generator=generator),
        overlap=torch.zeros(batch, batch, dtype=torch.bool) if overlap is None else overlap,
        recording=torch.arange(batch) // 2,
    )
    student = build_student(settings, channels=6 * SITES, steps=STEPS, seed=0)
    heads = Heads(HeadSettings(kind="linear", dim=SHARED), embedding=12, film_dim=FILM_DIM)
    encoders = Encoders(student, heads, encode=student, tokens=student.tokens)
    return ForwardPass(data, encoders=encoders, generator=generator)
