"""The device that a setting names is one that computes, or it is refused under that setting's name."""

from contextlib import suppress

import pytest
import torch
from equigait.data.errors import BadInput
from equigait.pipeline.runtime.device import choose_device, gpu_number, multiplies_bfloat16, tensor_float32


def test_a_device_of_this_machine_is_taken_and_auto_finds_one() -> None:
    assert choose_device("cpu", setting="train.device") == torch.device("cpu")
    assert choose_device("auto", setting="train.device").type in ("cpu", "cuda")


@pytest.mark.parametrize("name", ["quantum", "cuda:77", "meta"])
def test_one_that_is_absent_or_holds_no_numbers_is_refused(name: str) -> None:
    with pytest.raises(BadInput, match=rf"teacher\.device: found {name}.*teacher\.device=auto, or cpu"):
        choose_device(name, setting="teacher.device")


def test_the_number_of_a_gpu_is_the_names_or_the_first() -> None:
    assert [gpu_number(name) for name in ("cuda:3", "cuda", "auto", "cpu")] == [3, 0, 0, 0]


@pytest.mark.parametrize(
    ("device", "wanted", "within"), [("cuda", True, "high"), ("cuda", False, "highest"), ("cpu", True, "highest")]
)
def test_tensor_float32_is_for_gpus_that_are_not_asked_for_more_and_ends_with_the_run(
    device: str, wanted: bool, within: str
) -> None:
    with suppress(KeyError), tensor_float32(torch.device(device), wanted=wanted):
        assert torch.get_float32_matmul_precision() == within
        raise KeyError
    assert torch.get_float32_matmul_precision() == "highest"


@pytest.mark.parametrize("there", [True, False])
def test_only_gpus_are_asked_whether_they_multiply_bfloat16(there: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda including_emulation: there and not including_emulation)
    assert multiplies_bfloat16(torch.device("cuda")) is there
    assert not multiplies_bfloat16(torch.device("cpu"))
