"""Derived horses: recordings made from keypoint tracks of real horses, a stick-figure film beside five virtual IMUs.

Film and sensors come from the same tracks, so they are synchronous by construction. Everything here is derived: no
sensor was ever worn. Joints are named as in the tracks: A8 withers, A10 sacrum, A5-A3 and P5-P3 the cannon bones
(suffix `_1` for the other side of the body).
"""

import json
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import yaml
from jaxtyping import Float, UInt8
from numpy import ndarray as Array
from scipy.interpolate import CubicSpline
from scipy.ndimage import median_filter
from scipy.signal import butter, sosfiltfilt

RATE_HZ = 30
"""Frames a second of the tracks."""
IMU_RATE_HZ = 100
LOW_PASS_HZ = 6.0
"""The tracks carry about 3.4 px of jitter; above this its second derivative drowns the horse."""
TRUNK_METRES = 0.75
"""Withers to sacrum of a 1.60 m horse: the scale from pixels to metres (an estimate; it only sets the units)."""
GRAVITY = 9.81
GAITS = {"A001": "walk", "A002": "trot", "A003": "canter"}
SEGMENTS = {
    "cannon_fore_left": ("A5", "A3"),
    "cannon_fore_right": ("A5_1", "A3_1"),
    "cannon_hind_left": ("P5", "P3"),
    "cannon_hind_right": ("P5_1", "P3_1"),
    "withers": ("A8", "A10"),
}
FILM_SIZE = (256, 192)


def read_tracks(path: Path) -> tuple[Float[Array, "frames joints 2"], list[str], list[tuple[int, int]]]:
    """Joint tracks in pixels (y down), holes bridged linearly; joint names; pairs of joints that bones connect."""
    clip = json.loads(path.read_text())
    names, bones = clip["categories"][0]["keypoints"], clip["categories"][0]["skeleton"]
    tracks = np.full((len(clip["images"]), len(names), 2), np.nan)
    order = {image["id"]: row for row, image in enumerate(sorted(clip["images"], key=lambda i: i["file_name"]))}
    for annotation in clip["annotations"]:
        joints = np.asarray(annotation["keypoints"], dtype=float).reshape(-1, 3)
        tracks[order[annotation["image_id"]]] = np.where(joints[:, 2:] > 0, joints[:, :2], np.nan)
    frames = np.arange(len(tracks))
    for joint in range(tracks.shape[1]):
        seen = ~np.isnan(tracks[:, joint, 0])
        for axis in range(2):
            tracks[:, joint, axis] = np.interp(frames, frames[seen], tracks[seen, joint, axis])
    return tracks, names, [(a - 1, b - 1) for a, b in bones]


def virtual_imu(
    proximal: Float[Array, "frames 2"],
    distal: Float[Array, "frames 2"],
    *,
    facing: Float[Array, "frames"],
    seconds: Float[Array, "samples"],
) -> Float[Array, "samples 6"]:
    """What an IMU on a segment would measure in the image plane: metres, x right, z up in, six channels out.

    Specific force is R^T (a + g up) in the segment's own frame, the angular rate is the segment's about y. `facing` is
    +1 where the horse looks right and -1 where it looks left: some turn round in the middle of a clip.
    """
    times = np.arange(len(proximal)) / RATE_HZ
    low_pass = butter(4, LOW_PASS_HZ, fs=RATE_HZ, output="sos")
    middle = CubicSpline(times, sosfiltfilt(low_pass, (proximal + distal) / 2, axis=0))
    along = (distal - proximal) * np.column_stack([facing, np.ones_like(facing)])
    angle = CubicSpline(times, sosfiltfilt(low_pass, np.unwrap(np.arctan2(along[:, 1], along[:, 0]))))
    turn = angle(seconds) - float(np.median(angle(seconds)))
    force = middle(seconds, 2)
    force[:, 0] *= np.where(np.interp(seconds, times, facing) < 0, -1.0, 1.0)
    force[:, 1] += GRAVITY
    out = np.zeros((len(seconds), 6))
    out[:, 0] = np.cos(turn) * force[:, 0] + np.sin(turn) * force[:, 1]
    out[:, 2] = -np.sin(turn) * force[:, 0] + np.cos(turn) * force[:, 1]
    out[:, 4] = -angle(seconds, 1)
    return out


