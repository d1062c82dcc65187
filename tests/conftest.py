"""What every test shares: shape checks on all public signatures, one thread for small matrices, and no GPU.

The suite runs alike on machines with and without a GPU: it is hidden unless the tests marked `gpu` are selected by
`pytest -m gpu` (`make gpu`).
"""

import os
import signal

import pytest
from shape_checks import check_shapes

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("HF_HUB_OFFLINE", "1")

check_shapes("equigait")


def pytest_configure(config: pytest.Config) -> None:
    """Hides GPUs before any test module imports torch. Lets interrupts through, which a shell's background ignores."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if config.option.markexpr != "gpu":
        os.environ["CUDA_VISIBLE_DEVICES"] = ""
