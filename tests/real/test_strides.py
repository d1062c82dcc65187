"""Strides of real horses: a lunged one on the right rein, and the tracks of keypoints."""

import os
from collections import defaultdict
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from equigait.data.readers.sensor import Sensor
from equigait.data.readers.streams import read_streams
from equigait.data.recording import Bout, ClockMap, ImuStream
from equigait.pipeline.inference.stride_analysis import BoutStrides, analyse_bouts
from real.derived_horses import GAITS, IMU_RATE_HZ, RATE_HZ, SEGMENTS, TRUNK_METRES, read_tracks, virtual_imu
from scipy.ndimage import median_filter
from scipy.signal import detrend

DATA = os.environ.get("EQUIGAIT_REAL_DATA")
pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(DATA is None, reason="EQUIGAIT_REAL_DATA names no folder of real recordings"),
]
LUNGE = (("walk", 2.0, 58.0), ("trot", 64.0, 117.0), ("canter", 122.0, 150.0))


def folder(name: str) -> Path:
    there = Path(DATA or "") / name
    if not there.is_dir():
        pytest.skip(f"{there} is not there")
    return there


def test_the_horse_on_the_lunge_goes_on_the_right_rein_in_every_gait() -> None:
    source = next(iter(sorted(folder("horse_imu_centaur/mpu6000").glob("mpu-*.dat"))))
    force = {"columns": ["2", "3", "4"], "unit": "counts", "per_unit": 16384}
    rate = {"columns": ["5", "6", "7"], "unit": "counts", "per_unit": 131}
    entry = {"site": "withers", "path": source.name, "time": {"column": "1", "unit": "ms"}}
    sensor = Sensor.model_validate(entry | {"acceleration": force, "angular_rate": rate})
    stream = read_streams([sensor], folder=source.parent)[0]
    stream = replace(stream, time_seconds=stream.time_seconds - stream.time_seconds[0])
    bouts = [Bout(start, stop, gait) for gait, start, stop in LUNGE]
    found = {each.bout.label: each for each in analyse_bouts([stream], clock=ClockMap(0.0), bouts=bouts)}
    for gait, each in found.items():
        assert each.turning.main_rein == "right", gait
        assert each.turning.rein.count("right") >= 0.98 * len(each.strides), gait
    assert 1.2 < found["trot"].stride_hz < 1.45
    assert 1.55 < found["canter"].stride_hz < 1.8
    lead = found["canter"].lead  # one sensor that swings by 40 degrees, its axes unknown
    assert lead is not None
    assert lead.name is None
    assert "neither" in lead.reason


@pytest.fixture(scope="module")
def derived() -> dict[str, list[tuple[BoutStrides, float]]]:
    """For each gait the strides of every clip, and the period that its limbs' own autocorrelation shows, in frames."""
    found = defaultdict(list)
    for source in sorted(folder("horse_keypoints").glob("S*.json")):
        gait = next(gait for code, gait in GAITS.items() if code in source.name)
        streams, seconds = derived_streams(source)
        each = analyse_bouts(streams, clock=ClockMap(0.0), bouts=[Bout(0.0, seconds, gait)])[0]
        found[gait].append((each, limb_period(streams)))
    return dict(found)


def derived_streams(source: Path) -> tuple[list[ImuStream], float]:
    tracks, names, _ = read_tracks(source)
    index = {name: joint for joint, name in enumerate(names)}
    trunk = tracks[:, index["A8"]] - tracks[:, index["A10"]]
    facing = np.where(median_filter(trunk[:, 0], size=9) < 0, -1.0, 1.0)
    scale = TRUNK_METRES / float(np.median(np.hypot(*trunk.T)))
    seconds = np.arange(0.0, (len(tracks) - 1) / RATE_HZ, 1 / IMU_RATE_HZ)
    streams = []
    for site, (proximal, distal) in SEGMENTS.items():
        ends = [tracks[:, index[joint]] * (scale, -scale) for joint in (proximal, distal)]
        imu = virtual_imu(*ends, facing=facing, seconds=seconds)
        streams.append(ImuStream(site, seconds, imu[:, :3], imu[:, 3:], source))
    return streams, len(tracks) / RATE_HZ


def limb_period(streams: list[ImuStream]) -> float:
    """Frames to the highest peak of the cannon bones' autocorrelation, 0.4 to 1.7 s."""
    total = 0.0
    for stream in streams:
        if stream.site.startswith("cannon_"):
            swing = stream.angular_rate[:, 1] - stream.angular_rate[:, 1].mean()
            lagged = np.correlate(swing, swing, "full")[swing.size - 1 :] / np.arange(swing.size, 0, -1)
            total = total + lagged / lagged[0]
    lags = np.arange(np.size(total)) / IMU_RATE_HZ
    allowed = np.where((lags >= 0.4) & (lags <= min(1.7, lags[-1] / 2)), total, -np.inf)
    return float(lags[np.argmax(allowed)] * RATE_HZ)


@pytest.mark.parametrize(("gait", "frames"), [("trot", 23.1), ("canter", 18.7)])
def test_strides_of_the_derived_horses_last_as_long_as_their_keypoints_say(
    derived: dict[str, list[tuple[BoutStrides, float]]], gait: str, frames: float
) -> None:
    durations = np.concatenate([each.strides.duration_seconds for each, _ in derived[gait]])
    assert RATE_HZ * float(np.median(durations)) == pytest.approx(frames, rel=0.03)


def test_walking_derived_horses_stride_in_the_median_as_their_hooves_do(
    derived: dict[str, list[tuple[BoutStrides, float]]],
) -> None:
    hooves = [hoof_period(path) for path in sorted(folder("horse_keypoints").glob("S*A001.json"))]
    found = [RATE_HZ / each.stride_hz for each, _ in derived["walk"]]
    assert np.median(found) == pytest.approx(np.median(hooves), rel=0.03)


def test_the_walks_of_these_clips_last_longer_than_34_frames_by_their_hooves_alone() -> None:
    """A walk of 34.1 frames, as is said of these clips, is within 3 % of no summary of the tracks themselves."""
    paths = sorted(folder("horse_keypoints").glob("S*A001.json"))
    hooves, frames = [hoof_period(path) for path in paths], [len(read_tracks(path)[0]) for path in paths]
    assert len(hooves) == 5
    for period in (np.median(hooves), np.mean(hooves), np.average(hooves, weights=frames)):
        assert period > 1.03 * 34.1


def hoof_period(source: Path) -> float:
    """Frames to the highest peak, 22 to 60, of the autocorrelation of the hooves' way to and fro under the trunk."""
    tracks, names, _ = read_tracks(source)
    trunk = tracks[:, [names.index("A8"), names.index("A10")], 0].mean(axis=1)
    total = np.zeros(len(tracks))
    for joint in [at for at, name in enumerate(names) if name.split("_")[0] in ("A1", "A2", "A3", "P1", "P2", "P3")]:
        way = detrend(tracks[:, joint, 0] - trunk)
        lagged = np.correlate(way, way, "full")[way.size - 1 :] / np.arange(way.size, 0, -1)
        total += lagged / lagged[0]
    return 22.0 + float(np.argmax(total[22:61]))


def test_strides_of_walking_derived_horses_are_those_of_each_clips_limbs(
    derived: dict[str, list[tuple[BoutStrides, float]]],
) -> None:
    for each, frames in derived["walk"]:
        assert RATE_HZ / each.stride_hz == pytest.approx(frames, rel=0.03)
