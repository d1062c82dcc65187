"""A yard on disk: recordings as the manifest contract has them, the truth apart, the same bytes for the same seed."""

import hashlib
import json
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest
import yaml
from equigait.data.simulate import YardSpec, ideal_motion, make_ride, render_frames, simulate_yard

SMALL = {"seconds": 6.0, "frame_width": 128, "frame_height": 96, "fps": 15.0, "bout_seconds": (2.0, 3.0)}


def digests(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


@pytest.fixture(scope="module")
def yard(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Path]]:
    out = tmp_path_factory.mktemp("yard")
    return out, simulate_yard(out, spec=YardSpec(horses=2, **SMALL))


def test_the_same_seed_gives_the_same_bytes_whatever_the_number_of_workers(
    yard: tuple[Path, list[Path]], tmp_path: Path
) -> None:
    manifests = simulate_yard(tmp_path, spec=YardSpec(horses=2, workers=2, **SMALL))
    assert [path.relative_to(tmp_path) for path in manifests] == [path.relative_to(yard[0]) for path in yard[1]]
    assert digests(tmp_path) == digests(yard[0])


def test_a_horse_is_the_same_in_a_larger_yard_and_another_seed_gives_others(
    yard: tuple[Path, list[Path]], tmp_path: Path
) -> None:
    simulate_yard(tmp_path / "second", spec=YardSpec(horses=1, first_horse=1, **SMALL))
    of_second = digests(tmp_path / "second")
    assert of_second.items() <= digests(yard[0]).items()
    simulate_yard(tmp_path / "other", spec=YardSpec(horses=1, first_horse=1, seed=7, film=False, **SMALL))
    other = digests(tmp_path / "other")
    assert all(of_second[name] != digest for name, digest in other.items() if name.endswith(".csv"))


def test_a_recording_is_what_its_manifest_says(yard: tuple[Path, list[Path]]) -> None:
    manifest_path = yard[1][0]
    manifest = yaml.safe_load(manifest_path.read_text())
    assert manifest_path.name == "recording.yaml"
    assert (manifest["version"], manifest["id"], manifest["horse"]) == (1, "h000-r00", "h000")
    assert [sensor["site"] for sensor in manifest["sensors"]] == [
        "poll",
        "withers",
        "sacrum",
        "tuber_coxae_left",
        "tuber_coxae_right",
    ]
    sensor = manifest["sensors"][0]
    assert sensor["acceleration"] == {"columns": ["ax", "ay", "az"], "unit": "m/s^2"}
    assert sensor["angular_rate"] == {"columns": ["gx", "gy", "gz"], "unit": "rad/s"}
    assert manifest["labels"] == {"path": "labels.csv", "format": "csv", "time": "film"}
    assert (manifest_path.parent / manifest["film"]).exists()
    truth = json.loads((yard[0] / "truth" / "h000-r00.json").read_text())
    assert manifest["clock"]["offset_seconds"] == truth["clock"]["offset_seconds"]
    assert manifest["clock"]["drift_ppm"] == truth["clock"]["drift_ppm"]
    assert manifest["clock"]["origin"] == "known"


def test_sensor_files_hold_the_streams(yard: tuple[Path, list[Path]]) -> None:
    path = yard[1][0].parent / "withers.csv"
    assert path.read_text().splitlines()[0].replace('"', "") == "time_s,ax,ay,az,gx,gy,gz"
    values = np.loadtxt(path, delimiter=",", skiprows=1)
    spec = YardSpec(horses=2, **SMALL)
    ride = make_ride(spec, horse=0)
    np.testing.assert_allclose(np.diff(values[:, 0]), 1 / ride.imu_rate_hz, atol=2e-6)
    film_seconds = ride.clock.to_film(values[:, 0])
    ideal = ideal_motion(ride, sites=("withers",), time_seconds=film_seconds)["withers"]
    heavy = np.linalg.norm(ideal.specific_force, axis=1)
    assert np.corrcoef(np.linalg.norm(values[:, 1:4], axis=1), heavy)[0, 1] > 0.9


