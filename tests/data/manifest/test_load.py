"""Manifests and the recordings they describe: what is read, and every way in which it is refused."""

import signal
import stat
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import yaml
from equigait.data.errors import BadInput
from equigait.data.labels.bouts import Labels
from equigait.data.manifest.files import find_recordings, read_manifest, write_manifest
from equigait.data.manifest.load import load_recording, player_zero
from equigait.data.manifest.schema import Clock, Manifest
from equigait.data.readers.sensor import Sensor
from equigait.data.recording import Bout, ClockMap, Video
from films import numbered_frames, write_film
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sensor_files import sensor_entry, walking_table, write_csv, write_manifest_file

CLOCK = {"origin": "by-hand", "offset_seconds": 1.25}
KILLED_IN_MID_WRITE = """
import resource, signal, sys
from pathlib import Path
from equigait.data.manifest.files import read_manifest, write_manifest

path = Path(sys.argv[1])
manifest = read_manifest(path)
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))
write_manifest(manifest, path)
"""
"""Rewrites a manifest; the system kills it once 100 bytes of it are written."""


@pytest.fixture
def ride(tmp_path: Path) -> Path:
    """A folder with sensors from 0 to 8 s and labels, not yet a manifest."""
    folder = tmp_path / "h01-ride1"
    folder.mkdir()
    write_csv(folder / "withers.csv", walking_table())
    (folder / "labels.csv").write_text("start,end,label\n1,4,walk\n4,7,galloping\n")
    return folder


def film(folder: Path, *, start: float = 0.0, seconds: float = 2.0) -> str:
    frames = numbered_frames(round(seconds * 10))
    write_film(folder / "film.mp4", frames, seconds=[start + row / 10 for row in range(len(frames))])
    return "film.mp4"


def test_a_recording_of_sensors_alone_has_film_time_equal_to_imu_time(ride: Path) -> None:
    recording = load_recording(write_manifest_file(ride))
    assert (recording.id, recording.horse) == ("h01-ride1", "h01")
    assert recording.clock == ClockMap(offset_seconds=0.0)
    assert recording.video is None
    assert recording.bouts == ()
    np.testing.assert_array_equal(recording.streams[0].time_seconds, walking_table()["time_s"])


def test_film_sensors_labels_and_clock_come_together(ride: Path) -> None:
    labels = {"path": "labels.csv", "time": "imu", "map": {"galloping": "canter"}}
    path = write_manifest_file(ride, id="seven", film=film(ride), labels=labels, clock=CLOCK)
    recording = load_recording(path, vocabulary=("walk", "canter"))
    assert recording.id == "seven"
    assert recording.manifest == path
    assert recording.video is not None
    assert len(recording.video.frame_seconds) == 20
    assert recording.clock == ClockMap(offset_seconds=1.25, origin="by-hand")
    assert recording.bouts == (Bout(2.25, 5.25, "walk"), Bout(5.25, 8.25, "canter"))


def test_a_label_outside_the_vocabulary_is_refused(ride: Path) -> None:
    path = write_manifest_file(ride, labels={"path": "labels.csv", "time": "film"})
    assert len(load_recording(path).bouts) == 2
    with pytest.raises(BadInput, match="found the labels galloping; expected only walk, trot"):
        load_recording(path, vocabulary=("walk", "trot"))


def test_a_film_without_a_clock_is_refused_and_told_of_sync(ride: Path) -> None:
    with pytest.raises(BadInput) as refusal:
        load_recording(write_manifest_file(ride, film=film(ride)))
    assert "sync" in refusal.value.remedy
    assert "clock:" in refusal.value.remedy


@pytest.mark.parametrize("offset", [-20.0, 20.0, 1.6e9])
def test_film_and_sensors_that_do_not_overlap_are_refused(ride: Path, offset: float) -> None:
    path = write_manifest_file(ride, film=film(ride), clock=CLOCK | {"offset_seconds": offset})
    with pytest.raises(BadInput, match="sensors and film that overlap"):
        load_recording(path)


def test_sensors_that_do_not_overlap_each_other_are_refused(ride: Path) -> None:
    table = walking_table()
    write_csv(ride / "poll.csv", table | {"time_s": table["time_s"] + 655.36})
    path = write_manifest_file(ride, sensors=[sensor_entry(), sensor_entry("poll")])
    with pytest.raises(BadInput, match=r"withers ending at 7\.99 s and poll starting at 655\.36 s"):
        load_recording(path)