def draw(joints: Float[Array, "joints 2"], *, bones: list[tuple[int, int]]) -> UInt8[Array, "height width"]:
    """One stick figure: bones as soft white lines 3 px wide on dark grey."""
    width, height = FILM_SIZE
    canvas = np.full((height, width), 40, dtype=np.uint8)
    for a, b in bones:
        start, along = joints[a], joints[b] - joints[a]
        length = max(float(along @ along), 1e-9)
        low = np.clip(np.minimum(joints[a], joints[b]).astype(int) - 3, 0, FILM_SIZE)
        high = np.clip(np.maximum(joints[a], joints[b]).astype(int) + 4, 0, FILM_SIZE)
        grid_y, grid_x = np.mgrid[low[1] : high[1], low[0] : high[0]]
        share = np.clip(((grid_x - start[0]) * along[0] + (grid_y - start[1]) * along[1]) / length, 0, 1)
        distance = np.hypot(grid_x - start[0] - share * along[0], grid_y - start[1] - share * along[1])
        part = canvas[low[1] : high[1], low[0] : high[0]]
        np.maximum(part, (np.clip(2.0 - distance, 0, 1) * 230).astype(np.uint8), out=part)
    return canvas


def write_film(path: Path, tracks: Float[Array, "frames joints 2"], *, bones: list[tuple[int, int]]) -> None:
    """A film of stick figures that keeps the trunk in the middle and the whole horse in the central square."""
    width, height = FILM_SIZE
    middle = np.median(tracks, axis=1, keepdims=True)
    extent = np.percentile(np.abs(tracks - middle), 98)
    figures = (tracks - middle) * (0.47 * height / extent) + (width / 2, height / 2)
    options = {"preset": "ultrafast", "x264-params": "asm=avx2", "threads": "1"}
    with av.open(path, "w") as film:
        stream = film.add_stream("libx264", rate=Fraction(RATE_HZ), options=options)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        for joints in figures:
            grey = draw(joints, bones=bones)
            film.mux(stream.encode(av.VideoFrame.from_ndarray(np.repeat(grey[..., None], 3, axis=2), format="rgb24")))
        film.mux(stream.encode())


def build_recording(source: Path, out: Path) -> Path:
    """One clip of keypoints as a recording folder; returns its manifest."""
    tracks, names, bones = read_tracks(source)
    out.mkdir(parents=True, exist_ok=True)
    write_film(out / "film.mp4", tracks, bones=bones)
    index = {name: joint for joint, name in enumerate(names)}
    withers, sacrum = tracks[:, index["A8"]], tracks[:, index["A10"]]
    facing = np.where(median_filter(withers[:, 0] - sacrum[:, 0], size=9) < 0, -1.0, 1.0)
    scale = TRUNK_METRES / float(np.median(np.hypot(*(withers - sacrum).T)))
    metres = tracks * (scale, -scale)
    seconds = np.arange(0.0, (len(tracks) - 1) / RATE_HZ, 1 / IMU_RATE_HZ)
    for site, (proximal, distal) in SEGMENTS.items():
        imu = virtual_imu(metres[:, index[proximal]], metres[:, index[distal]], facing=facing, seconds=seconds)
        table = np.column_stack([seconds, imu])
        np.savetxt(out / f"{site}.csv", table, delimiter=",", fmt="%.6f", header="t,ax,ay,az,gx,gy,gz", comments="")
    gait = next(gait for code, gait in GAITS.items() if code in source.name)
    stop = len(tracks) / RATE_HZ
    (out / "labels.csv").write_text(f"start,end,label\n0.0,{stop:.4f},{gait}\n")
    manifest = out / "recording.yaml"
    manifest.write_text(yaml.safe_dump(_manifest(source.stem), sort_keys=False))
    return manifest


def _manifest(clip: str) -> dict[str, object]:
    columns = {"acceleration": ["ax", "ay", "az"], "angular_rate": ["gx", "gy", "gz"]}
    units = {"acceleration": "m/s^2", "angular_rate": "rad/s"}
    signals = {name: {"columns": columns[name], "unit": units[name]} for name in columns}
    time = {"column": "t", "unit": "s"}
    sensors = [{"site": site, "path": f"{site}.csv", "time": time, **signals} for site in SEGMENTS]
    return {
        "version": 1,
        "id": clip,
        "horse": clip,
        "film": "film.mp4",
        "sensors": sensors,
        "labels": {"path": "labels.csv", "time": "film"},
        "clock": {"origin": "known", "offset_seconds": 0.0},
    }


def build(source: Path, out: Path) -> list[Path]:
    """All clips of a folder of keypoint files as a data set; returns the manifests."""
    return [build_recording(path, out / path.stem) for path in sorted(source.glob("S*.json"))]
