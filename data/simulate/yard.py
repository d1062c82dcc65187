"""A simulated yard on disk: recordings as people have them, and the truth about them apart."""

import io
import json
import multiprocessing
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv
import yaml

from ..files import write_atomically
from ..progress import watched
from ..recording import ImuStream
from ..sites import CHANNELS
from .defects import defects
from .film import write_film
from .impacts import hoof_contacts
from .imu import imu_streams
from .pose import stride_phase
from .ride import Ride, make_ride
from .schedule import GaitBout
from .spec import YardSpec

MANIFEST_VERSION = 1


def simulate_yard(out: Path, *, spec: YardSpec) -> list[Path]:
    """Write the recordings of a yard below `out`; give their manifests, by horse. The truth lies in `out/truth`."""
    tasks = [
        (horse, recording)
        for horse in range(spec.first_horse, spec.first_horse + spec.horses)
        for recording in range(spec.recordings_per_horse)
    ]
    (out / "truth").mkdir(parents=True, exist_ok=True)
    write = partial(write_recording, out, spec)
    if spec.workers == 1 or len(tasks) == 1:
        return list(watched(map(write, tasks), total=len(tasks), name="recordings"))
    # Spawned, not forked: threads of the parent's libraries do not survive a fork.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(min(spec.workers, len(tasks)), mp_context=context) as pool:
        return list(watched(pool.map(write, tasks), total=len(tasks), name="recordings"))


def write_recording(out: Path, spec: YardSpec, task: tuple[int, int]) -> Path:
    """Write one recording (numbers of horse and recording) and its truth; give its manifest."""
    ride = make_ride(spec, horse=task[0], recording=task[1])
    folder = out / ride.id
    folder.mkdir(parents=True, exist_ok=True)
    streams = imu_streams(ride)
    for stream in streams:
        _write_samples(stream, folder / f"{stream.site}.csv")
    if spec.film:
        write_film(ride, path=folder / "film.mp4")
    _write_labels(ride, folder / "labels.csv")
    write_atomically(out / "truth" / f"{ride.id}.json", json.dumps(_truth(ride), indent=1) + "\n")
    manifest = folder / "recording.yaml"
    write_atomically(manifest, yaml.safe_dump(_manifest(ride, streams), sort_keys=False))
    return manifest


def film_bouts(ride: Ride) -> Iterator[GaitBout]:
    """The bouts that lie in the film, cut to its length."""
    for bout in ride.bouts:
        start, stop = max(bout.start_seconds, 0.0), min(bout.stop_seconds, ride.spec.seconds)
        if stop - start > 1e-3:
            yield replace(bout, start_seconds=round(start, 6), stop_seconds=round(stop, 6))


def _write_samples(stream: ImuStream, path: Path) -> None:
    """Stamps to the microsecond, values to four decimals: finer than any sensor."""
    values = np.round(np.concatenate([stream.specific_force, stream.angular_rate], axis=1), 4) + 0.0
    columns = {"time_s": np.round(stream.time_seconds, 6)} | dict(zip(CHANNELS, values.T, strict=True))
    options, buffer = pyarrow.csv.WriteOptions(quoting_style="none"), io.BytesIO()
    pyarrow.csv.write_csv(pa.table(columns), buffer, write_options=options)
    write_atomically(path, buffer.getvalue())


def _write_labels(ride: Ride, path: Path) -> None:
    rows = [f"{start:.6f},{stop:.6f},{label}" for start, stop, label in _labelled_spans(ride)]
    write_atomically(path, "\n".join(["start,end,label", *rows]) + "\n")


def _labelled_spans(ride: Ride) -> Iterator[tuple[float, float, str]]:
    """The bouts of the film as people label them: in the middle and the field yard with ends that are a little off."""
    level, rng, free_from = ride.spec.level, ride.random("labels"), 0.0
    for bout in film_bouts(ride):
        off = level.label_error_seconds * rng.uniform(-1.0, 1.0, 2) if level else (0.0, 0.0)
        start = max(bout.start_seconds + float(off[0]), free_from)
        stop = min(bout.stop_seconds + float(off[1]), ride.spec.seconds)
        if stop - start > 1e-3:
            yield start, stop, bout.label
            free_from = stop


def _manifest(ride: Ride, streams: tuple[ImuStream, ...]) -> dict[str, object]:
    sensors = [
        {
            "site": stream.site,
            "path": f"{stream.site}.csv",
            "time": {"column": "time_s", "unit": "s"},
            "acceleration": {"columns": ["ax", "ay", "az"], "unit": "m/s^2"},
            "angular_rate": {"columns": ["gx", "gy", "gz"], "unit": "rad/s"},
        }
        for stream in streams
    ]
    manifest: dict[str, object] = {"version": MANIFEST_VERSION, "id": ride.id, "horse": ride.horse.name}
    if ride.spec.film:
        manifest["film"] = "film.mp4"
    manifest["sensors"] = sensors
    manifest["labels"] = {"path": "labels.csv", "format": "csv", "time": "film"}
    if ride.spec.clock_known:
        manifest["clock"] = {
            "origin": "known",
            "offset_seconds": ride.clock.offset_seconds,
            "drift_ppm": ride.clock.drift_ppm,
            "reference_seconds": ride.clock.reference_seconds,
        }
    return manifest


def _truth(ride: Ride) -> dict[str, object]:
    """What no recording states: clock, bouts with leads, strides and hoof contacts, and the horse."""
    times = np.arange(0.0, ride.spec.seconds, 0.02)
    phase = stride_phase(ride, time_seconds=times)
    strides = np.arange(np.ceil(phase[0]), np.ceil(phase[-1]))
    known = {key: value for key, value in vars(ride.horse).items() if value is not None}
    horse = {key: value.tolist() if isinstance(value, np.ndarray) else value for key, value in known.items()}
    truth: dict[str, object] = {
        "id": ride.id,
        "clock": {"offset_seconds": ride.clock.offset_seconds, "drift_ppm": ride.clock.drift_ppm},
        "imu_rate_hz": ride.imu_rate_hz,
        "bouts": [_bout_truth(bout) for bout in film_bouts(ride)],
        "stride_seconds": np.round(np.interp(strides, phase, times), 5).tolist() if phase[-1] > phase[0] else [],
        "hoof_contacts": [
            {"time_seconds": round(contact.time_seconds, 5), "limb": contact.limb, "gait": contact.gait}
            for contact in hoof_contacts(ride, start_seconds=0.0, stop_seconds=ride.spec.seconds)
        ],
        "horse": horse,
    }
    level = ride.spec.level
    return truth | ({"yard": level.version, "ridden": ride.ridden, "defects": defects(ride)} if level else {})


def _bout_truth(bout: GaitBout) -> dict[str, object]:
    truth: dict[str, object] = {"gait": bout.gait, "start_seconds": bout.start_seconds}
    truth |= {"stop_seconds": bout.stop_seconds, "label": bout.label}
    if bout.style is None:
        return truth
    lead = bout.gait.partition("_")[2] if bout.gait.startswith("canter") else None
    curvature = bout.style.curvature_per_m
    turning = curvature or bout.style.turn_rad_s
    rein = "left" if turning > 0.0 else "right" if turning < 0.0 else None
    radius = round(1.0 / abs(curvature), 3) if curvature else None
    return truth | {"behaviour": bout.style.behaviour, "lead": lead, "rein": rein, "radius_m": radius}
