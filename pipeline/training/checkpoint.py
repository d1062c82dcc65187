"""Checkpoints that rebuild themselves: weights as safetensors, and in the header the settings of the model."""

import json
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open
from safetensors.torch import save

from ...data.errors import BadInput
from ...data.files import write_atomically
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
    write_atomically(path, save(tensors, metadata={HEADER: json.dumps(header, sort_keys=True)}))


def read_facts(path: Path) -> dict[str, Any]:
    """What a checkpoint says about itself, without reading its weights."""
    facts: dict[str, Any] = _read_header(path)["facts"]
    return facts


def load_checkpoint(path: Path) -> Model:
    """The model as it was saved, on the CPU and in evaluation mode. Every weight must match."""
    spec = ModelSpec.model_validate(_read_header(path)["spec"])
    model = Model(spec)
    with safe_open(path, framework="pt") as file:
        model.load_state_dict({name: file.get_tensor(name) for name in file.keys()}, strict=True)  # noqa: SIM118  # not a dict
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
    try:
        with safe_open(path, framework="pt") as file:
            metadata = file.metadata() or {}
    except SafetensorError as error:
        raise BadInput(
            path, found=f"a damaged file ({error})", expected="a checkpoint", remedy="Run `pretrain` again."
        ) from None
    header: dict[str, Any] = json.loads(metadata.get(HEADER, "{}"))
    if header.get("format") != FORMAT:
        raise BadInput(
            path,
            found=f"format {header.get('format')}",
            expected=f"a checkpoint of format {FORMAT}",
            remedy="Run `pretrain` into a new folder.",
        )
    return header
