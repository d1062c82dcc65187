"""Imports UTD-MHAD: depth film and one 6-axis IMU of people who do 27 actions, one recording a trial.

Chen, Jafari and Kehtarnavaz, UTD-MHAD: A Multimodal Dataset for Human Action Recognition Utilizing a Depth Camera and a
Wearable Inertial Sensor, ICIP 2015. For research; cite them.

Nobody stored times. The IMU's 50 Hz holds; the film's nominal 30 fps does not (frames / 30 is a quarter shorter than
the IMU's stretch). So the frames are spread evenly over exactly the IMU's stretch, about 19 fps.

A trial lasts 2 to 6 s, less than the usual window of 5 s. Trials are not glued together: a join is a jump that no
person made. Use windows that fit instead: 2 s (`windows.steps` 100, hop 25) and clips that fit into them, 16 frames at
15 Hz, 1.07 s (`clips.rate_hz` 15, `clips.hop_frames` 4).
"""

import re
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float64, UInt8, UInt16
from numpy import ndarray as Array

from ..errors import BadInput
from ..manifest.schema import Clock, Manifest
from ..readers.mat5 import read_mat5
from ..readers.sensor import Time
from ..recording import Bout
from ..words import Words
from .recordings import (
    import_each,
    labels_entry,
    parquet_sensor,
    signal_columns,
    write_bouts,
    write_recording,
    write_signals,
)

PEOPLE = Words(subject="person", behaviour="action")
RATE_HZ = 50.0
SITE = "wrist_or_thigh"
"""The one unit: on the right wrist for actions 1 to 21, on the right thigh from 22 on."""
ACTIONS = (
    *("swipe_left", "swipe_right", "wave", "clap", "throw", "arm_cross", "basketball_shoot", "draw_x"),
    *("draw_circle_clockwise", "draw_circle_counter_clockwise", "draw_triangle", "bowling", "boxing"),
    *("baseball_swing", "tennis_swing", "arm_curl", "tennis_serve", "push", "knock", "catch", "pickup_and_throw"),
    *("jog", "walk", "sit_to_stand", "stand_to_sit", "lunge", "squat"),
)
"""By their number, from 1 on, as the data set's description has them: labels, for a recipe's `windows.labels`."""
NEAREST_MM, FARTHEST_MM = 1900.0, 3300.0
"""Depths between which people move: 98 % of the pixels of nearly every trial. An arm's reach is 90 grey levels."""
BRIGHTEST, DARKEST = 255.0, 40.0
"""Grey levels of these depths and beyond. What has no depth is black: the background was taken out."""
TICKS_PER_SECOND = 90_000
ENCODER = {"preset": "ultrafast", "crf": "18", "x264-params": "asm=avx2"}
"""x264 repeats its bytes with this instruction set and one thread, not under AVX-512."""

_FILE = re.compile(r"(?P<trial>a(?P<action>\d+)_s(?P<person>\d+)_t\d+)_(?P<kind>depth|inertial)", re.IGNORECASE)


def import_utd_mhad(source: Path, *, out: Path, refused: list[BadInput] | None = None) -> list[Path]:
    """Writes a recording for each trial below `source`; gives the manifests. The horse is the person: `s1`."""
    trials: dict[str, dict[str, Path]] = {}
    for path in sorted(source.rglob("*.mat")):
        if match := _FILE.fullmatch(path.stem):
            files, kind = trials.setdefault(match["trial"].lower(), {}), match["kind"].lower()
            files[kind if kind not in files else f"second {kind}"] = path
    if not trials:
        expected = "files such as Depth/a1_s1_t1_depth.mat and Inertial/a1_s1_t1_inertial.mat"
        raise BadInput(source, found="no trial of UTD-MHAD", expected=expected, remedy="Unpack the data set there.")
    return import_each(
        sorted(trials),
        lambda trial: _import_trial(trial, trials[trial], out=out / trial),
        name="utd-mhad",
        refused=refused,
    )


