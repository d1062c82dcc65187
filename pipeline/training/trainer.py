"""One training step, one validation, and the state between steps."""

import math
from collections.abc import Callable, Sequence
from typing import Any, cast

import torch
from torch import Tensor, nn

from ...data.errors import BadInput
from ..augmentation.augment import augment_sensors, sensor_dropout
from ..augmentation.film_mean_swap import swap_recording_mean
from ..datasets.batches import BatchSource
from ..datasets.streaming import StreamingDataset
from ..datasets.window_dataset import WindowDataset
from ..objectives.forward_pass import Encoders, ForwardPass
from ..objectives.training_batch import TrainingBatch
from ..runtime.device import multiplies_bfloat16
from ..runtime.process_group import ProcessGroup
from ..runtime.seeds import generator_for, seed_for
from .checkpoint_selection import Validation, WindowTimes, validation_of
from .model import Model, model_for
from .optimiser import build_optimiser, learning_rate
from .queue_warmup import fill_queues, training_batches
from .settings import TrainingSettings

FETCH_EVERY = 50
"""Steps after which metrics are fetched from a GPU: each fetch waits for it."""

PendingMetrics = dict[str, Tensor | float]
"""A step's metrics, some of which the device may still be computing."""


class Trainer:
    """A model with its optimiser and batches. Every step is a function of the state before it, seed and step alone.

    On a CPU it is so to the last bit, on a GPU up to the order in which its kernels add.
    """

    def __init__(
        self,
        settings: TrainingSettings,
        *,
        train: WindowDataset | StreamingDataset,
        validation: WindowDataset,
        device: torch.device,
        group: ProcessGroup | None = None,
    ) -> None:
        sample = train.sample if isinstance(train, StreamingDataset) else train
        self.settings, self.device, self.group, self.sites = settings, device, group or ProcessGroup(), sample.sites
        self.batches: BatchSource = training_batches(train, settings=settings, device=device)
        self.slice = self.group.local_slice(self.batches.batch)
        self.validation = (validation.imu.to(device), validation.film)
        self.times = WindowTimes(validation.recording, validation.start_seconds, settings.window_seconds)
        self.model: Model = model_for(sample, settings=settings, batch=self.batches.batch)
        self.model.fit_standardisation(sample)
        self.model.to(device)
        fill_queues(self.model, batches=self.batches)
        self.encoders = self._encoders()
        self.optimiser = build_optimiser(self.model, settings=settings.train)
        self.fetch_every = FETCH_EVERY if device.type == "cuda" else 1

    def step(self, step: int) -> dict[str, float]:
        """Train on the batch of step number `step` (from 0): loss, rate, gradient norm, scale and bias."""
        return self.fetch_metrics([self.step_async(step)], last=step)[0]

    def step_async(self, step: int) -> PendingMetrics:
        """The same without waiting for a GPU; metrics may be pending, and are not yet known to be finite."""
        settings = self.settings.train
        rate = learning_rate(step, settings=settings)
        for group in self.optimiser.param_groups:
            group["lr"] = rate
        self.model.train()
        rank = (self.group.rank,) if self.group.rank else ()
        torch.manual_seed(seed_for("dropout", self.settings.seed, step, *rank))
        forward = self.forward_pass(step)
        loss = self.model.objective.loss(forward)
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
        gradients = [weight.grad for weight in self.model.parameters() if weight.grad is not None]
        self.group.average([*gradients, loss])
        norm = nn.utils.clip_grad_norm_(self.model.parameters(), settings.clip_norm)
        self.optimiser.step()
        self.model.objective.after_step(forward)
        metrics: PendingMetrics = {"loss": loss.detach(), "learning_rate": rate, "gradient_norm": norm}
        return metrics | self.model.objective.state()

    def fetch_metrics(self, pending: Sequence[PendingMetrics], *, last: int) -> list[dict[str, float]]:
        """The metrics of consecutive steps up to number `last`, as numbers; refuses gradients that are not finite."""
        rows = _fetch(pending)
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
        """Retrieval both ways among all validation windows; None for fewer than two, or an objective without film."""
        imu, film = self.validation
        if len(imu) < 2 or not self.settings.objective.needs_film:
            return None
        return validation_of(*self.model.shared(imu, film=film), times=self.times)

    def state(self) -> dict[str, Any]:
        """All that later steps depend on, except seed and step number."""
        return {"model": self.model.state_dict(), "optimiser": self.optimiser.state_dict()}

    def restore(self, state: dict[str, Any]) -> None:
        """Load that state."""
        self.model.load_state_dict(state["model"], strict=True)
        self.optimiser.load_state_dict(state["optimiser"])

    def forward_pass(self, step: int) -> ForwardPass:
        """The batch of that step, ready for the objective.

        Every process draws and augments the whole batch, then takes its slice.
        """
        batch, settings = self.batches.draw(step), self.settings.augment
        generator = generator_for("augment", self.settings.seed, step, device=self.device)
        before, imu = self._augmented(batch.imu, generator=generator)
        film = swap_recording_mean(
            batch.film,
            recording=batch.recording,
            recording_means=self.batches.recording_means,
            share=settings.film_mean_swap,
            generator=generator,
        )
        other = None
        if self.settings.objective.needs_views:
            other = self._augmented(batch.imu, generator=generator)[1][self.slice]
        own = TrainingBatch(
            imu[self.slice],
            before_dropout=before[self.slice],
            other_view=other,
            film=film[self.slice],
            overlap=batch.overlap,
            recording=batch.recording,
        )
        return ForwardPass(own, encoders=self.encoders, generator=generator)

    def _augmented(self, imu: Tensor, *, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """The windows augmented, before and after sensor dropout."""
        settings, fill_value = self.settings.augment, self.model.student.mean
        before = augment_sensors(imu, settings=settings, generator=generator, sites=self.sites)
        after = sensor_dropout(before, share=settings.site_dropout, fill_value=fill_value, generator=generator)
        return before, after

    def _encoders(self) -> Encoders:
        student, train = self.model.student, self.settings.train
        return Encoders(
            student,
            self.model.heads,
            encode=_compiled(student) if train.compile else student,
            tokens=_compiled(student.tokens) if train.compile else student.tokens,
            bfloat16=train.precision == "bfloat16" or (train.precision == "auto" and multiplies_bfloat16(self.device)),
            group=self.group,
        )


def _compiled(function: Callable[[Tensor], Tensor]) -> Callable[[Tensor], Tensor]:
    return cast(Callable[[Tensor], Tensor], torch.compile(function, dynamic=False))


def _fetch(pending: Sequence[PendingMetrics]) -> list[dict[str, float]]:
    """Plain numbers, copied from the device at once."""
    tensors = [value for metrics in pending for value in metrics.values() if isinstance(value, Tensor)]
    fetched = iter(torch.stack([value.float() for value in tensors]).tolist())
    return [
        {name: next(fetched) if isinstance(value, Tensor) else value for name, value in metrics.items()}
        for metrics in pending
    ]
