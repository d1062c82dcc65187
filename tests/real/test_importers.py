"""Every importer on the files as they are published, and real horses' sensors through the generic reader."""

import os
from pathlib import Path

import numpy as np
import pytest
from equigait.data.errors import BadInput
from equigait.data.importers import import_dataset
from equigait.data.importers.hugadb import LABELS
from equigait.data.importers.utd_mhad import ACTIONS
from equigait.data.manifest.load import load_recording
from equigait.data.readers.sensor import Sensor
from equigait.data.readers.streams import read_streams

DATA = os.environ.get("EQUIGAIT_REAL_DATA")
pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(DATA is None, reason="EQUIGAIT_REAL_DATA names no folder of real recordings"),
]


def source(name: str) -> Path:
    folder = Path(DATA or "") / name
    if not folder.is_dir():
        pytest.skip(f"{folder} is not there")
    return folder


def test_utd_mhad_trials_have_a_film_that_spans_their_sensor(tmp_path: Path) -> None:
    trials = ("a1_s1_t1", "a9_s3_t2", "a22_s5_t4")
    for trial in trials:
        for kind in ("Depth", "Inertial"):
            (tmp_path / kind).mkdir(exist_ok=True)
            name = f"{trial}_{kind.lower()}.mat"
            (tmp_path / kind / name).symlink_to(source("utd_mhad") / kind / name)
    recordings = [
        load_recording(path, vocabulary=ACTIONS)
        for path in import_dataset(tmp_path, kind="utd-mhad", out=tmp_path / "out")
    ]
    assert [(r.horse, r.bouts[0].label) for r in recordings] == [
        ("s1", "swipe_left"),
        ("s5", "jog"),
        ("s3", "draw_circle_clockwise"),
    ]
    for recording in recordings:
        assert recording.video is not None
        seconds = recording.streams[0].time_seconds[-1] + 0.02
        assert recording.video.stop_seconds == pytest.approx(seconds, abs=0.002)
        assert 14 < len(recording.video.frame_seconds) / seconds < 22
        assert 2.1 < seconds < 7


def test_hugadb_reads_back_whole_and_its_thighs_turn_as_far_as_gravity_says(tmp_path: Path) -> None:
    manifests = import_dataset(source("hugadb_6imu"), kind="hugadb", out=tmp_path)
    recordings = {path.parent.name: load_recording(path, vocabulary=LABELS) for path in manifests}
    assert {recording.horse for recording in recordings.values()} == {"s02", "s09", "s14"}
    assert {len(recording.streams) for recording in recordings.values()} == {5}
    assert {"walk", "run", "up"} <= {bout.label for recording in recordings.values() for bout in recording.bouts}
    # Sitting down and standing up turns thighs by a quarter; these three recordings ran at 2000, 250 and 250 deg/s.
    for name in ("various_02_02", "various_09_01", "various_14_18"):
        streams = {stream.site: stream for stream in recordings[f"HuGaDB_v1_{name}"].streams}
        assert 0.9 < _turn_of_gravity(streams["right_thigh"].specific_force, streams["right_thigh"].angular_rate) < 1.3


def _turn_of_gravity(force: np.ndarray, rate: np.ndarray, *, rate_hz: float = 58.82) -> float:
    """By what factor the gyroscope must be scaled to turn gravity as the accelerometer sees it turn."""
    slow, turn = _smooth(force), _smooth(rate)
    norm = np.linalg.norm(slow, axis=1)
    up = slow / norm[:, None]
    seen, told = np.gradient(up, axis=0) * rate_hz, -np.cross(turn, up)
    fast = np.linalg.norm(told, axis=1)
    used = (np.abs(norm - 9.81) < 1.0) & (fast > np.percentile(fast, 70))
    return float((seen * told)[used].sum() / (told**2)[used].sum())


def _smooth(values: np.ndarray) -> np.ndarray:
    kernel = np.hanning(21) / np.hanning(21).sum()
    return np.stack([np.convolve(column, kernel, "same") for column in values.T], axis=1)[30:-30]


def test_movingreality_units_share_a_clock_though_one_lost_a_sample(tmp_path: Path) -> None:
    manifests = import_dataset(source("xsens_5imu_movingreality"), kind="movingreality", out=tmp_path)
    recordings = {path.parent.name: load_recording(path) for path in manifests}
    assert set(recordings) == {"pp02-exported000", "pp02-exported001", "pp03-exported007", "pp07-exported000"}
    samples = {stream.site: len(stream.time_seconds) for stream in recordings["pp07-exported000"].streams}
    assert sorted(samples.values()) == [12552, 12553, 12553, 12553, 12553]
    starts = {float(stream.time_seconds[0]) for stream in recordings["pp07-exported000"].streams}
    assert starts == {127.15}
    short = recordings["pp03-exported007"].streams[0].time_seconds
    assert short[-1] - short[0] == pytest.approx(2.64)


def test_a_raw_logger_of_a_lunged_horse_reads_in_counts_with_its_gaps_and_its_cut_off_line() -> None:
    entry = {
        "site": "girth",
        "path": "mpu-1470608231100.dat",
        "time": {"column": "1", "unit": "ms"},
        "acceleration": {"columns": ["2", "3", "4"], "unit": "counts", "per_unit": 16384},
        "angular_rate": {"columns": ["5", "6", "7"], "unit": "counts", "per_unit": 16.4},
    }
    stream = read_streams([Sensor.model_validate(entry)], folder=source("horse_imu_centaur") / "mpu6000")[0]
    assert len(stream.time_seconds) > 67_000
    assert 1.0 < np.diff(stream.time_seconds).max() < 2.0
    assert np.median(np.linalg.norm(stream.specific_force, axis=1)) == pytest.approx(9.8, rel=0.05)
    wrong = entry | {"acceleration": {"columns": ["2", "3", "4"], "unit": "counts", "per_unit": 2048}}
    with pytest.raises(BadInput, match="per_unit"):
        read_streams([Sensor.model_validate(wrong)], folder=source("horse_imu_centaur") / "mpu6000")


@pytest.mark.parametrize("gait", ["walk-15025", "trot-309721", "canter-7591"])
def test_a_phone_that_subtracted_gravity_is_refused_in_every_gait(gait: str) -> None:
    entry = {
        "site": "girth",
        "path": f"{gait}.dat",
        "time": {"column": "1", "unit": "ms"},
        "acceleration": {"columns": ["2", "3", "4"], "unit": "m/s^2"},
        "angular_rate": "none",
    }
    with pytest.raises(BadInput, match="Gravity was subtracted"):
        read_streams([Sensor.model_validate(entry)], folder=source("horse_imu_centaur") / "phone")
