"""The device that a setting names is one that computes, or it is refused under that setting's name."""

import pytest
import torch
from equigait.data.errors import BadInput
from equigait.pipeline.runtime.device import choose_device


def test_a_device_of_this_machine_is_taken_and_auto_finds_one() -> None:
    assert choose_device("cpu", setting="train.device") == torch.device("cpu")
    assert choose_device("auto", setting="train.device").type in ("cpu", "cuda")


@pytest.mark.parametrize("name", ["quantum", "cuda:77", "meta"])
def test_one_that_is_absent_or_holds_no_numbers_is_refused(name: str) -> None:
    with pytest.raises(BadInput, match=rf"teacher\.device: found {name}.*teacher\.device=auto, or cpu"):
        choose_device(name, setting="teacher.device")
