"""Batches that fit into memory: one that does not is halved, and the next ones come no larger."""

import sys
from collections.abc import Callable

import numpy as np
import torch
from jaxtyping import Float32, UInt8
from numpy import ndarray as Array
from tqdm import tqdm

from ...data.errors import BadInput

Forward = Callable[[UInt8[Array, "clips *shape"]], Float32[Array, "clips dim"]]


class OomSafeBatcher:
    """Embeds clips or frames in passes of at most `most`, a number that falls when memory does not suffice."""

    def __init__(self, forward: Forward, *, most: int, always_full: bool = False) -> None:
        self.most = most
        """Clips of a pass at present."""
        self._forward = forward
        self._always_full = always_full  # a compiled network is compiled anew for each size: it sees one size only

    def embed(self, clips: UInt8[Array, "clips *shape"]) -> Float32[Array, "clips dim"]:
        """One feature a clip."""
        features: list[Float32[Array, "clips dim"]] = []
        done = 0
        while done < len(clips):
            part = clips[done : done + self.most]
            found = self._attempt(part)
            if found is None:
                self._halve(max(len(part), self.most) if self._always_full else len(part))
                continue
            features.append(found)
            done += len(part)
        return np.concatenate(features)

    def _attempt(self, part: UInt8[Array, "clips *shape"]) -> Float32[Array, "clips dim"] | None:
        """The features, or None when memory ran out: what the pass held is free again once this has returned."""
        missing = self.most - len(part) if self._always_full else 0
        whole = np.concatenate([part, np.repeat(part[-1:], missing, axis=0)]) if missing > 0 else part
        try:
            return self._forward(whole)[: len(part)]
        except torch.OutOfMemoryError:
            return None

    def _halve(self, failed: int) -> None:
        if failed == 1:
            remedy = "Free the GPU's memory, or set teacher.device=cpu."
            raise BadInput("teacher.device", found="no memory for one clip", expected="room for it", remedy=remedy)
        self.most = min(self.most, failed // 2)
        if torch.cuda.is_available():
            torch.cuda.empty_cache()
        tqdm.write(f"teacher: out of memory, batches of {self.most} clips from here on", file=sys.stderr)
