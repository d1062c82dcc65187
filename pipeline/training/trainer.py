"""One training step, one validation, and the state between them: all that pretraining repeats."""

import math
from collections.abc import Callable, Sequence
from typing import Any, cast

import torch
from torch import Tensor, nn

from ...data.errors import BadInput
from ..augmentation.augment import disturb, fall_silent
from ..augmentation.film_mean_swap import swap_recording_mean
from ..datasets.batches import BatchSource
from ..datasets.streaming import StreamingDataset
from ..datasets.window_dataset import WindowDataset
from ..objectives.training_batch import Lesson
from ..recipe import Recipe
from ..runtime.process_group import Team
from ..runtime.seeds import generator_for, seed_for
from .checkpoint_selection import Validation, validation_of
from .model import Model, model_for
from .optimiser import decay_groups
from .queue_warmup import fill_queues, training_batches
from .settings import TrainSettings

LOOK_EVERY = 50
"""Steps after which what a GPU has done is looked at: each look waits for it."""

Seeing = Callable[[Tensor], Tensor]
"""What a student makes of windows."""
Launched = dict[str, Tensor | float]
"""What is to be said of a step, some of it still being computed."""


class Trainer:
    """A model with its optimiser and batches. Every step is a function of the state before it, seed and step alone.

    On a CPU it is so to the last bit, on a GPU up to the order in which its kernels add.
    """

    def __init__(
        self,
        recipe: Recipe,
        *,
        train: WindowDataset | StreamingDataset,
        validation: WindowDataset,
        device: torch.device,
        team: Team | None = None,
    ) -> None:
        sample = train.sample if isinstance(train, StreamingDataset) else train
        self.recipe, self.device, self.team, self.sites = recipe, device, team or Team(), sample.sites
        self.batches: BatchSource = training_batches(train, recipe=recipe, device=device)
        self.share = self.team.share(self.batches.batch)
        self.validation = (validation.imu.to(device), validation.film)
        self.model: Model = model_for(sample, recipe=recipe, batch=self.batches.batch)
        self.model.fit_standardisation(sample)
        self.model.to(device)
        fill_queues(self.model, batches=self.batches)
        student = self.model.student
        self.encode: Seeing = _compiled(student) if recipe.train.compile else student
        self.tokens: Seeing = _compiled(student.tokens) if recipe.train.compile else student.tokens
        self.optimiser = build_optimiser(self.model, settings=recipe.train)
        self.look_every = LOOK_EVERY if device.type == "cuda" else 1

    def step(self, step: int) -> dict[str, float]:
        """Trains on the batch of step number `step` (from 0); gives loss, rate, gradient norm, scale and bias."""
        return self.look([self.launch(step)], last=step)[0]

    def launch(self, step: int) -> Launched:
        """The same without waiting for a GPU: what it gives may still be on its way, and may not be finite."""
        settings = self.recipe.train
        rate = learning_rate(step, settings=settings)
        for group in self.optimiser.param_groups:
            group["lr"] = rate
        self.model.train()
        member = (self.team.rank,) if self.team.rank else ()
        torch.manual_seed(seed_for("dropout", self.recipe.seed, step, *member))
        lesson = self._lesson(step)
        loss = self.model.objective.loss(lesson)
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
        gradients = [weight.grad for weight in self.model.parameters() if weight.grad is not None]
        self.team.average([*gradients, loss])
        norm = nn.utils.clip_grad_norm_(self.model.parameters(), settings.clip_norm)
        self.optimiser.step()
        self.model.objective.after_step(lesson)
        facts: Launched = {"loss": loss.detach(), "learning_rate": rate, "gradient_norm": norm}
        return facts | self.model.objective.state()

    def look(self, launched: Sequence[Launched], *, last: int) -> list[dict[str, float]]:
        """What became of steps in a row that ended with number `last`; refuses gradients that are not finite."""
        rows = _read(launched)
        for step, row in enumerate(rows, start=last + 1 - len(rows)):
            if not math.isfinite(row["gradient_norm"]):
                raise BadInput(
                    f"step {step + 1}",
                    found=f"loss {row['loss']} with gradient norm {row['gradient_norm']}",
                    expected="finite numbers",
                    remedy="Lower train.learning_rate or raise train.warmup_steps.",
                )
        return rows

    def validate(self) -> Validation | None:
        """Retrieval both ways among all validation windows; None where fewer than two have film, or none is learned."""
        imu, film = self.validation
        if len(imu) < 2 or not self.recipe.objective.needs_film:
            return None
        return validation_of(*self.model.shared(imu, film=film))

    def state(self) -> dict[str, Any]:
        """What, beside seed and step, decides every later step."""
        return {"model": self.model.state_dict(), "optimiser": self.optimiser.state_dict()}

    def restore(self, state: dict[str, Any]) -> None:
        """Goes back to that state."""
        self.model.load_state_dict(state["model"], strict=True)
        self.optimiser.load_state_dict(state["optimiser"])

    def _lesson(self, step: int) -> Lesson:
        """The batch of that step: drawn and disturbed whole by every member of the team, who then takes its share."""
        batch, settings = self.batches.draw(step), self.recipe.augment
        generator = generator_for("augment", self.recipe.seed, step, device=self.device)
        worn = disturb(batch.imu, settings=settings, generator=generator, sites=self.sites)
        silence = self.model.student.mean
        imu = fall_silent(worn, share=settings.site_dropout, silence=silence, generator=generator)
        film = swap_recording_mean(
            batch.film,
            recording=batch.recording,
            recording_means=self.batches.recording_means,
            share=settings.film_swap,
            generator=generator,
        )
        return Lesson(
            imu[self.share],
            worn=worn[self.share],
            film=film[self.share],
            overlap=batch.overlap,
            student=self.model.student,
            heads=self.model.heads,
            generator=generator,
            encode=self.encode,
            tokens=self.tokens,
            bfloat16=self.recipe.train.precision == "bfloat16",
            team=self.team,
        )


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
    groups = decay_groups(model, weight_decay=settings.weight_decay)
    return torch.optim.AdamW(groups, lr=settings.learning_rate, fused=True)


def _compiled(seeing: Seeing) -> Seeing:
    return cast(Seeing, torch.compile(seeing, dynamic=False))


def _read(launched: Sequence[Launched]) -> list[dict[str, float]]:
    """Plain numbers, fetched from the device at once."""
    pending = [value for facts in launched for value in facts.values() if isinstance(value, Tensor)]
    fetched = iter(torch.stack([value.float() for value in pending]).tolist())
    return [
        {name: next(fetched) if isinstance(value, Tensor) else value for name, value in facts.items()}
        for facts in launched
    ]
