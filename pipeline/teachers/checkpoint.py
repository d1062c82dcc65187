"""A checkpoint's weights in one of the library's networks: filled exactly, or refused."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch

from ...data.errors import BadInput


def load_checkpoint(
    network_class: Any, folder: Path, *, kind: str, ignored: tuple[str, ...] = (), **options: Any
) -> torch.nn.Module:
    """A network of transformers with a folder's weights in float32; refuses one whose weights do not fill it exactly.

    `ignored` are beginnings of the names of weights that checkpoints carry beside it (heads, other towers); `kind` is
    the network's name for messages; further `options` go to the constructor.
    """
    with quiet_transformers():
        loaded: Any = network_class.from_pretrained(
            folder,
            local_files_only=True,
            use_safetensors=True,
            dtype=torch.float32,
            output_loading_info=True,
            ignore_mismatched_sizes=True,  # so that they are reported, and refused below
            **options,
        )
    network: torch.nn.Module = loaded[0]
    report: Mapping[str, Any] = loaded[1]
    strangers = [key for key in report["unexpected_keys"] if not key.startswith(ignored)]
    faults = {
        "missing": sorted(map(str, report["missing_keys"])),
        "of another shape": sorted(str(key) for key in report["mismatched_keys"]),
        "unknown": sorted(strangers),
    }
    found = "; ".join(f"{len(keys)} {fault}: {', '.join(keys[:3])}" for fault, keys in faults.items() if keys)
    if found:
        remedy = f"Take a whole {kind} checkpoint, and transformers >= 5.18 (older ones lose VideoMAE's biases)."
        raise BadInput(folder, found=f"weights {found}", expected="exactly the encoder's weights", remedy=remedy)
    return network


@contextmanager
def quiet_transformers() -> Iterator[None]:
    """Without the library's own load report and progress bar: what is wrong with weights is refused, not logged."""
    from transformers import utils

    logging: Any = utils.logging
    verbosity, bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        logging.set_verbosity(verbosity)
        if bars:
            logging.enable_progress_bar()
