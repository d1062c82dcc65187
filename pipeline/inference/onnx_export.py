"""A student and its probe as one ONNX file that numpy and onnxruntime alone can run.

The file takes windows in SI units and gives embedding and probabilities; standardisation and temperature are inside,
classes, sites and rate stand in its metadata. A file is only kept when it tells the same as the original on windows
that neither was fitted to.
"""

import json
import logging
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from jaxtyping import Float32, Float64
from numpy import ndarray as Array
from torch import Tensor, nn

from ...data.errors import BadInput
from ...data.files import write_atomically
from ..probing.linear import LinearClassifier
from ..probing.linear_layer import linear_layer
from ..probing.student_probe import network_of
from ..students.student import Student

Precision = Literal["float32", "int8"]
METADATA_KEY = "equigait"
"""Under this name the file's metadata carries JSON: classes, sites, rate, steps, where the model comes from."""
LEAST_AGREEMENT: dict[Precision, float] = {"float32": 0.999, "int8": 0.98}
"""Share of windows whose likeliest class must stay the same, else the file is refused."""
PRECISE = ("network.fixed.", "probe.")
"""Weights that are never rounded to integers."""
OPSET = 20
"""Of ONNX: the first with Gelu as one operator."""


@dataclass(frozen=True)
class ModelFacts:
    """What a program needs to know to feed the model."""

    classes: tuple[str, ...]
    """Names of the columns of `probabilities`."""
    sites: tuple[str, ...]
    """In channel order; each has ax ay az (m/s^2) gx gy gz (rad/s), x forward, y left, z up."""
    rate_hz: float
    """Steps a second."""
    steps: int
    """Of a window."""
    origin: str
    """Which run and data it comes from, for people."""


@dataclass(frozen=True)
class Parity:
    """How an exported model compares with the original on the same windows."""

    windows: int
    """How many were compared."""
    agreement: float
    """Share of windows with the same likeliest class."""
    largest_difference: float
    """Of any probability."""


class StudentWithProbe(nn.Module):
    """Windows in, embedding and probabilities out: what is exported."""

    fill: Tensor

    def __init__(self, student: Student, classifier: LinearClassifier, *, rate_hz: float) -> None:
        super().__init__()
        self.embedding = student.embedding
        self.network = network_of(student, classifier=classifier, rate_hz=rate_hz)
        self.probe = linear_layer(classifier)
        fill = np.zeros(classifier.weight.shape[1], np.float32) if classifier.fill is None else classifier.fill
        self.register_buffer("fill", torch.from_numpy(fill.copy()))

    def forward(
        self, imu: Float32[Tensor, "batch channels steps"]
    ) -> tuple[Float32[Tensor, "batch embedding"], Float32[Tensor, "batch classes"]]:
        """Embedding and probabilities of each window; a channel of NaN is taken as missing."""
        features = self.network(imu)
        filled = torch.where(features.isnan(), self.fill, features)
        return features[:, : self.embedding], torch.softmax(self.probe(filled), dim=1)


def export_onnx(
    student: Student,
    classifier: LinearClassifier,
    *,
    facts: ModelFacts,
    windows: Float32[Array, "windows channels steps"],
    path: Path,
    precision: Precision = "float32",
) -> Parity:
    """Writes the model to `path` once it has been compared with the original on `windows`; refused where they differ.

    `int8` keeps weights of matrix products as 8-bit integers and quantises activations as they come.
    """
    _require_onnx()
    model = StudentWithProbe(student.cpu().eval(), classifier, rate_hz=facts.rate_hz).eval()
    try:
        data = _onnx_bytes(model, channels=student.channels, steps=student.steps)
    except torch.onnx.OnnxExporterError as failure:
        found = f"a student that torch cannot write as ONNX: {type(student).__name__}"
        remedy = "Train another student, or use this one by `equigait-cli predict` and `embed`."
        raise BadInput(path, found=found, expected="one whose operators ONNX knows", remedy=remedy) from failure
    if precision == "int8":
        data = _quantised(data)
    data = _with_metadata(data, facts=facts, precision=precision)
    parity = compare(data, model=model, windows=windows)
    if parity.agreement < LEAST_AGREEMENT[precision]:
        raise BadInput(
            path,
            found=f"the same gait on {100 * parity.agreement:.1f} % of {parity.windows} windows only",
            expected=f"at least {100 * LEAST_AGREEMENT[precision]:g} % in {precision}",
            remedy="Export in float32." if precision == "int8" else "Update onnxruntime, and report this as a bug.",
        )
    write_atomically(path, data)
    return parity


