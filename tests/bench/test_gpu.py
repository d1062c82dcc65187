"""The bench of the GPU, as far as it can be held without one: what it counts, and what it says where there is none."""

import pytest
import torch
from bench import gpu
from bench.measure import UnavailableError
from torch.utils.flop_counter import FlopCounterMode
from transformers import VideoMAEConfig, VideoMAEModel


def test_the_arithmetic_of_a_clip_is_what_torch_counts() -> None:
    with torch.device("meta"):
        network = VideoMAEModel(VideoMAEConfig()).eval()
        with FlopCounterMode(display=False) as counter, torch.no_grad():
            network(pixel_values=torch.empty(1, 16, 3, 224, 224))
    assert counter.get_total_flops() == pytest.approx(gpu.CLIP_FLOP, rel=1e-3)


def test_without_a_gpu_the_bench_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(UnavailableError, match="no CUDA device"):
        gpu.at_the_gpu()


def test_one_way_that_fails_does_not_hide_the_others() -> None:
    def broken() -> float:
        raise RuntimeError("no compiler\nand more")

    assert gpu.tried(broken) == "RuntimeError: no compiler"
    assert gpu.tried(lambda: 3.0) == 3.0
