"""Writes an imported recording: signals as Parquet, bouts as CSV, and the manifest that reads them back."""

import itertools
import logging
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.parquet
from jaxtyping import Float
from numpy import ndarray as Array

from ..errors import BadInput
from ..files import write_atomically
from ..labels.bouts import Labels
from ..manifest.files import write_manifest
from ..manifest.schema import MANIFEST_NAME, Manifest
from ..progress import watched
from ..readers.sensor import Acceleration, AngularRate, Sensor, Time
from ..recording import Bout
from ..sites import CHANNELS

SIGNALS = "imu.parquet"
LABELS = "labels.csv"

logger = logging.getLogger(__name__)

Source = TypeVar("Source")
Made = TypeVar("Made")


def import_each(
    sources: Sequence[Source],
    one: Callable[[Source], Made],
    *,
    name: str,
    called: Callable[[Source], str] = str,
    refused: list[BadInput] | None = None,
) -> list[Made]:
    """What `one` makes of each source. A bad one does not stop the others: it is named at the end, and in `refused`.
    So is a second one of the same name, by what it is `called`: it would be written over the first.

    Raises the first BadInput where nothing could be imported.
    """
    made: list[Made] = []
    faults: list[BadInput] = []
    first: dict[str, Source] = {}
    for source in watched(sources, total=len(sources), name=name):
        try:
            if (own := called(source)) in first:
                found, expected = f"a second {own} beside {first[own]}", "names that differ"
                remedy = "Remove one of the two, or import each into a folder of its own."
                raise BadInput(str(source), found=found, expected=expected, remedy=remedy)
            made.append(one(source))
            first[own] = source
        except BadInput as fault:
            faults.append(fault)
        except (FileNotFoundError, IsADirectoryError, PermissionError) as error:
            expected, remedy = "a file that can be read and written", "Copy it again, or change its permissions."
            found = error.strerror or type(error).__name__
            faults.append(BadInput(str(error.filename), found=found, expected=expected, remedy=remedy))
    if faults and not made:
        raise faults[0]
    for each in faults:
        logger.warning("left out: %s", each)
    if faults:
        logger.warning("%s: %d of %d recordings left out, the others are imported", name, len(faults), len(sources))
    if refused is not None:
        refused += faults
    return made


def signal_columns(site: str, signals: Float[Array, "rows 6"]) -> dict[str, Float[Array, "rows"]]:
    """A unit's six channels under the names that `parquet_sensor` declares, `left_foot.ax` and so on."""
    return {f"{site}.{channel}": signals[:, at] for at, channel in enumerate(CHANNELS)}


def parquet_sensor(
    site: str, *, time: Time, acceleration_unit: str, rate_unit: str, absent: str | None = None
) -> Sensor:
    """The manifest's entry for a site whose six channels stand in `imu.parquet`; `absent`: why they hold no numbers."""
    ax, ay, az, gx, gy, gz = (f"{site}.{channel}" for channel in CHANNELS)
    return Sensor(
        site=site,
        path=SIGNALS,
        format="parquet",
        absent=absent,
        time=time,
        acceleration=Acceleration.model_validate({"columns": (ax, ay, az), "unit": acceleration_unit}),
        angular_rate=AngularRate.model_validate({"columns": (gx, gy, gz), "unit": rate_unit}),
    )


def labels_entry(label_map: Mapping[str, str | None]) -> Labels:
    """The manifest's entry for bouts in `labels.csv`, on IMU time."""
    return Labels(path=LABELS, format="csv", time="imu", map=dict(label_map))


def write_signals(folder: Path, columns: Mapping[str, Float[Array, "rows"]]) -> None:
    """Columns as float32, finer than any of these sensors."""
    table = pa.table({name: pa.array(values.astype(np.float32)) for name, values in columns.items()})
    pa.parquet.write_table(table, folder / SIGNALS, compression="zstd")


def write_bouts(folder: Path, bouts: Sequence[Bout]) -> None:
    """Bouts to the microsecond; neighbours that share an instant still share it."""
    rows = [f"{bout.start_seconds:.6f},{bout.stop_seconds:.6f},{bout.label}" for bout in bouts]
    write_atomically(folder / LABELS, "\n".join(["start,end,label", *rows]) + "\n")


def write_recording(folder: Path, manifest: Manifest) -> Path:
    """The manifest, written last: where it stands, all else does. Gives its path."""
    write_manifest(manifest, folder / MANIFEST_NAME)
    return folder / MANIFEST_NAME


def bouts_of_samples(labels: Sequence[str], *, codes: Array, rate_hz: float) -> list[Bout]:
    """Runs of equal labels, one code a sample, as bouts from the first sample's time 0 on."""
    edges = [0, *(np.flatnonzero(np.diff(codes)) + 1).tolist(), len(codes)]
    return [
        Bout(start / rate_hz, stop / rate_hz, labels[int(codes[start])])
        for start, stop in itertools.pairwise(edges)
        if stop > start
    ]
