"""Where torch computes: the device that a setting names."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from ...data.errors import BadInput, first_line


def choose_device(name: str, *, setting: str) -> torch.device:
    """The device of this name; `auto` takes CUDA where there is one. One that is absent or cannot compute is refused.

    `setting` is the name under which a recipe asked for it.
    """
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        return _that_answers(name)
    except (RuntimeError, AssertionError) as error:
        found = f"{name} ({first_line(error)})"
        remedy = f"Set {setting}=auto, or cpu."
        raise BadInput(setting, found=found, expected="a device of this machine", remedy=remedy) from None


def multiplies_bfloat16(device: torch.device) -> bool:
    """Whether a GPU multiplies bfloat16 in hardware; no other device is asked."""
    return device.type == "cuda" and bool(torch.cuda.is_bf16_supported(including_emulation=False))


@contextmanager
def tensor_float32(device: torch.device, *, wanted: bool) -> Iterator[None]:
    """Matrix products of float32 in TensorFloat-32 within, on a GPU and where that is wanted."""
    if not wanted or device.type != "cuda":
        yield
        return
    before = torch.get_float32_matmul_precision()
    torch.set_float32_matmul_precision("high")
    try:
        yield
    finally:
        torch.set_float32_matmul_precision(before)


def gpu_number(name: str) -> int:
    """Which GPU a device of this name is; the first where it names none."""
    kind, _, number = name.partition(":")
    return int(number) if kind == "cuda" and number else 0


def hold_gpu(number: int) -> None:
    """Makes torch's context of that GPU the calling thread's, for others that compute in what they find there."""
    torch.cuda.set_device(number)
    torch.empty(1, device="cuda")


def _that_answers(name: str) -> torch.device:
    one = torch.ones(1, device=name)
    one.item()  # which `meta` cannot
    return torch.device(name)
