"""Reads HDF5 files of APDM Opal sensors (Motion Studio, Mobility Lab): all sensors of a measurement on one clock."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float64
from numpy import ndarray as Array

from ..errors import BadInput
from .hdf5_file import Hdf5Reader, is_hdf5, open_hdf5
from .sensor import Acceleration, AngularRate
from .table import Device, Table, refuse_too_long, to_numbers

STAMP_SECONDS = 1e-6
"""`Time` counts microseconds since 1970, UTC (APDM, Movement Monitoring Solutions: HDF5 format version 5)."""


class ApdmOpalReader:
    """`/Sensors/<id>/{Accelerometer, Gyroscope, Time}` in m/s^2 and rad/s. Devices go by their id or their label."""

    generic = False

    def recognises(self, head: bytes) -> bool:
        """HDF5 that begins with a group `Sensors` beside `Processed` or `Annotations`."""
        beside = b"Processed" in head or b"Annotations" in head or b"Configuration" in head
        return is_hdf5(head) and b"Sensors\0" in head and beside

    def __call__(self, path: Path, *, columns: Sequence[str]) -> Table:
        """Every sensor's signals. Other columns are read as from any HDF5 file."""
        table = dict(Hdf5Reader()(path, columns=columns).columns)
        devices: dict[str, Device] = {}
        with open_hdf5(path) as file:
            sensors = file.get("Sensors")
            if sensors is None or not hasattr(sensors, "keys"):
                raise _no_sensors(path, found=", ".join(file))
            for identity, group in sensors.items():
                force, rate = (_triad(group, kind=kind, path=path) for kind in ("Accelerometer", "Gyroscope"))
                names = {kind: _names(identity, kind=kind) for kind in ("Accelerometer", "Gyroscope")}
                table |= dict(zip(names["Accelerometer"], force.T, strict=True))
                table |= dict(zip(names["Gyroscope"], rate.T, strict=True))
                devices[identity] = Device(
                    acceleration=Acceleration(columns=names["Accelerometer"], unit="m/s^2"),
                    angular_rate=AngularRate(columns=names["Gyroscope"], unit="rad/s"),
                    stamp_seconds=to_numbers(_dataset(group, "Time", path=path), path=path, column="Time")
                    * STAMP_SECONDS,
                    label=_label(group),
                )
        if not devices:
            raise _no_sensors(path, found="none")
        return Table(path, table, devices)


def _names(identity: str, *, kind: str) -> tuple[str, str, str]:
    stem = f"Sensors/{identity}/{kind}"
    return f"{stem}[:, 0]", f"{stem}[:, 1]", f"{stem}[:, 2]"


def _dataset(group: Any, name: str, *, path: Path) -> np.ndarray:
    import h5py

    data = group.get(name) if isinstance(group, h5py.Group) else None
    if not isinstance(data, h5py.Dataset):
        raise _no_sensors(path, found=f"no {name} in {getattr(group, 'name', None) or 'a sensor that is not there'}")
    refuse_too_long(data.shape, path=path)
    return np.asarray(data[()])


def _triad(group: Any, *, kind: str, path: Path) -> Float64[Array, "rows 3"]:
    values = _dataset(group, kind, path=path)
    if values.ndim != 2 or values.shape[1] != 3 or values.dtype.kind not in "fiu":
        raise _no_sensors(path, found=f"{kind} of {values.dtype} and shape {values.shape} in {group.name}")
    return values.astype(np.float64)


def _label(group: Any) -> str:
    """The name given to the sensor, `Lumbar` say, where it stands."""
    configuration = group.get("Configuration")
    label = configuration.attrs.get("Label 0", "") if configuration is not None else ""
    text = label.decode("utf-8", "replace") if isinstance(label, bytes) else str(label)
    return text.strip("\0 ")


def _no_sensors(path: Path, *, found: str) -> BadInput:
    expected = "groups /Sensors/<id> with Accelerometer, Gyroscope and Time"
    remedy = "Export raw data from APDM's program; declare `format: hdf5` for any other HDF5 file."
    return BadInput(path, found=found or "no groups", expected=expected, remedy=remedy)
