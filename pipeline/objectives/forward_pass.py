"""The forward pass of one batch: embeddings that several objectives share are computed once, when first needed."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

import torch
from jaxtyping import Float32, Int64
from torch import Tensor

from ..runtime.process_group import ProcessGroup
from ..students.student import Student
from .heads import Heads
from .training_batch import TrainingBatch


@dataclass(frozen=True)
class Encoders:
    """The networks of both sides, as training runs them."""

    student: Student
    """Gives the standardisation of sensor windows."""
    heads: Heads
    """Project both sides into the shared space."""
    encode: Callable[[Tensor], Tensor]
    """Windows to embeddings: the student, or its compiled form."""
    tokens: Callable[[Tensor], Tensor]
    """Standardised windows to tokens: the student's method, or its compiled form."""
    bfloat16: bool = False
    """Whether the student computes in bfloat16."""
    group: ProcessGroup = field(default_factory=ProcessGroup)
    """The processes that share each batch."""


class ForwardPass:
    """What the networks give for a batch, and the random numbers that objectives draw for it."""

    def __init__(self, batch: TrainingBatch, *, encoders: Encoders, generator: torch.Generator) -> None:
        self.batch, self.encoders, self.generator = batch, encoders, generator

    @cached_property
    def imu(self) -> Float32[Tensor, "batch shared"]:
        """Unit vectors of the sensors' side, of the whole batch."""
        return self.encode(self.batch.imu)

    @cached_property
    def film(self) -> Float32[Tensor, "batch shared"]:
        """Unit vectors of the film's side, of the whole batch."""
        return self.encoders.group.gather(self.encoders.heads.project_film(self.batch.film))

    @cached_property
    def standardised(self) -> Float32[Tensor, "slice channels steps"]:
        """The windows in units of the training windows' standard deviations."""
        return self.encoders.student.standardise(self.batch.imu)

    def encode(self, imu: Float32[Tensor, "slice channels steps"]) -> Float32[Tensor, "batch shared"]:
        """Unit vectors of other views of this slice's windows, with those of the other processes."""
        with self._autocast():
            embedding = self.encoders.encode(imu)
        return self.encoders.group.gather(self.encoders.heads.project_imu(embedding))

    def tokens(
        self, standardised: Float32[Tensor, "slice channels steps"]
    ) -> Float32[Tensor, "slice tokens token_width"]:
        """The student's tokens of standardised windows."""
        with self._autocast():
            tokens = self.encoders.tokens(standardised)
        return tokens.float()

    def uniform(self, columns: int) -> Float32[Tensor, "slice {columns}"]:
        """Random numbers in [0, 1) for each window of the slice, the same however many processes share the batch."""
        batch = len(self.batch.overlap)
        drawn = torch.rand((batch, columns), generator=self.generator, device=self.batch.imu.device)
        return drawn[self.encoders.group.local_slice(batch)]

    def sample_indices(self, count: int, *, below: int) -> Int64[Tensor, "{count}"]:
        """`count` different random numbers below `below`, the same for every process, on the windows' device."""
        return torch.randperm(below, generator=self.generator, device=self.batch.imu.device)[:count]

    def _autocast(self) -> torch.autocast:
        return torch.autocast(self.batch.imu.device.type, torch.bfloat16, enabled=self.encoders.bfloat16)
