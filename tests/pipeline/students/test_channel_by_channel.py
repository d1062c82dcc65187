"""Students that read each channel by itself: channels do not leak into each other, and silent ones leave no trace."""

from importlib.util import find_spec
from pathlib import Path

import pytest
import torch
from equigait.data.errors import BadInput
from equigait.pipeline.students.settings import MantisSettings, PatchTstSettings, StudentSettings
from equigait.pipeline.students.table import build_student
from safetensors.torch import load_file, save_file

needs_mantis = pytest.mark.skipif(not find_spec("mantis"), reason="the extra `students` is not installed")
BOTH = [
    pytest.param(PatchTstSettings(width=8, layers=1, heads=2), id="patchtst"),
    pytest.param(MantisSettings(layers=1), id="mantis", marks=needs_mantis),
]


@pytest.mark.parametrize("settings", BOTH)
def test_a_channels_tokens_depend_on_that_channel_alone(settings: StudentSettings) -> None:
    student = build_student(settings, channels=6, steps=50, seed=0).eval()
    imu, other = torch.randn(2, 6, 50), torch.randn(2, 6, 50)
    other[:, 2] = imu[:, 2]
    one, two = (student.tokens(signal).unflatten(2, (6, -1)) for signal in (imu, other))
    torch.testing.assert_close(one[:, :, 2], two[:, :, 2])
    assert not torch.allclose(one[:, :, 3], two[:, :, 3])


@pytest.mark.parametrize("settings", BOTH)
def test_a_silent_channel_leaves_no_trace(settings: StudentSettings) -> None:
    student = build_student(settings, channels=6, steps=50, seed=0).eval()
    imu = torch.randn(2, 6, 50)
    imu[1, 4] = 0.0
    tokens = student.tokens(imu).unflatten(2, (6, -1))
    assert not tokens[1, :, 4].any()
    assert tokens[0, :, 4].all()


def test_mantis_without_its_package_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "mantis.architecture", None)
    with pytest.raises(BadInput, match=r"equigait\[students\]"):
        build_student(MantisSettings(layers=1), channels=6, steps=50, seed=0)


@needs_mantis
def test_mantis_takes_the_weights_of_a_file_and_no_others(tmp_path: Path) -> None:
    from mantis.architecture import MantisV1

    given = MantisV1(transf_depth=1, device="cpu")
    path = tmp_path / "mantis.safetensors"
    save_file({name: value.contiguous() for name, value in given.state_dict().items()}, path)
    student = build_student(MantisSettings(layers=1, weights=str(path)), channels=6, steps=50, seed=0)
    assert torch.equal(student.network.transf_unit.cls_token, given.transf_unit.cls_token)
    save_file({"a": load_file(path)["prj.1.bias"]}, tmp_path / "other.safetensors")
    for wrong in ("absent", "other"):
        settings = MantisSettings(layers=1, weights=str(tmp_path / f"{wrong}.safetensors"))
        with pytest.raises(BadInput, match=r"student\.weights"):
            build_student(settings, channels=6, steps=50, seed=0)
