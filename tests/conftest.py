"""What every test shares: shape checks on all public signatures, and one thread for small matrices."""

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("HF_HUB_OFFLINE", "1")

from jaxtyping import install_import_hook

install_import_hook("equigait", "shape_checks.checked")
