"""The team: processes that share one batch, so that they train what a single process would have trained.

Every member draws the same batch, embeds its own share, and gathers the embeddings of all: each then computes the same
loss with all negatives. Gradients are averaged over the members, so that what flows back through a gathered row counts
once for each of them: the backward pass of `gather` multiplies by the size of the team, and the average is exact.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from jaxtyping import Float32
from torch import Tensor, distributed

from ...data.errors import BadInput


@dataclass(frozen=True)
class Team:
    """Who this process is among those that train together; alone unless `torchrun` started more."""

    rank: int = 0
    """This member's number; member 0 writes the files."""
    size: int = 1
    """How many members there are."""

    def share(self, batch: int) -> slice:
        """Which rows of a batch are this member's."""
        if batch % self.size:
            raise BadInput(
                "train.batch",
                found=f"batches of {batch} windows among {self.size} processes",
                expected="as many for each of them",
                remedy=f"Set train.batch to a multiple of {self.size} that the training set can fill.",
            )
        each = batch // self.size
        return slice(self.rank * each, (self.rank + 1) * each)

    def gather(self, rows: Float32[Tensor, "share dim"]) -> Float32[Tensor, "batch dim"]:
        """The rows of all members in order; gradients flow back to this member's own."""
        if self.size == 1:
            return rows
        gathered: Tensor = _Gather.apply(rows, self)  # type: ignore[no-untyped-call]  # torch leaves it untyped
        return gathered

    def average(self, tensors: Sequence[Tensor]) -> None:
        """Puts the mean over the members in the place of each member's own, in one exchange."""
        if self.size == 1:
            return
        flat = torch.cat([tensor.detach().flatten() for tensor in tensors])
        distributed.all_reduce(flat)
        for tensor, mean in zip(tensors, torch.split(flat / self.size, [t.numel() for t in tensors]), strict=True):
            tensor.detach().copy_(mean.view_as(tensor))

    def as_the_first(self, number: int, *, device: torch.device) -> int:
        """Member 0's number, for all: what decides when to stop must not differ by anyone's last bit."""
        if self.size == 1:
            return number
        told = torch.tensor(number, device=device)
        distributed.broadcast(told, src=0)
        return int(told)

    def wait(self) -> None:
        """Goes on when all members have come here."""
        if self.size > 1:
            distributed.barrier()


class _Gather(torch.autograd.Function):
    @staticmethod
    def forward(context: Any, rows: Tensor, team: Team) -> Tensor:
        context.team = team
        parts = [torch.empty_like(rows) for _ in range(team.size)]
        distributed.all_gather(parts, rows.contiguous())
        return torch.cat(parts)

    @staticmethod
    def backward(context: Any, *gradients: Tensor) -> tuple[Tensor, None]:
        team: Team = context.team
        (gradient,) = gradients
        return team.size * gradient[team.share(len(gradient))], None


@contextmanager
def joined_team(device: torch.device) -> Iterator[Team]:
    """The team that `torchrun` started, or that the caller has joined already; alone without either.

    `cuda` becomes a GPU for each process; their number is checked before anyone waits for the others.
    """
    if distributed.is_initialized():
        yield Team(distributed.get_rank(), distributed.get_world_size())
        return
    if int(os.environ.get("WORLD_SIZE", "1")) == 1:
        yield Team()
        return
    if device.type == "cuda":
        torch.cuda.set_device(_own_gpu(device, processes=int(os.environ.get("LOCAL_WORLD_SIZE", "1"))))
    distributed.init_process_group("nccl" if device.type == "cuda" else "gloo")
    try:
        yield Team(distributed.get_rank(), distributed.get_world_size())
    finally:
        distributed.destroy_process_group()


def _own_gpu(device: torch.device, *, processes: int) -> int:
    """The number of the GPU that is this process's on its machine."""
    there = torch.cuda.device_count()
    if device != torch.device("cuda") or processes > there:
        raise BadInput(
            "train.device",
            found=f"{device} for {processes} processes on a machine with {there} GPUs",
            expected="a GPU for each process",
            remedy=f"Set train.device=cuda with {there} processes at most, or train.device=cpu.",
        )
    return int(os.environ["LOCAL_RANK"])
