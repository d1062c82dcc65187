"""Batches that fit into memory: one that does not is halved, and the next ones come no larger."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Condition

import numpy as np
import torch
from jaxtyping import Float32, UInt8
from numpy import ndarray as Array
from torch import Tensor
from tqdm import tqdm

from ...data.errors import BadInput

ShownBytes = UInt8[Array, "clips *shape"] | UInt8[Tensor, "clips *shape"]
"""Clips or frames in the computer's memory, or where the network is."""
Forward = Callable[[ShownBytes], Float32[Array, "clips dim"]]


class OomSafeBatcher:
    """Embeds clips or frames in passes of at most `most`, a number that falls when memory does not suffice."""

    def __init__(self, forward: Forward, *, most: int, always_full: bool = False) -> None:
        self.most = most
        """Clips of a pass at present."""
        self._forward = forward
        self._running, self._alone, self._change = 0, False, Condition()
        self._always_full = always_full  # a compiled network is compiled anew for each size: it sees one size only

    def embed(self, clips: ShownBytes) -> Float32[Array, "clips dim"]:
        """One feature a clip."""
        features: list[Float32[Array, "clips dim"]] = []
        done = 0
        while done < len(clips):
            part = clips[done : done + self.most]
            with self._turn() as alone:
                found = self._attempt(part)
            if found is None:
                self._retreat(max(len(part), self.most) if self._always_full else len(part), alone=alone)
                continue
            features.append(found)
            done += len(part)
        return np.concatenate(features)

    def _attempt(self, part: ShownBytes) -> Float32[Array, "clips dim"] | None:
        """The features, or None when memory ran out: what the pass held is free again once this has returned."""
        missing = self.most - len(part) if self._always_full else 0
        whole = part[[*range(len(part)), *[-1] * missing]] if missing > 0 else part
        try:
            return self._forward(whole)[: len(part)]
        except torch.OutOfMemoryError:
            return None

    @contextmanager
    def _turn(self) -> Iterator[bool]:
        """One of the passes side by side, or, once memory did not suffice for that, one by itself: whether it is."""
        with self._change:
            self._change.wait_for(lambda: not (self._alone and self._running))
            self._running += 1
            alone = self._alone
        try:
            yield alone
        finally:
            with self._change:
                self._running -= 1
                self._change.notify_all()

    def _retreat(self, failed: int, *, alone: bool) -> None:
        """Smaller batches; then, where one clip is too much beside another thread's, one pass at a time."""
        if failed == 1 and alone:
            remedy = "Free the GPU's memory, or set teacher.device=cpu."
            raise BadInput("teacher.device", found="no memory for one clip", expected="room for it", remedy=remedy)
        if torch.cuda.is_available():
            torch.cuda.empty_cache()
        if failed == 1:
            self._alone = True
            return
        self.most = min(self.most, failed // 2)
        tqdm.write(f"teacher: out of memory, batches of {self.most} clips from here on", file=sys.stderr)