def test_labels_that_all_lie_elsewhere_are_refused(ride: Path) -> None:
    (ride / "labels.csv").write_text("start,end,label\n1600000000,1600000010,walk\n")
    with pytest.raises(BadInput, match="labels: time:"):
        load_recording(write_manifest_file(ride, labels={"path": "labels.csv", "time": "film"}))


@pytest.mark.parametrize(("start", "stop"), [(0, 8_000), (-70, 4), (1, 70)])
def test_labels_that_reach_far_beyond_the_recording_are_refused(ride: Path, start: float, stop: float) -> None:
    (ride / "labels.csv").write_text(f"start,end,label\n{start},{stop},walk\n")
    with pytest.raises(BadInput, match="expected labels in seconds of this recording") as refusal:
        load_recording(write_manifest_file(ride, labels={"path": "labels.csv", "time": "film"}))
    assert f"labels from {start} to {stop} s" in refusal.value.found
    assert "milliseconds" in refusal.value.remedy


@pytest.mark.parametrize(("start", "stop"), [(-50, 4), (1, 60), (-50, 60)])
def test_labels_may_begin_before_and_end_after_the_recording(ride: Path, start: float, stop: float) -> None:
    (ride / "labels.csv").write_text(f"start,end,label\n{start},{stop},walk\n")
    path = write_manifest_file(ride, labels={"path": "labels.csv", "time": "film"})
    assert load_recording(path).bouts == (Bout(start, stop, "walk"),)


def test_labels_may_go_on_where_only_the_film_does(ride: Path) -> None:
    (ride / "labels.csv").write_text("start,end,label\n1,100,walk\n")
    keys = {"film": film(ride, seconds=50.0), "clock": CLOCK}
    path = write_manifest_file(ride, labels={"path": "labels.csv", "time": "film"}, **keys)
    assert load_recording(path).bouts == (Bout(1, 100, "walk"),)


def test_a_missing_film_sensor_or_label_file_is_refused_by_its_path(ride: Path) -> None:
    for keys, missing in (
        ({"film": "film.mp4", "clock": CLOCK}, "film.mp4"),
        ({"sensors": [sensor_entry("poll")]}, "poll.csv"),
        ({"labels": {"path": "gaits.csv", "time": "film"}}, "gaits.csv"),
    ):
        with pytest.raises(BadInput) as refusal:
            load_recording(write_manifest_file(ride, **keys))
        assert refusal.value.where == str(ride / missing)


@pytest.mark.parametrize(
    ("keys", "found"),
    [
        ({"hrose": "h01"}, "unknown key hrose"),
        ({"sensors": [sensor_entry(aces=["x", "y", "z"])]}, "unknown key sensors[0].aces"),
        ({"sensors": [sensor_entry(time={"column": "t", "units": "s"})]}, "unknown key sensors[0].time.units"),
        ({"labels": {"path": "l.csv", "time": "film", "maps": {}}}, "unknown key labels.maps"),
        ({"clock": CLOCK | {"offset": 1}}, "unknown key clock.offset"),
        ({"sensors": [sensor_entry(), sensor_entry()]}, "withers stands there twice"),
        ({"sensors": []}, "sensors: [] a list of sensors, one or more"),
        ({"sensors": ["withers.csv"]}, "a list of sensors, one or more, each with `site:` and `path:`"),
        ({"sensors": sensor_entry()}, "a list of sensors, one or more"),
        ({"horse": True}, "horse: True a name"),
        ({"labels": "l.csv"}, "labels: 'l.csv' `{path: l.csv, time: film}`, or `player` or `imu`"),
        ({"horse": None}, "no horse"),
        ({"version": 2}, "version: 2"),
        ({"labels": {"path": "l.csv"}}, "no labels.time"),
        ({"labels": {"path": "l.csv", "time": "wall"}}, "labels.time: 'wall'"),
        ({"clock": {"origin": "guess", "offset_seconds": 0}}, "clock.origin: 'guess'"),
        ({"clock": {"origin": "known"}}, "no clock.offset_seconds"),
        ({"clock": CLOCK | {"drift_ppm": 1e6}}, "clock.drift_ppm: 1000000.0"),
        ({"clock": CLOCK | {"offset_seconds": float("nan")}}, "clock.offset_seconds: nan"),
        ({"id": "a/b"}, "id: 'a/b'"),
        ({"labels": {"\n": None}}, "labels.'\\n'"),
    ],
)
def test_a_fault_in_the_manifest_is_named_by_its_path(ride: Path, keys: dict[str, object], found: str) -> None:
    path = write_manifest_file(ride, **keys)
    with pytest.raises(BadInput) as refusal:
        read_manifest(path)
    assert found in f"{refusal.value.found} {refusal.value.expected}"
    assert refusal.value.where == str(path)


