"""Processes that share one batch, so that they train what a single process would have trained.

Every rank draws the same batch, embeds its own slice, and gathers the embeddings of all: each then computes the same
loss with all negatives. Gradients are averaged over the ranks, so that what flows back through a gathered row counts
once for each of them: the backward pass of `gather` multiplies by the size of the group, and the average is exact.
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
class ProcessGroup:
    """This process among those that train together; alone unless `torchrun` started more."""

    rank: int = 0
    """This process's number; rank 0 writes the files."""
    size: int = 1
    """Number of processes."""

    def local_slice(self, batch: int) -> slice:
        """The rows of a batch that this rank embeds."""
        if batch % self.size:
            raise BadInput(
                "train.batch",
                found=f"batches of {batch} windows among {self.size} processes",
                expected="as many for each of them",
                remedy=f"Set train.batch to a multiple of {self.size} that the training set can fill.",
            )
        each = batch // self.size
        return slice(self.rank * each, (self.rank + 1) * each)

    def gather(self, rows: Float32[Tensor, "local dim"]) -> Float32[Tensor, "batch dim"]:
        """The rows of all ranks in order; gradients flow back to this rank's own."""
        if self.size == 1:
            return rows
        gathered: Tensor = _Gather.apply(rows, self)  # type: ignore[no-untyped-call]  # torch leaves it untyped
        return gathered

    def average(self, tensors: Sequence[Tensor]) -> None:
        """Replaces the tensors by their mean over the ranks, in one exchange."""
        if self.size == 1:
            return
        flat = torch.cat([tensor.detach().flatten() for tensor in tensors])
        distributed.all_reduce(flat)
        for tensor, mean in zip(tensors, torch.split(flat / self.size, [t.numel() for t in tensors]), strict=True):
            tensor.detach().copy_(mean.view_as(tensor))

    def broadcast_from_rank0(self, number: int, *, device: torch.device) -> int:
        """Rank 0's number, on every rank: what decides when to stop must not differ in the last bit."""
        if self.size == 1:
            return number
        sent = torch.tensor(number, device=device)
        distributed.broadcast(sent, src=0)
        return int(sent)

    def barrier(self) -> None:
        """Returns when all ranks have come here."""
        if self.size > 1:
            distributed.barrier()


class _Gather(torch.autograd.Function):
    @staticmethod
    def forward(context: Any, rows: Tensor, group: ProcessGroup) -> Tensor:
        context.group = group
        parts = [torch.empty_like(rows) for _ in range(group.size)]
        distributed.all_gather(parts, rows.contiguous())
        return torch.cat(parts)

    @staticmethod
    def backward(context: Any, *gradients: Tensor) -> tuple[Tensor, None]:
        group: ProcessGroup = context.group
        (gradient,) = gradients
        return group.size * gradient[group.local_slice(len(gradient))], None


def take_own_gpu(name: str) -> None:
    """Makes this process's GPU its current one, where `torchrun` started several and the device of this name is one.

    To be called before anything is put on the device: it would go to the first GPU, from every process.
    """
    if _processes() == 1 or distributed.is_initialized():
        return
    if name.startswith("cuda") or (name == "auto" and torch.cuda.is_available()):
        torch.cuda.set_device(_own_gpu(name))


@contextmanager
def init_distributed(device: torch.device) -> Iterator[ProcessGroup]:
    """The group that `torchrun` started, or that the caller has initialised already; alone without either.

    On GPUs each process has one of its own by now (`take_own_gpu`).
    """
    if distributed.is_initialized():
        yield ProcessGroup(distributed.get_rank(), distributed.get_world_size())
        return
    if _processes() == 1:
        yield ProcessGroup()
        return
    if device.type == "cuda":
        own = torch.device("cuda", torch.cuda.current_device())
        distributed.init_process_group("nccl", device_id=own)
    else:
        distributed.init_process_group("gloo")
    try:
        yield ProcessGroup(distributed.get_rank(), distributed.get_world_size())
    finally:
        distributed.destroy_process_group()


def _processes() -> int:
    return int(os.environ.get("WORLD_SIZE", "1"))


def _own_gpu(name: str) -> int:
    """The number of the GPU that is this process's on its machine; refuses fewer GPUs than processes."""
    there, processes = torch.cuda.device_count(), int(os.environ.get("LOCAL_WORLD_SIZE", "1"))
    if ":" in name or processes > there:
        raise BadInput(
            "train.device",
            found=f"{name} for {processes} processes on a machine with {there} GPUs",
            expected="a GPU for each process",
            remedy=f"Set train.device=cuda with {there} processes at most, or train.device=cpu.",
        )
    return int(os.environ["LOCAL_RANK"])
