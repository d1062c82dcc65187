"""A segment as the objects of a Zarr v3 group, and back: chunks of about a megabyte, each with a checksum."""

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import obstore
from obstore.store import MemoryStore

from ..data.recording import Grid, WindowIndex
from .schema import CHUNK_BYTES, SCHEMA_VERSION, FilmClips, Fingerprint, Segment

if TYPE_CHECKING:  # a run in which nothing is new reads no segment
    import zarr

CLIP_ARRAYS = ("clips", "clip_start_s", "clip_stop_s")
WINDOW_ARRAYS = ("start_row", "clip_first", "clip_count", "label", "valid")

FILL: Mapping[str, float | int | bool] = {"f": float("nan"), "i": -1, "b": False}
"""What a chunk reads as that is not there, by kind of number: never something plausible."""


def encode_segment(segment: Segment) -> dict[str, bytes]:
    """The segment's objects by relative path."""
    import zarr
    from zarr.codecs import ZstdCodec
    from zarr.storage import ObjectStore

    memory = MemoryStore()
    group = zarr.create_group(ObjectStore(memory), attributes=_attributes(segment))
    for name, array in _arrays(segment).items():
        stored = group.create_array(
            name,
            shape=array.shape,
            dtype=array.dtype,
            chunks=_chunk(array),
            compressors=ZstdCodec(level=1, checksum=True),
            fill_value=FILL[array.dtype.kind],
            config={"write_empty_chunks": True},
        )
        if array.size:
            stored[...] = array
    paths = sorted(one["path"] for one in obstore.list(memory).collect())
    return {path: bytes(obstore.get(memory, path).bytes()) for path in paths}


def decode_segment(objects: Mapping[str, bytes]) -> Segment:
    """The segment that these objects hold."""
    group = _group_of(objects)
    stored: Any = group.attrs["equigait_segment"]
    array = {name: _whole(group, name) for name in ("imu", "imu_valid", *CLIP_ARRAYS, *WINDOW_ARRAYS)}
    grid = Grid(
        start_seconds=stored["start_seconds"],
        rate_hz=stored["rate_hz"],
        sites=tuple(stored["sites"]),
        imu=array["imu"],
        imu_valid=array["imu_valid"],
        signals=stored.get("signals", "all"),
    )
    return Segment(
        recording_id=stored["recording_id"],
        horse=stored["horse"],
        grid=grid,
        **{name: array[name] for name in CLIP_ARRAYS},
        windows=WindowIndex(**{name: array[name] for name in WINDOW_ARRAYS}),
        labels=tuple(stored["labels"]),
        window_steps=stored["window_steps"],
        fingerprint=Fingerprint(**stored["fingerprint"]),
        purity=stored.get("purity"),
    )


def is_clip_object(path: str) -> bool:
    """Whether an object, by its path within the segment, is needed for `decode_clips`."""
    return path == "zarr.json" or path.partition("/")[0] in CLIP_ARRAYS


def decode_clips(objects: Mapping[str, bytes]) -> FilmClips:
    """The clips that these objects hold; those of which `is_clip_object` is true suffice."""
    group = _group_of(objects)
    return FilmClips(**{name: _whole(group, name) for name in CLIP_ARRAYS})


def _arrays(segment: Segment) -> dict[str, np.ndarray]:
    index = {name: getattr(segment.windows, name) for name in WINDOW_ARRAYS}
    clips = {name: getattr(segment, name) for name in CLIP_ARRAYS}
    return {"imu": segment.grid.imu, "imu_valid": segment.grid.imu_valid, **clips, **index}


def _chunk(array: np.ndarray) -> tuple[int, ...]:
    """Whole rows of about CHUNK_BYTES; one at least, even of an array that is empty."""
    widths = tuple(max(1, width) for width in array.shape[1:])
    rows = CHUNK_BYTES // (array.itemsize * math.prod(widths))
    return max(1, min(rows, len(array))), *widths


def _attributes(segment: Segment) -> dict[str, Any]:
    """Everything of the segment that is not an array."""
    made = segment.fingerprint
    return {
        "equigait_segment": {
            "version": SCHEMA_VERSION,
            "recording_id": segment.recording_id,
            "horse": segment.horse,
            "start_seconds": segment.grid.start_seconds,
            "rate_hz": segment.grid.rate_hz,
            "sites": list(segment.grid.sites),
            "signals": segment.grid.signals,
            "labels": list(segment.labels),
            "window_steps": segment.window_steps,
            "purity": segment.purity,
            "fingerprint": {
                "film_key": made.film_key,
                "sensor_key": made.sensor_key,
                "teacher": dict(made.teacher),
                "clip_spec": dict(made.clip_spec),
            },
        }
    }


def _group_of(objects: Mapping[str, bytes]) -> "zarr.Group":
    import zarr
    from zarr.storage import ObjectStore

    memory = MemoryStore()
    for path, data in objects.items():
        obstore.put(memory, path, data, use_multipart=False)
    return zarr.open_group(ObjectStore(memory, read_only=True), mode="r", zarr_format=3)


def _whole(group: "zarr.Group", name: str) -> np.ndarray:
    return np.asarray(group[name][...])  # type: ignore[index]  # Group's items may be groups; these are arrays
