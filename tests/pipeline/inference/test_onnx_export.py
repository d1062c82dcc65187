"""An exported model tells what the original tells, needs nothing of ours to run, and is refused where it does not."""

import json
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
import torch
from equigait.data.errors import BadInput
from equigait.pipeline.inference import onnx_export
from equigait.pipeline.inference.onnx_export import ModelFacts, Parity, export_onnx
from equigait.pipeline.probing.linear import FeatureBlock, LinearClassifier
from equigait.pipeline.students.joined_features import JoinedFeatures
from equigait.pipeline.students.settings import StudentSettings
from equigait.pipeline.students.student import Student
from equigait.pipeline.students.table import build_student
from pydantic import TypeAdapter

pytestmark = pytest.mark.skipif(not find_spec("onnxruntime"), reason="the extra `export` is not installed")
CLASSES = ("walk", "trot", "canter")
FACTS = ModelFacts(CLASSES, ("poll", "sacrum"), 50.0, 60, "a test")
BLOCKS = {"width": 16, "layers": 1, "heads": 2}
SMALL = [
    {"name": "patch-transformer", **BLOCKS, "phases": True, "spectrum": True, "stem": "convolution", "stem_width": 8},
    {"name": "patchtst", "width": 8, "layers": 1, "heads": 2},
    {"name": "deepconvlstm", "filters": 4, "width": 8},
    {"name": "conv-gru", "filters": 8, "width": 8},
    {"name": "timesnet", "width": 8, "hidden": 8, "layers": 1, "kernels": 2},
    {"name": "informer", "width": 16, "layers": 2, "heads": 2},
]
WIDE = {"name": "patch-transformer", "width": 128, "layers": 2, "heads": 4}
RNG = np.random.default_rng(3)
WINDOWS = RNG.normal(0, 3, (37, 12, 60)).astype(np.float32)


def student_of(settings: dict[str, object]) -> Student:
    built = TypeAdapter(StudentSettings).validate_python({"embedding": 12, **settings})
    return build_student(built, channels=12, steps=60, seed=0)


def probe(dim: int = 12) -> LinearClassifier:
    weight = np.random.default_rng(4).normal(0, 3, (3, dim)).astype(np.float32)
    return LinearClassifier(CLASSES, weight, np.zeros(3, np.float32), 1.0, 1.0, ("a", "b"))


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A patch transformer and its probe in float32."""
    path = tmp_path_factory.mktemp("exported") / "float32.onnx"
    export_onnx(student_of(WIDE), probe(), facts=FACTS, windows=WINDOWS, path=path)
    return path


@pytest.fixture(scope="module")
def rounded(exported: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Parity]:
    """The same in integers, from what torch wrote once, and how it compares."""
    path = tmp_path_factory.mktemp("rounded") / "int8.onnx"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(onnx_export, "_onnx_bytes", lambda *_, **__: exported.read_bytes())
        return path, export_onnx(student_of(WIDE), probe(), facts=FACTS, windows=WINDOWS, path=path, precision="int8")


def run_alone(path: Path, windows: np.ndarray) -> list[np.ndarray]:
    """What numpy and onnxruntime make of the file."""
    import onnxruntime

    return list(onnxruntime.InferenceSession(str(path)).run(["embedding", "probabilities"], {"imu": windows}))


@pytest.mark.parametrize("settings", SMALL, ids=lambda settings: str(settings["name"]))
def test_every_student_is_exported_and_tells_the_same(settings: dict[str, object], tmp_path: Path) -> None:
    student, path = student_of(settings), tmp_path / "model.onnx"
    parity = export_onnx(student, probe(), facts=FACTS, windows=WINDOWS, path=path)
    assert parity.agreement == 1.0
    assert parity.largest_difference < 1e-4

    embedding, probabilities = run_alone(path, WINDOWS)
    np.testing.assert_allclose(embedding, student(torch.from_numpy(WINDOWS)).detach().numpy(), atol=1e-4)
    np.testing.assert_allclose(probabilities, probe().probabilities(embedding), atol=1e-4)


def test_a_probe_that_reads_features_beside_the_student_is_exported_with_them(tmp_path: Path) -> None:
    blocks = ["spectra", "phases", "sides", "axes-spectra"]
    network = JoinedFeatures(student_of(WIDE).eval(), blocks=blocks, rate_hz=FACTS.rate_hz)
    path, dim = tmp_path / "joined.onnx", sum(network.widths.values())
    weighed = replace(probe(dim), blocks=tuple(FeatureBlock(*each) for each in network.widths.items()))
    export_onnx(network.student, weighed, facts=FACTS, windows=WINDOWS, path=path)
    with torch.no_grad():
        expected = weighed.probabilities(network(torch.from_numpy(WINDOWS)).numpy())
    np.testing.assert_allclose(run_alone(path, WINDOWS)[1], expected, atol=1e-4)


def test_a_missing_sensor_is_told_by_nan_as_before(exported: Path) -> None:
    windows = WINDOWS.copy()
    windows[:, 6:] = np.nan
    model = onnx_export.StudentWithProbe(student_of(WIDE), probe(), rate_hz=50.0).eval()
    assert onnx_export.compare(exported.read_bytes(), model=model, windows=windows).agreement == 1.0


def test_labels_sites_and_rate_lie_in_the_file(exported: Path) -> None:
    import onnxruntime

    metadata = onnxruntime.InferenceSession(str(exported)).get_modelmeta().custom_metadata_map
    told = json.loads(metadata["equigait"])
    assert (told["classes"], told["sites"], told["rate_hz"], told["steps"]) == (
        list(CLASSES),
        ["poll", "sacrum"],
        50,
        60,
    )


def test_integers_make_the_file_smaller_and_tell_nearly_the_same(exported: Path, rounded: tuple[Path, Parity]) -> None:
    small, parity = rounded
    assert small.stat().st_size < 0.5 * exported.stat().st_size
    assert parity.largest_difference < 0.2


def test_what_the_probe_weighs_is_never_rounded_to_integers(rounded: tuple[Path, Parity]) -> None:
    import onnx

    weights = onnx.load(rounded[0]).graph.initializer
    names = [each.name for each in weights if each.data_type == onnx.TensorProto.INT8 and len(each.dims) == 2]
    assert len(names) == 10  # of two layers four products each, of the patches and of the embedding one
    assert not [name for name in names if name.startswith(onnx_export.PRECISE)]


def test_a_model_that_tells_something_else_is_refused_and_not_written(
    exported: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(onnx_export, "_onnx_bytes", lambda *_, **__: exported.read_bytes())
    with pytest.raises(BadInput, match="the same gait on"):
        export_onnx(student_of(SMALL[0]), probe(), facts=FACTS, windows=WINDOWS, path=tmp_path / "model.onnx")
    assert not (tmp_path / "model.onnx").exists()


def test_a_student_that_torch_cannot_write_is_refused_in_a_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch

    def failing(*_: object, **__: object) -> bytes:
        raise torch.onnx.OnnxExporterError("no such operator")

    monkeypatch.setattr(onnx_export, "_onnx_bytes", failing)
    with pytest.raises(BadInput, match="a student that torch cannot write as ONNX: PatchTransformer"):
        export_onnx(student_of(SMALL[0]), probe(), facts=FACTS, windows=WINDOWS, path=tmp_path / "model.onnx")
