"""What every test shares: shape checks on all public signatures, one thread for small matrices, and no GPU.

The suite runs alike on machines with and without a GPU: it is hidden unless the tests marked `gpu` are selected by
`pytest -m gpu` (`make gpu`).
"""

import os

import pytest
from jaxtyping import install_import_hook

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("HF_HUB_OFFLINE", "1")

install_import_hook("equigait", "shape_checks.checked")


def pytest_configure(config: pytest.Config) -> None:
    """Hides GPUs before any test module imports torch."""
    if config.option.markexpr != "gpu":
        os.environ["CUDA_VISIBLE_DEVICES"] = ""
