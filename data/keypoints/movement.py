"""Joints from the netCDF files of the Python package `movement`: position over time, space, keypoints, individuals."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy import ndarray as Array

from ..errors import BadInput
from .tracks import JointTracks, most_seen

if TYPE_CHECKING:
    import h5py


def read_movement(path: Path) -> JointTracks:
    """The tracks of the individual found in most frames; the order of the dimensions does not matter."""
    import h5py

    try:
        with h5py.File(path) as file:
            joints = tuple(_text(name) for name in file["keypoints"][:])
            position = _ordered(file["position"], ("individuals", "time", "keypoints", "space"))[..., :2]
            likelihood = np.ones(position.shape[:3])
            if "confidence" in file:
                likelihood = _ordered(file["confidence"], ("individuals", "time", "keypoints"))
            frames = _frames(file)
    except (OSError, KeyError, ValueError, IndexError) as error:
        expected = "a netCDF4 file of `movement`: position by time, space, keypoints and individuals"
        remedy = "Save it with `to_netcdf(path, engine='h5netcdf')`, or pass DeepLabCut's CSV."
        raise BadInput(path, found=f"{type(error).__name__}: {error}", expected=expected, remedy=remedy) from None
    return most_seen([_tracks(joints, position[each], likelihood[each], frames) for each in range(len(position))])


def _tracks(joints: tuple[str, ...], position: Array, likelihood: Array, frames: Array) -> JointTracks:
    whole = np.full((int(frames.max(initial=-1)) + 1, len(joints), 2), np.nan)
    sure = np.zeros(whole.shape[:2])
    whole[frames], sure[frames] = position, likelihood
    return JointTracks.of(joints, whole, sure)


def _frames(file: "h5py.File") -> Array:
    """Frame of each entry: `time` counts frames, or seconds at the rate that the file states."""
    time = np.asarray(file["time"][:], np.float64)
    unit, rate = _text(file.attrs.get("time_unit", "frames")), file.attrs.get("fps")
    if unit != "seconds":
        return np.rint(time).astype(np.int64)
    if rate is None or not np.size(rate):
        raise ValueError("time in seconds without the attribute fps")
    return np.rint(time * float(np.ravel(rate)[0])).astype(np.int64)


def _ordered(data: "h5py.Dataset", wanted: tuple[str, ...]) -> Array:
    """The values with their dimensions in this order, by the names of the dimensions' scales."""
    names = [dimension[0].name.removeprefix("/") for dimension in data.dims]
    return np.transpose(np.asarray(data[...], np.float64), [names.index(name) for name in wanted])


def _text(value: object) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)