def _import_trial(trial: str, files: dict[str, Path], *, out: Path) -> Path:
    for kind, path in files.items():
        if kind.startswith("second"):
            found = f"a {kind} file of {trial} beside {files[kind.removeprefix('second ')]}"
            raise BadInput(path, found=found, expected="one of each", remedy="Remove one of the two.")
    if len(files) < 2:
        kind, path = next(iter(files.items()))
        found = f"only the {kind} file of {trial}"
        raise BadInput(path, found=found, expected="depth and inertial files", remedy="Complete or remove it.")
    number, person = (int(part[1:]) for part in trial.split("_")[:2])
    if not 1 <= number <= len(ACTIONS):
        expected = f"actions 1 to {len(ACTIONS)}"
        raise BadInput(files["depth"], found=f"action {number}", expected=expected, remedy="Rename or remove it.")
    signals = _read(files["inertial"], name="d_iner", axes=2).astype(np.float64)
    depth = _read(files["depth"], name="d_depth", axes=3)
    if signals.shape[1] != 6:
        found = f"{signals.shape[1]} columns"
        raise BadInput(files["inertial"], found=found, expected="6", remedy="Download it again.")
    seconds = len(signals) / RATE_HZ
    out.mkdir(parents=True, exist_ok=True)
    write_film(out / "film.mp4", depth, seconds=seconds)
    write_signals(out, signal_columns(SITE, signals))
    write_bouts(out, [Bout(0.0, seconds, ACTIONS[number - 1])])
    manifest = Manifest(
        id=trial,
        horse=f"s{person}",
        words=PEOPLE,
        film="film.mp4",
        sensors=(parquet_sensor(SITE, time=Time(rate_hz=RATE_HZ), acceleration_unit="g", rate_unit="deg/s"),),
        labels=labels_entry({}),
        clock=Clock(origin="by-hand", offset_seconds=0.0),
    )
    return write_recording(out, manifest)


def _read(path: Path, *, name: str, axes: int) -> Any:
    """One array of a MATLAB file."""
    arrays = read_mat5(path)
    array = arrays.get(name)
    if not isinstance(array, np.ndarray):
        found = f"{', '.join(arrays) or 'nothing'} in it"
        raise BadInput(path, found=found, expected=f"{name} in a MATLAB file", remedy="Download it again.")
    if array.ndim != axes or 0 in array.shape:
        expected = f"{axes} axes"
        raise BadInput(path, found=f"{name} of shape {array.shape}", expected=expected, remedy="Download it again.")
    return array


def write_film(path: Path, depth: UInt16[Array, "height width frames"], *, seconds: float) -> None:
    """Depth in mm as a grey film of exactly this length."""
    import av

    height, width, frames = depth.shape
    with av.open(str(path), "w", options={"fflags": "+bitexact"}) as container:
        stream = container.add_stream("libx264", rate=30, options=ENCODER)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.codec_context.thread_count = 1
        stream.time_base = stream.codec_context.time_base = Fraction(1, TICKS_PER_SECOND)
        for index, second in enumerate(frame_seconds(frames, seconds=seconds)):
            grey = np.repeat(to_grey(depth[:, :, index])[:, :, None], 3, axis=2)
            frame = av.VideoFrame.from_ndarray(grey, format="rgb24").reformat(format="yuv420p")
            frame.pts, frame.time_base = round(second * TICKS_PER_SECOND), Fraction(1, TICKS_PER_SECOND)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def frame_seconds(frames: int, *, seconds: float) -> Float64[Array, "frames"]:
    """When each frame begins if all last equally long and fill the stretch."""
    return np.arange(frames) * (seconds / frames)


def to_grey(depth: UInt16[Array, "height width"]) -> UInt8[Array, "height width"]:
    """Near is bright, far is dark, nothing is black; the same for every frame of every trial."""
    far = np.clip((depth.astype(np.float64) - NEAREST_MM) / (FARTHEST_MM - NEAREST_MM), 0.0, 1.0)
    grey = np.where(depth > 0, BRIGHTEST - far * (BRIGHTEST - DARKEST), 0.0)
    return np.round(grey).astype(np.uint8)
