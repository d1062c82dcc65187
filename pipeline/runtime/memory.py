"""Freed memory given back to the system."""

import ctypes
import sys


def release_freed_memory() -> None:
    """Gives back what was freed between blocks still in use, where the C library is glibc (`malloc_trim`).

    It keeps such pages for itself otherwise: after many large blocks of varying size a process holds several times what
    it uses. Elsewhere this does nothing.
    """
    if not sys.platform.startswith("linux"):
        return
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # other C libraries have none
    if trim is not None:
        trim(0)
