"""The command that exports a run: the file predicts what the run predicts, without equigait."""

import json
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from equigait.pipeline.export import export
from equigait.pipeline.probing.inputs import probe_inputs
from equigait.pipeline.probing.probe_file import load_probe
from equigait.pipeline.probing.student_probe import network_of
from equigait.pipeline.recipe import load_run_recipe
from equigait.pipeline.students.embedding import embed
from rides import probed_run, ride_cache

pytestmark = pytest.mark.skipif(not find_spec("onnxruntime"), reason="the extra `export` is not installed")


def test_a_run_is_one_file_that_onnxruntime_alone_can_run_and_its_card_says_how(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    import onnxruntime

    run = probed_run(tmp_path)
    path = tmp_path / "model.onnx"
    parity = export(ride_cache(), run=run, out=path)
    assert (parity.agreement, parity.windows > 8) == (1.0, True)
    inputs = probe_inputs(ride_cache(), run=run, settings=load_run_recipe(run))
    windows = inputs.parts.test.imu[:]
    session = onnxruntime.InferenceSession(str(path))
    found = session.run(["probabilities"], {"imu": windows.numpy()})[0]
    classifier = load_probe(run)
    network = network_of(inputs.model.student, classifier=classifier, rate_hz=50.0)
    expected = classifier.probabilities(embed(network, windows))
    np.testing.assert_allclose(found, expected, atol=1e-4)
    facts = json.loads(session.get_modelmeta().custom_metadata_map["equigait"])
    assert facts["classes"] == ["walk", "trot", "canter"]
    card = (tmp_path / "README.md").read_text()
    assert "Simulated" not in card
    monkeypatch.chdir(tmp_path)
    exec(card.split("```python\n")[1].split("```")[0], {})
    assert "'trot': " in capsys.readouterr().out
