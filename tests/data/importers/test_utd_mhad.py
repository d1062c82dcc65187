"""UTD-MHAD on files of its shape: film by normalised time, units, labels, and what is refused."""

from pathlib import Path

import av
import numpy as np
import pytest
import scipy.io
from equigait.data.errors import BadInput
from equigait.data.importers.utd_mhad import ACTIONS, frame_seconds, import_utd_mhad, to_grey
from equigait.data.manifest.load import load_recording
from equigait.data.recording import Bout

FRAMES, SAMPLES = 20, 160


def trial(
    folder: Path, name: str = "a27_s5_t1", *, signals: np.ndarray | None = None, depth: np.ndarray | None = None
) -> Path:
    """A person (2.6 m away, coming nearer by 30 mm a frame) and an IMU at rest that turns slowly."""
    if signals is None:
        noise = np.random.default_rng(0).normal(0.0, 1.0, (SAMPLES, 6))
        signals = noise * [0.01, 0.01, 0.01, 1, 1, 1] + [0, 0, 1, 0, 0, 30]
    if depth is None:
        depth = np.zeros((48, 64, FRAMES), np.uint16)
        depth[8:40, 24:40] = 2600 - 30 * np.arange(FRAMES)
    for kind, key, values in (("Inertial", "d_iner", signals), ("Depth", "d_depth", depth)):
        (folder / kind).mkdir(exist_ok=True)
        scipy.io.savemat(folder / kind / f"{name}_{kind.lower()}.mat", {key: values}, do_compression=True)
    return folder


def test_a_trial_becomes_a_recording_whose_film_spans_its_sensor(tmp_path: Path) -> None:
    recording = load_recording(import_utd_mhad(trial(tmp_path), out=tmp_path / "out")[0], vocabulary=ACTIONS)
    assert (recording.id, recording.horse) == ("a27_s5_t1", "s5")
    assert recording.bouts == (Bout(0.0, SAMPLES / 50.0, "squat"),)
    stream = recording.streams[0]
    np.testing.assert_allclose(stream.time_seconds, np.arange(SAMPLES) / 50.0)
    assert np.median(stream.specific_force[:, 2]) == pytest.approx(9.80665, rel=0.01)
    assert np.median(stream.angular_rate[:, 2]) == pytest.approx(np.deg2rad(30), rel=0.05)
    assert recording.video is not None
    np.testing.assert_allclose(recording.video.frame_seconds, np.arange(FRAMES) * 3.2 / FRAMES, atol=1e-4)
    assert recording.video.stop_seconds == pytest.approx(3.2, abs=1e-3)


def test_frames_fill_the_stretch_evenly() -> None:
    np.testing.assert_allclose(frame_seconds(4, seconds=2.0), [0.0, 0.5, 1.0, 1.5])


def test_near_is_brighter_than_far_and_nothing_is_black() -> None:
    grey = to_grey(np.array([[0, 1000, 1900, 2600, 3300, 5000]], np.uint16))
    np.testing.assert_array_equal(grey, [[0, 255, 255, 148, 40, 40]])


def test_the_film_shows_the_depth(tmp_path: Path) -> None:
    import_utd_mhad(trial(tmp_path), out=tmp_path / "out")
    with av.open(str(tmp_path / "out" / "a27_s5_t1" / "film.mp4")) as film:
        shown = [float(frame.to_ndarray(format="rgb24")[16:32, 28:36].mean()) for frame in film.decode(video=0)]
    depth = (2600 - 30 * np.arange(FRAMES)).astype(np.uint16)
    np.testing.assert_allclose(shown, to_grey(depth[None])[0], atol=4)


def test_the_same_trial_gives_the_same_bytes(tmp_path: Path) -> None:
    trial(tmp_path)
    first, second = (import_utd_mhad(tmp_path, out=tmp_path / name)[0].parent for name in ("one", "two"))
    for name in ("film.mp4", "imu.parquet", "labels.csv", "recording.yaml"):
        assert (first / name).read_bytes() == (second / name).read_bytes()


def test_incomplete_and_damaged_trials_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no trial of UTD-MHAD"):
        import_utd_mhad(tmp_path, out=tmp_path / "out")
    path = trial(tmp_path) / "Depth" / "a27_s5_t1_depth.mat"
    whole = path.read_bytes()
    for keep in (0, 60, 140, len(whole) - 40):
        path.write_bytes(whole[:keep])
        with pytest.raises(BadInput, match="a27_s5_t1_depth"):
            import_utd_mhad(tmp_path, out=tmp_path / "out")
    path.unlink()
    with pytest.raises(BadInput, match="only the inertial file of a27_s5_t1"):
        import_utd_mhad(tmp_path, out=tmp_path / "out")


def test_arrays_of_another_shape_and_unknown_actions_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="5 columns"):
        import_utd_mhad(trial(tmp_path, signals=np.ones((100, 5))), out=tmp_path / "out")
    with pytest.raises(BadInput, match=r"d_depth of shape \(48, 64\)"):
        import_utd_mhad(trial(tmp_path, depth=np.ones((48, 64), np.uint16)), out=tmp_path / "out")
    with pytest.raises(BadInput, match="action 0"):
        import_utd_mhad(trial(tmp_path, "a0_s1_t1"), out=tmp_path / "out")


def test_a_second_file_of_a_trial_is_refused_by_name(tmp_path: Path) -> None:
    for folder in ("once", "again"):
        (tmp_path / "set" / folder).mkdir(parents=True)
        trial(tmp_path / "set" / folder)
    with pytest.raises(BadInput, match="a second depth file of a27_s5_t1 beside"):
        import_utd_mhad(tmp_path / "set", out=tmp_path / "out")
