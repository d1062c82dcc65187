"""The lesson: one batch as the objectives see it. What several of them need is computed once, when first asked for."""

from collections.abc import Callable
from functools import cached_property

import torch
from jaxtyping import Bool, Float32, Int64
from torch import Tensor

from ..runtime.process_group import Team
from ..students.student import Student
from .heads import Heads


class Lesson:
    """This process's share of a batch, and the embeddings of the whole batch."""

    def __init__(
        self,
        windows: Float32[Tensor, "share channels steps"],
        *,
        worn: Float32[Tensor, "share channels steps"],
        film: Float32[Tensor, "share dim"],
        overlap: Bool[Tensor, "batch batch"],
        student: Student,
        heads: Heads,
        generator: torch.Generator,
        encode: Callable[[Tensor], Tensor] | None = None,
        tokens: Callable[[Tensor], Tensor] | None = None,
        bfloat16: bool = False,
        team: Team | None = None,
    ) -> None:
        self.windows = windows
        """Augmented sensors in SI units."""
        self.worn = worn
        """The same before any site fell silent."""
        self.overlap = overlap
        """Pairs of different windows of one recording that share time, in the whole batch."""
        self._features, self._student, self._heads = film, student, heads
        self._encode = student if encode is None else encode
        self._tokens = student.tokens if tokens is None else tokens
        self._bfloat16 = bfloat16
        self._generator, self._team = generator, team or Team()

    @cached_property
    def imu(self) -> Float32[Tensor, "batch shared"]:
        """Unit vectors of the sensors' side, of the whole batch."""
        return self.see(self.windows)

    @cached_property
    def film(self) -> Float32[Tensor, "batch shared"]:
        """Unit vectors of the film's side, of the whole batch."""
        return self._team.gather(self._heads.project_film(self._features))

    @cached_property
    def standardised(self) -> Float32[Tensor, "share channels steps"]:
        """The windows in units of the training windows' spread."""
        return self._student.standardise(self.windows)

    def see(self, windows: Float32[Tensor, "share channels steps"]) -> Float32[Tensor, "batch shared"]:
        """What the student makes of other views of this share's windows, with the other shares': unit vectors."""
        with self._arithmetic():
            embedding = self._encode(windows)
        return self._team.gather(self._heads.project_imu(embedding))

    def tokens(
        self, standardised: Float32[Tensor, "share channels steps"]
    ) -> Float32[Tensor, "share tokens token_width"]:
        """What the student makes of the parts of these windows."""
        with self._arithmetic():
            tokens = self._tokens(standardised)
        return tokens.float()

    def chances(self, columns: int) -> Float32[Tensor, "share {columns}"]:
        """Numbers between 0 and 1 for each window of the share: the same however many processes share the batch."""
        drawn = torch.rand((len(self.overlap), columns), generator=self._generator, device=self.windows.device)
        return drawn[self._team.share(len(drawn))]

    def some(self, many: int, *, out_of: int) -> Int64[Tensor, "{many}"]:
        """So many different numbers below `out_of`, the same for every process; they stay on the device."""
        return torch.randperm(out_of, generator=self._generator, device=self.windows.device)[:many]

    def _arithmetic(self) -> torch.autocast:
        return torch.autocast(self.windows.device.type, torch.bfloat16, enabled=self._bfloat16)
