"""One training step, one validation, and the state between them: all that pretraining repeats."""

import math
from collections.abc import Iterable
from typing import Any

import torch
from torch import nn

from ..data.errors import BadInput
from .augment import augment, swap_looks
from .batches import Batches
from .corpus import Corpus
from .model import model_for
from .randomness import generator_for, seed_for
from .recipe import Recipe
from .retrieval import retrieve
from .settings import TrainSettings


class Trainer:
    """A model with its optimiser and batches. Every step is a pure function of the state before it, seed and step."""

    def __init__(self, recipe: Recipe, *, train: Corpus, validation: Corpus, device: torch.device) -> None:
        self.recipe, self.device = recipe, device
        self.batches = Batches(
            train,
            batch=recipe.train.batch,
            seed=recipe.seed,
            window_seconds=recipe.window_seconds,
            device=device,
        )
        self.validation = (validation.imu.to(device), validation.film.to(device))
        self.model = model_for(train, recipe=recipe, batch=self.batches.batch)
        self.model.fit_standardisation(train)
        self.model.to(device)
        self.optimiser = build_optimiser(self.model, settings=recipe.train)

    def step(self, step: int) -> dict[str, float]:
        """Trains on the batch of step number `step` (from 0); gives loss, rate, gradient norm, scale and bias."""
        settings = self.recipe.train
        rate = learning_rate(step, settings=settings)
        for group in self.optimiser.param_groups:
            group["lr"] = rate
        self.model.train()
        torch.manual_seed(seed_for("dropout", self.recipe.seed, step))
        loss = self._loss(step)
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
        norm = nn.utils.clip_grad_norm_(self.model.parameters(), settings.clip_norm)
        facts = {"loss": float(loss.detach()), "learning_rate": rate, "gradient_norm": float(norm)}
        if not math.isfinite(facts["gradient_norm"]):
            raise BadInput(
                f"step {step + 1}",
                found=f"loss {facts['loss']} with gradient norm {facts['gradient_norm']}",
                expected="finite numbers",
                remedy="Lower train.learning_rate or raise train.warmup_steps.",
            )
        self.optimiser.step()
        return facts | self.model.objective.state()

    def validate(self) -> dict[str, dict[str, float]] | None:
        """Retrieval both ways among all validation windows; None where fewer than two have film."""
        imu, film = self.validation
        if len(imu) < 2:
            return None
        return retrieve(*self.model.shared(imu, film=film))

    def state(self) -> dict[str, Any]:
        """What, beside seed and step, decides every later step."""
        return {"model": self.model.state_dict(), "optimiser": self.optimiser.state_dict()}

    def restore(self, state: dict[str, Any]) -> None:
        """Goes back to that state."""
        self.model.load_state_dict(state["model"], strict=True)
        self.optimiser.load_state_dict(state["optimiser"])

    def _loss(self, step: int) -> torch.Tensor:
        batch, settings = self.batches.draw(step), self.recipe.augment
        generator = generator_for("augment", self.recipe.seed, step, device=self.device)
        imu = augment(batch.imu, settings=settings, silence=self.model.student.mean, generator=generator)
        film = swap_looks(
            batch.film,
            recording=batch.recording,
            looks=self.batches.looks,
            share=settings.film_swap,
            generator=generator,
        )
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.recipe.train.precision == "bfloat16"):
            embedding = self.model.student(imu)
        ignore = batch.overlap if self.recipe.objective.ignore_overlap else None
        heads = self.model.heads
        loss: torch.Tensor = self.model.objective(heads.project_imu(embedding), heads.project_film(film), ignore=ignore)
        return loss


def learning_rate(step: int, *, settings: TrainSettings) -> float:
    """The rate of step number `step` (from 0): a straight rise to the peak, then half a cosine to the final share."""
    warmup = min(settings.warmup_steps, settings.steps)
    if step < warmup:
        return settings.learning_rate * (step + 1) / warmup
    done = (step - warmup) / max(settings.steps - 1 - warmup, 1)
    share = settings.final_share + (1 - settings.final_share) * 0.5 * (1 + math.cos(math.pi * done))
    return settings.learning_rate * share


def build_optimiser(model: nn.Module, *, settings: TrainSettings) -> torch.optim.AdamW:
    """AdamW, fused; weight decay on matrices alone: vectors, scalars, positions and CLS go without."""
    named = list(model.named_parameters())
    decayed = [weight for name, weight in named if _is_matrix(name, weight)]
    free = [weight for name, weight in named if not _is_matrix(name, weight)]
    groups: Iterable[dict[str, Any]] = [
        {"params": decayed, "weight_decay": settings.weight_decay},
        {"params": free, "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, lr=settings.learning_rate, fused=True)


def _is_matrix(name: str, weight: torch.Tensor) -> bool:
    return weight.ndim >= 2 and name.rsplit(".", 1)[-1] == "weight"
