"""Reads binary files of Axivity (`.cwa`) and GENEActiv (`.bin`) sensors through scikit-digital-health."""

import contextlib
import os
import warnings
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np

from ..errors import BadInput
from .sensor import Acceleration, AngularRate
from .table import Device, Table

ACCELERATION = Acceleration(columns=("ax", "ay", "az"), unit="g")
ANGULAR_RATE = AngularRate(columns=("gx", "gy", "gz"), unit="deg/s")

_ONE_AT_A_TIME = Lock()
"""What is kept silent here, warnings and the standard output, is so for the whole process."""


class _WristWorn(ABC):
    """What both formats share: the library that reads them, and its names."""

    generic = False
    library_class = ""
    """The reader's name in `skdh.io`."""
    suffix = ""
    """What the library wants the file's name to end in; another ending is only a warning there."""

    @abstractmethod
    def recognises(self, head: bytes) -> bool:
        """By its own first bytes."""

    def __call__(self, path: Path, *, columns: Sequence[str]) -> Table:
        """Acceleration, angular rate where the device has a gyroscope, and times of all samples."""
        read = self._decoded(path)
        table = dict(zip(ACCELERATION.columns, np.asarray(read["accel"], np.float64).T, strict=True))
        if "gyro" in read:
            table |= dict(zip(ANGULAR_RATE.columns, np.asarray(read["gyro"], np.float64).T, strict=True))
        missing = [column for column in columns if column not in table]
        if missing:
            found = f"the column {missing[0]}"
            raise BadInput(path, found=found, expected=f"one of {', '.join(table)}", remedy="Correct `columns:`.")
        device = Device(
            acceleration=ACCELERATION,
            angular_rate=ANGULAR_RATE if "gyro" in read else None,
            stamp_seconds=np.asarray(read["time"], np.float64),
        )
        return Table(path, table, {"": device})

    def _decoded(self, path: Path) -> dict[str, Any]:
        with path.open("rb") as file:
            if not self.recognises(file.read(4096)):
                expected = f"a file as the device wrote it ({self.suffix})"
                raise BadInput(path, found="another beginning", expected=expected, remedy="Correct `format:`.")
        try:
            with _ONE_AT_A_TIME, warnings.catch_warnings(), _silent():
                warnings.simplefilter("ignore")  # of another ending, and of the library's own dependencies
                from skdh import io

                reader: Any = getattr(io, self.library_class)()
                return dict(reader.predict(file=str(path)))
        except ImportError:
            remedy = "Install it: pip install 'equigait[cwa]', or export the file as CSV."
            expected = "the library scikit-digital-health, which reads it"
            raise BadInput(path, found=f"a {self.suffix} file", expected=expected, remedy=remedy) from None
        except Exception as error:  # the library lists none; its parser in C raises what it likes
            found = " ".join(str(error).split())[:200] or type(error).__name__
            expected = f"a whole {self.suffix} file"
            raise BadInput(path, found=found, expected=expected, remedy="Copy it from the device again.") from None


class AxivityReader(_WristWorn):
    """AX3 (no gyroscope) and AX6. Each block of 40 to 120 samples bears one stamp; the library spreads them."""

    library_class = "ReadCwa"
    suffix = ".cwa"

    def recognises(self, head: bytes) -> bool:
        """The header block: `MD`, and 1020 bytes of length."""
        return head.startswith(b"MD") and head[2:4] == b"\xfc\x03"


class GeneactivReader(_WristWorn):
    """GENEActiv: text in pages, samples in hexadecimal digits, no gyroscope."""

    library_class = "ReadBin"
    suffix = ".bin"

    def recognises(self, head: bytes) -> bool:
        """Its first line and the device's type."""
        return head.startswith(b"Device Identity") and b"GENEActiv" in head[:4096]


@contextlib.contextmanager
def _silent() -> Iterator[None]:
    """Keeps what the library's parser prints off the terminal."""
    with open(os.devnull, "w") as nowhere, contextlib.redirect_stdout(nowhere):  # noqa: PTH123 - a device, no path
        yield