def test_labels_name_the_gaits_and_leave_the_changes_between_them_free(yard: tuple[Path, list[Path]]) -> None:
    for manifest in yard[1]:
        rows = [line.split(",") for line in (manifest.parent / "labels.csv").read_text().splitlines()]
        assert rows[0] == ["start", "end", "label"]
        truth = json.loads((yard[0] / "truth" / f"{manifest.parent.name}.json").read_text())
        assert [(float(a), float(b), label) for a, b, label in rows[1:]] == [
            (bout["start_seconds"], bout["stop_seconds"], bout["label"]) for bout in truth["bouts"]
        ]
        for (_, end, _), (start, _, _) in pairwise(rows[1:]):
            assert 0.5 <= float(start) - float(end) <= 1.5
        assert {label for *_, label in rows[1:]} <= {"stand", "walk", "trot", "canter"}


def test_the_truth_tells_strides_contacts_and_leads(yard: tuple[Path, list[Path]]) -> None:
    for manifest in yard[1]:
        truth = json.loads((yard[0] / "truth" / f"{manifest.parent.name}.json").read_text())
        assert {bout["gait"] for bout in truth["bouts"]} <= {"stand", "walk", "trot", "canter_left", "canter_right"}
        contacts = [contact["time_seconds"] for contact in truth["hoof_contacts"]]
        assert contacts == sorted(contacts)
        strides = np.diff(truth["stride_seconds"])
        assert np.all(strides > 0.45)
        assert truth["horse"]["coat"]


def test_the_film_shows_the_rendered_frames_at_their_times(yard: tuple[Path, list[Path]]) -> None:
    ride = make_ride(YardSpec(horses=2, **SMALL), horse=1)
    with av.open(str(yard[1][1].parent / "film.mp4")) as container:
        stream = container.streams.video[0]
        assert stream.codec_context.name == "h264"
        decoded = [(frame.time, frame.to_ndarray(format="rgb24")) for frame in container.decode(stream)]
    assert len(decoded) == 90
    np.testing.assert_allclose([time for time, _ in decoded], np.arange(90) / 15.0, atol=1e-6)
    for number in (0, 40, 89):
        true = render_frames(ride, time_seconds=np.array([number / 15.0]))[0].astype(float)
        error = decoded[number][1].astype(float) - true
        assert 10 * np.log10(255.0**2 / np.mean(error**2)) > 26.0
        assert np.abs(error.mean(axis=(0, 1))).max() < 3.0, "colours keep their matrix"


def test_a_film_at_29_97_frames_has_the_exact_rate(tmp_path: Path) -> None:
    spec = YardSpec(horses=1, seconds=2.0, frame_width=64, frame_height=64, fps=29.97, gaits=("stand",))
    (manifest,) = simulate_yard(tmp_path, spec=spec)
    with av.open(str(manifest.parent / "film.mp4")) as container:
        times = [frame.time for frame in container.decode(video=0)]
    np.testing.assert_allclose(times, np.arange(len(times)) * 1001 / 30000, atol=1e-6)


def test_the_clock_can_be_kept_for_the_truth_alone_and_the_film_left_out(tmp_path: Path) -> None:
    spec = YardSpec(horses=1, clock_known=False, film=False, **SMALL)
    (manifest,) = simulate_yard(tmp_path, spec=spec)
    told = yaml.safe_load(manifest.read_text())
    assert "clock" not in told
    assert "film" not in told
    assert not (manifest.parent / "film.mp4").exists()
    assert "offset_seconds" in json.loads((tmp_path / "truth" / "h000-r00.json").read_text())["clock"]


def test_recordings_and_limb_sensors_come_as_asked(tmp_path: Path) -> None:
    spec = YardSpec(horses=1, first_horse=3, recordings_per_horse=2, film=False, sites="limb-4-withers", **SMALL)
    manifests = simulate_yard(tmp_path, spec=spec)
    assert [path.parent.name for path in manifests] == ["h003-r00", "h003-r01"]
    assert (manifests[1].parent / "cannon_hind_right.csv").exists()
