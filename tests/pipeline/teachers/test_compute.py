"""On what a teacher computes: what is chosen where, and what is refused."""

import pytest
import torch
from equigait.pipeline.teachers import compute
from equigait.pipeline.teachers.compute import choose_batch, choose_concurrent_batches, choose_precision
from equigait.pipeline.teachers.settings import TeacherSettings

CPU, CUDA = torch.device("cpu"), torch.device("cuda")


@pytest.mark.parametrize(
    ("hardware", "dtype"),
    [
        ({"amx_bf16": True, "avx512_bf16": True}, torch.bfloat16),
        ({"amx_bf16": False, "avx512_bf16": True}, torch.float32),
        ({"avx2": True, "avx512_bf16": False}, torch.float32),
        ({}, torch.float32),
    ],
)
def test_a_processor_computes_in_bfloat16_where_it_has_it(
    monkeypatch: pytest.MonkeyPatch, hardware: dict[str, bool], dtype: torch.dtype
) -> None:
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: hardware, raising=False)
    assert choose_precision("auto", device=CPU) == dtype


@pytest.mark.parametrize(("can", "dtype"), [(True, torch.bfloat16), (False, torch.float32)])
def test_a_gpu_computes_in_bfloat16_where_it_has_it(
    monkeypatch: pytest.MonkeyPatch, can: bool, dtype: torch.dtype
) -> None:
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda including_emulation: can and not including_emulation)
    assert choose_precision("auto", device=CUDA) == dtype


def test_what_is_asked_for_is_done_whatever_the_hardware() -> None:
    assert choose_precision("float32", device=CPU) == torch.float32
    assert choose_precision("bfloat16", device=torch.device("meta")) == torch.bfloat16
    assert choose_precision("auto", device=torch.device("meta")) == torch.float32


def test_a_processor_embeds_one_clip_a_core_and_a_gpu_large_batches_two_in_flight(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(compute, "usable_cores", lambda: 7)
    auto = TeacherSettings()
    assert (choose_batch(auto, device=CPU), choose_concurrent_batches(auto, device=CPU)) == (1, 7)
    assert (choose_batch(auto, device=CUDA), choose_concurrent_batches(auto, device=CUDA)) == (64, 2)
    asked = TeacherSettings(batch_clips=5, threads=3)
    assert (choose_batch(asked, device=CPU), choose_concurrent_batches(asked, device=CPU)) == (5, 3)
    assert choose_batch(asked, device=CUDA) == 5
