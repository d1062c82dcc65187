"""Seeds as pure functions of what they are for: a resumed run draws what an unbroken one would have drawn."""

import zlib

import numpy as np
import torch


def seed_for(purpose: str, *numbers: int) -> int:
    """A 63-bit seed for this purpose and these numbers (run seed, step, ...); other purposes give unrelated seeds."""
    entropy = [zlib.crc32(purpose.encode()), *numbers]
    return int(np.random.SeedSequence(entropy).generate_state(1, np.uint64)[0] >> 1)


def generator_for(purpose: str, *numbers: int, device: torch.device | None = None) -> torch.Generator:
    """A generator with that seed on that device (CPU unless given)."""
    return torch.Generator(device or torch.device("cpu")).manual_seed(seed_for(purpose, *numbers))
