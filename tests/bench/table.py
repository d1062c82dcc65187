"""Every bench by name. A new one is a file with its `BENCHES` and one line here."""

from . import decode, read
from .measure import Bench

BENCHES: dict[str, Bench] = {
    **decode.BENCHES,
    **read.BENCHES,
}
