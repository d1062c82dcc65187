"""Film and sensors on one clock: offset and drift found from motion alone, with a verdict, or refused with reasons."""

from .result import SyncResult, Verdict, write_sync
from .settings import KnownPair, SyncSpec, Thresholds
from .synchronise import synchronise
from .units import UnitClock, align_units

__all__ = [
    "KnownPair",
    "SyncResult",
    "SyncSpec",
    "Thresholds",
    "UnitClock",
    "Verdict",
    "align_units",
    "synchronise",
    "write_sync",
]
