"""`RUN/probe.safetensors`: the linear probe as a layer's weight and bias, with the digest of its checkpoint."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from ...data.errors import BadInput
from ...data.files import file_digest, write_atomically
from ..runtime.content_digest import CONTENT, content_digest, is_damaged
from .linear import FeatureBlock, LinearClassifier
from .novelty_model import NoveltyModel
from .transitions import TransitionModel

FORMAT = 1
"""Of this file; another one is refused."""
NOVELTY, TRANSITIONS = "novelty", "transitions"
"""Prefixes of the arrays of the probe's parts."""
HEADER = "equigait"
"""Under this name the file's metadata carries our JSON."""


def save_probe(classifier: LinearClassifier, *, run: Path) -> Path:
    """Writes weight, bias and where they come from; whole or not at all."""
    path = run / "probe.safetensors"
    header = {
        "format": FORMAT,
        "classes": classifier.classes,
        "inverse_penalty": classifier.inverse_penalty,
        "temperature": classifier.temperature,
        "horses": classifier.horses,
        "self_taught": classifier.self_taught,
        "changed": classifier.changed,
        "blocks": [vars(block) for block in classifier.blocks],
        "checkpoint": file_digest(run / "checkpoint.safetensors"),
    }
    # safetensors writes raw memory: an array in Fortran order would be read back wrongly
    tensors = {"weight": classifier.weight, "bias": classifier.bias}
    tensors |= {} if classifier.fill is None else {"fill": classifier.fill}
    for name, part in ((NOVELTY, classifier.novelty), (TRANSITIONS, classifier.transitions)):
        own = vars(part) if part else {}
        tensors |= {f"{name}.{key}": value for key, value in own.items() if key != "classes" and value is not None}
    tensors = {name: np.ascontiguousarray(values) for name, values in tensors.items()}
    header |= {CONTENT: content_digest(tensors, header=header)}
    write_atomically(path, save(tensors, metadata={HEADER: json.dumps(header)}))
    return path


def load_probe(run: Path) -> LinearClassifier:
    """The probe of a run; refused when it was fitted to another checkpoint than the one that lies there now."""
    path = run / "probe.safetensors"
    header, tensors = _read(path)
    if header.get("format") != FORMAT:
        raise _unusable(path, found=f"format {header.get('format')}", expected=f"a probe of format {FORMAT}")
    if is_damaged(tensors, header=header):
        raise _unusable(path, found="a damaged file (its content is not what was written)", expected="a probe")
    if header["checkpoint"] != file_digest(run / "checkpoint.safetensors"):
        raise _unusable(path, found="a probe of another checkpoint", expected="the probe of this run's checkpoint")
    classes, novelty, moves = tuple(header["classes"]), _part(tensors, NOVELTY), _part(tensors, TRANSITIONS)
    return LinearClassifier(
        classes=classes,
        weight=tensors["weight"],
        bias=tensors["bias"],
        inverse_penalty=header["inverse_penalty"],
        temperature=header["temperature"],
        horses=tuple(header["horses"]),
        self_taught=header.get("self_taught", 0),  # absent in older probes
        novelty=NoveltyModel(**novelty) if novelty else None,
        transitions=TransitionModel(classes, **moves) if moves else None,
        changed=tuple(header.get("changed", ())),
        fill=tensors.get("fill"),
        blocks=tuple(FeatureBlock(**block) for block in header.get("blocks", ())),
    )


def _read(path: Path) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Header and arrays of a probe's file."""
    if not path.is_file():
        raise BadInput(path, found="no probe", expected="the run's probe", remedy="Run `equigait-cli probe` first.")
    path.open("rb").close()  # what may not be read safetensors calls missing
    try:
        with safe_open(path, framework="numpy") as file:
            header = json.loads((file.metadata() or {}).get(HEADER, "{}"))
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - not a dict
    except (SafetensorError, ValueError) as error:
        raise _unusable(path, found=f"a damaged file ({error})", expected="a probe") from None
    return header, tensors


def _part(tensors: Mapping[str, Any], name: str) -> dict[str, Any]:
    """The arrays of one part by their own names; none in a probe of an older version."""
    return {key.removeprefix(f"{name}."): value for key, value in tensors.items() if key.startswith(f"{name}.")}


def model_digest(run: Path) -> str:
    """SHA-256 of a run's checkpoint and probe: what scores belong to."""
    together = "".join(file_digest(run / name) for name in ("checkpoint.safetensors", "probe.safetensors"))
    return hashlib.sha256(together.encode()).hexdigest()


def _unusable(path: Path, *, found: str, expected: str) -> BadInput:
    return BadInput(path, found=found, expected=expected, remedy="Run `equigait-cli probe` again.")
