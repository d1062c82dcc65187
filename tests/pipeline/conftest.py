"""What the tests of the pipeline share: one state of torch's generator for every test, whatever ran before it."""

import pytest
import torch


@pytest.fixture(autouse=True)
def _same_numbers_every_time() -> None:
    torch.manual_seed(0)