def compare(data: bytes, *, model: StudentWithProbe, windows: Float32[Array, "windows channels steps"]) -> Parity:
    """Runs both on the same windows."""
    import onnxruntime

    session = onnxruntime.InferenceSession(data, providers=["CPUExecutionProvider"])
    found = np.concatenate([session.run(["probabilities"], {"imu": part})[0] for part in _parts(windows)])
    with torch.inference_mode():
        expected: Float64[Array, "windows classes"] = np.concatenate(
            [model(torch.from_numpy(part))[1].numpy() for part in _parts(windows)]
        )
    agreement = float(np.mean(found.argmax(axis=1) == expected.argmax(axis=1)))
    return Parity(len(windows), agreement, float(np.abs(found - expected).max()))


def _parts(windows: Float32[Array, "windows channels steps"]) -> Sequence[Array]:
    return [windows[first : first + 256] for first in range(0, len(windows), 256)]


def _onnx_bytes(model: nn.Module, *, channels: int, steps: int) -> bytes:
    example = (torch.zeros(2, channels, steps),)
    with _without_chatter():
        program: Any = torch.onnx.export(
            model,
            example,
            dynamo=True,
            dynamic_shapes={"imu": {0: torch.export.Dim("batch")}},
            input_names=["imu"],
            output_names=["embedding", "probabilities"],
            opset_version=OPSET,
            verbose=False,
        )
    serialised: bytes = program.model_proto.SerializeToString()
    return serialised


def _quantised(data: bytes) -> bytes:
    """Weights of the student's matrix products as signed 8-bit integers, one scale for each output channel.

    Spectra and what the probe reads keep their precision: powers and features differ in size by orders of magnitude.
    """
    import tempfile

    import onnx
    from onnxruntime.quantization import QuantType, quantize_dynamic

    nodes = onnx.load_from_string(data).graph.node
    named = [node.name for node in nodes if any(name.startswith(PRECISE) for name in node.input)]
    precise = [*named, *(f"{name}_MatMul" for name in named)]  # what a Gemm is called once it is split
    with tempfile.TemporaryDirectory() as folder, _without_chatter():
        before, after = Path(folder) / "float32.onnx", Path(folder) / "int8.onnx"
        before.write_bytes(data)
        quantize_dynamic(before, after, weight_type=QuantType.QInt8, per_channel=True, nodes_to_exclude=precise)
        return after.read_bytes()


def _with_metadata(data: bytes, *, facts: ModelFacts, precision: Precision) -> bytes:
    import onnx

    model = onnx.load_from_string(data)
    onnx.helper.set_model_props(model, {METADATA_KEY: json.dumps(asdict(facts) | {"precision": precision})})
    serialised: bytes = model.SerializeToString()
    return serialised


@contextmanager
def _without_chatter() -> Iterator[None]:
    """The exporter warns of operators of packages that are not installed, and of its own deprecations."""
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)


def _require_onnx() -> None:
    missing = [name for name in ("onnx", "onnxruntime", "onnxscript") if find_spec(name) is None]
    if missing:
        remedy = "Run `pip install 'equigait[export]'`."
        raise BadInput("export", found=f"no {', no '.join(missing)}", expected="the extra `export`", remedy=remedy)