@pytest.mark.parametrize(("text", "found"), [("", "an empty file"), ("# later\n", "an empty file"), ("- a\n", "['a']")])
def test_a_file_that_is_no_manifest_is_told_what_one_is(tmp_path: Path, text: str, found: str) -> None:
    (tmp_path / "recording.yaml").write_text(text)
    with pytest.raises(BadInput, match="expected a manifest: `horse:`, `sensors:`") as refusal:
        read_manifest(tmp_path)
    assert refusal.value.found == found


def test_a_number_is_a_name_as_it_was_written(ride: Path) -> None:
    path = write_manifest_file(ride)
    text = path.read_text()
    for number in ("123", "010", "0x1F"):
        path.write_text(f"id: {number}\n{text.replace('h01', number)}")
        assert (read_manifest(path).id, read_manifest(path).horse) == (number, number)
    assert Manifest(horse=123, sensors=(Sensor(site="a", path="a.csv"),)).horse == "123"  # type: ignore[arg-type]


def test_a_manifest_is_found_by_its_folder_too(ride: Path) -> None:
    path = write_manifest_file(ride)
    assert read_manifest(ride) == read_manifest(path)
    assert load_recording(ride).manifest == path


def test_a_written_manifest_reads_back_equal(tmp_path: Path) -> None:
    manifest = Manifest(
        id="7",
        horse="007",
        film="film.mp4",
        sensors=(Sensor.model_validate(sensor_entry(axes=("-y", "x", "z"))),),
        labels=Labels(path="labels.csv", time="imu", map={"idle": None, "galloping": "canter"}),
        clock=Clock(origin="sync", offset_seconds=-0.125, drift_ppm=12.5, reference_seconds=60.0),
    )
    path = tmp_path / "recording.yaml"
    write_manifest(manifest, path)
    assert read_manifest(path) == manifest
    assert yaml.safe_load(path.read_text())["version"] == 1


def test_a_kill_in_mid_write_leaves_the_old_manifest_whole(ride: Path) -> None:
    path = write_manifest_file(ride)
    path.chmod(0o640)
    before = path.read_bytes()
    killed = subprocess.run([sys.executable, "-c", KILLED_IN_MID_WRITE, path], capture_output=True, check=False)
    assert killed.returncode == -signal.SIGXFSZ, killed.stderr
    assert path.read_bytes() == before
    assert find_recordings(ride.parent) == [path]
    manifest = read_manifest(path)
    write_manifest(manifest, path)
    assert read_manifest(path) == manifest
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


SCALARS = st.one_of(st.none(), st.booleans(), st.integers(-3, 3), st.floats(), st.text(max_size=5))


@settings(max_examples=80, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    key=st.sampled_from(
        [
            "version",
            "id",
            "horse",
            "film",
            "sensors",
            "labels",
            "clock",
            "site",
            "path",
            "time",
            "axes",
            "acceleration",
            "x",
        ]
    ),
    value=st.recursive(
        SCALARS,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
        max_leaves=5,
    ),
    inside=st.booleans(),
)
def test_any_value_under_any_key_is_accepted_or_refused(tmp_path: Path, key: str, value: object, inside: bool) -> None:
    keys: dict[str, object] = {"sensors": [sensor_entry() | {key: value}]} if inside else {key: value}
    path = tmp_path / "recording.yaml"
    path.write_text(yaml.safe_dump({"horse": "h01", "sensors": [sensor_entry()]} | keys))
    message = ""
    try:
        read_manifest(path)
    except BadInput as refusal:
        message = str(refusal)
    assert "\n" not in message


@pytest.mark.parametrize(("begins", "expected"), [(None, 2.0), (0.0, 0.0), (2.5, 2.0)])
def test_players_show_0_where_the_file_begins_its_sound_included(begins: float | None, expected: float) -> None:
    frames = 2.0 + np.arange(30) / 30
    video = Video(Path("film.mp4"), 96, 64, 0, frames, player_start_seconds=begins)
    assert player_zero(video) == expected
