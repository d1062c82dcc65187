"""Checkpoints that rebuild themselves: weights as safetensors, and in the header the settings of the model."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from ...data.errors import BadInput
from ...data.files import write_atomically
from ..runtime.content_digest import CONTENT, content_digest, is_damaged
from ..students.student import Student
from .model import Model, ModelSpec
from .run import Run

FORMAT = 2
"""Raised when the layout of checkpoints or of the state changes; others are refused."""
HEADER = "equigait"
"""Under this name the header carries our JSON."""


def save_checkpoint(model: Model, path: Path, *, facts: dict[str, Any]) -> None:
    """Writes weights, buffers and settings; `facts` is JSON about where they come from (step, scores, teacher, ...)."""
    tensors = {name: tensor.detach().cpu().contiguous() for name, tensor in model.state_dict().items()}
    header = {"format": FORMAT, "spec": model.spec.model_dump(mode="json"), "facts": facts}
    header |= {CONTENT: content_digest(_arrays(tensors), header=header)}
    write_atomically(path, save(tensors, metadata={HEADER: json.dumps(header, sort_keys=True)}))


def read_facts(path: Path) -> dict[str, Any]:
    """What a checkpoint says about itself, without reading its weights."""
    facts: dict[str, Any] = _read_header(path)["facts"]
    return facts


def load_checkpoint(path: Path) -> Model:
    """The model as it was saved, on the CPU and in evaluation mode. Every weight must match."""
    header = _read_header(path)
    with safe_open(path, framework="pt") as file:
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118  # not a dict
    if is_damaged(_arrays(tensors), header=header):
        raise _damaged(path, found="a damaged file (its content is not what was written)")
    model = Model(ModelSpec.model_validate(header["spec"]))
    model.load_state_dict(tensors, strict=True)
    return model.eval()


def load_model(run: Path) -> Model:
    """The run's best model, for evaluation: student, heads and objective."""
    return load_checkpoint(Run(run).checkpoint)


def load_student(run: Path) -> Student:
    """The run's best student, for evaluation, on the CPU."""
    return load_model(run).student


def _read_header(path: Path) -> dict[str, Any]:
    if not path.is_file():
        raise BadInput(
            path, found="no such file", expected="a checkpoint", remedy="Run `pretrain` into this folder first."
        )
    path.open("rb").close()  # what may not be read safetensors calls missing
    try:
        with safe_open(path, framework="pt") as file:
            metadata = file.metadata() or {}
        header: dict[str, Any] = json.loads(metadata.get(HEADER, "{}"))
    except (SafetensorError, ValueError) as error:
        raise _damaged(path, found=f"a damaged file ({error})") from None
    if header.get("format") != FORMAT:
        raise BadInput(
            path,
            found=f"format {header.get('format')}",
            expected=f"a checkpoint of format {FORMAT}",
            remedy="Run `pretrain` into a new folder.",
        )
    return header


def _arrays(tensors: Mapping[str, Tensor]) -> dict[str, np.ndarray]:
    return {name: tensor.numpy() for name, tensor in tensors.items()}


def _damaged(path: Path, *, found: str) -> BadInput:
    remedy = "Copy it again from where it was made, or run `pretrain` into a new folder."
    return BadInput(path, found=found, expected="a checkpoint", remedy=remedy)
