"""Whole data sets: each fault is told beside the facts, and none stops the others."""

import json
from pathlib import Path

import numpy as np
import pytest
import yaml
from equigait.data.quality.dataset import inspect_dataset
from equigait.data.quality.facts import RecordingReport, write_json
from equigait.data.quality.text import text_report
from films import numbered_frames, write_film
from sensor_files import sensor_entry, walking_table, write_csv, write_manifest_file

CLOCK = {"origin": "by-hand", "offset_seconds": 1.0}


def ride(folder: Path, **keys: object) -> Path:
    """A recording of 20 s with a film of 12 s and labels; returns its folder."""
    folder.mkdir(parents=True)
    write_csv(folder / "withers.csv", walking_table(20.0))
    write_film(folder / "film.mp4", numbered_frames(60), seconds=[row / 5 for row in range(60)])
    (folder / "labels.csv").write_text("start,end,label\n1,5,walk\n5,11,trot\n")
    labels = {"path": "labels.csv", "time": "film"}
    write_manifest_file(folder, **{"film": "film.mp4", "clock": CLOCK, "labels": labels} | keys)
    return folder


def only(reports: tuple[RecordingReport, ...]) -> RecordingReport:
    (report,) = reports
    return report


def test_a_sound_recording_is_told_what_it_holds(tmp_path: Path) -> None:
    ride(tmp_path / "a")
    report = only(inspect_dataset(tmp_path))
    assert not report.refused
    assert report.remarks == ()
    assert (report.film.frames, report.film.rate_hz, report.film.dropped) == (60, pytest.approx(5.0), 0)
    assert report.labels.seconds == {"walk": pytest.approx(4.0), "trot": pytest.approx(6.0)}
    assert report.labels.covered_share == pytest.approx(10.0 / 19.99)
    assert report.sensors[0].facts.rate_hz == pytest.approx(100.0)
    assert (report.clock.origin, report.clock.offset_seconds, report.clock.verdict) == ("by-hand", 1.0, None)


def test_every_refusal_is_a_row_and_none_stops_the_others(tmp_path: Path) -> None:
    ride(tmp_path / "sound")
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "recording.yaml").write_text("horse: [\n")
    ride(tmp_path / "no-clock", clock=None)
    (ride(tmp_path / "no-film") / "film.mp4").write_bytes(b"not a film")
    ride(tmp_path / "apart", clock=CLOCK | {"offset_seconds": 500.0})
    ride(tmp_path / "units", sensors=[sensor_entry(acceleration={"columns": ["ax", "ay", "az"], "unit": "g"})])
    ride(tmp_path / "gone", sensors=[sensor_entry(), sensor_entry("poll")])
    words = {
        "broken": "expected YAML",
        "no-clock": "no `clock:`",
        "no-film": "film.mp4",
        "apart": "sensors and film that overlap",
        "units": "declared in g",
        "gone": "poll.csv",
    }
    reports = {report.manifest.parent.name: report for report in inspect_dataset(tmp_path)}
    assert {name for name, report in reports.items() if report.refused} == set(words)
    for name, word in words.items():
        told = " ".join([*reports[name].refusals, *(s.refusal or "" for s in reports[name].sensors)])
        assert word in told
        assert "\n" not in told
    assert reports["gone"].sensors[0].facts is not None
    assert "7 recordings: 6 refused" in text_report(list(reports.values()))


def test_a_sensor_refused_does_not_hide_a_film_without_a_clock(tmp_path: Path) -> None:
    ride(tmp_path / "a", clock=None, sensors=[sensor_entry("poll")])
    report = only(inspect_dataset(tmp_path))
    assert "no `clock:`" in report.refusals[0]
    assert report.film is not None


def test_two_recordings_of_one_id_are_both_refused_and_name_each_other(tmp_path: Path) -> None:
    ride(tmp_path / "monday", id="one")
    ride(tmp_path / "tuesday", id="one")
    ride(tmp_path / "wednesday")
    first, second, third = inspect_dataset(tmp_path)
    assert first.refused
    assert second.refused
    assert not third.refused
    assert "tuesday" in first.refusals[0]
    assert "monday" in second.refusals[0]


def test_the_verdict_of_sync_is_told_and_another_clock_than_its_own_is_remarked(tmp_path: Path) -> None:
    folder = ride(tmp_path / "a", clock=CLOCK | {"origin": "sync"})
    (folder / "sync.json").write_text(json.dumps({"verdict": "ACCEPT", "offset_s": 1.0}))
    report = only(inspect_dataset(tmp_path))
    assert (report.clock.verdict, report.remarks) == ("ACCEPT", ())
    (folder / "sync.json").write_text(json.dumps({"verdict": "REVIEW", "offset_s": 3.0}))
    report = only(inspect_dataset(tmp_path))
    assert report.clock.verdict == "REVIEW"
    assert "is not that of sync.json" in report.remarks[0]
    (folder / "sync.json").write_text("{")
    assert "cannot be read" in only(inspect_dataset(tmp_path)).remarks[0]


@pytest.mark.parametrize(
    ("found", "told", "command"),
    [
        (None, "Find it with `equigait-cli sync ", "recording.yaml"),
        (
            {"verdict": "REVIEW", "offset_s": 3.25, "reasons": ["short"]},
            "REVIEW: short. Open",
            "--offset 3.2500",
        ),
        ({"verdict": "REFUSE", "offset_s": 3.25, "reasons": ["a rival"]}, "found none (a rival). Shift", None),
    ],
)
def test_a_film_without_a_clock_is_sent_to_sync_once_and_then_to_what_settles_it(
    tmp_path: Path, found: dict[str, object] | None, told: str, command: str | None
) -> None:
    folder = ride(tmp_path / "a", clock=None)
    if found is not None:
        (folder / "sync.json").write_text(json.dumps(found))
    report = only(inspect_dataset(tmp_path))
    (refusal,) = report.refusals
    assert told in refusal
    if command is None:
        assert report.settling_command is None
    else:
        assert report.settling_command.startswith(f"equigait-cli sync {folder}")
        assert report.settling_command.endswith(command)
        assert report.settling_command in refusal


def test_labels_that_cannot_be_placed_are_told_from_none(tmp_path: Path) -> None:
    ride(tmp_path / "a", clock=None)
    ride(tmp_path / "b", clock=None, labels=None)
    printed = text_report(inspect_dataset(tmp_path))
    assert printed.count("labels  labels.csv is declared, but cannot be placed without a clock") == 1
    assert printed.count("labels  ") == 1


@pytest.mark.parametrize(("scale", "remarked"), [(1.0, False), (1.03, False), (1.12, True)])
def test_a_resting_sensor_that_shows_another_gravity_is_remarked(tmp_path: Path, scale: float, remarked: bool) -> None:
    table = walking_table(20.0)
    noise = np.random.default_rng(0).normal(0, 0.01, (6, len(table["az"])))
    still = dict(zip(("ax", "ay", "az", "gx", "gy", "gz"), noise, strict=True))
    folder = ride(tmp_path / "a")
    write_csv(folder / "withers.csv", table | still | {"az": noise[2] + 9.81 * scale})
    remarks = only(inspect_dataset(tmp_path)).sensors[0].remarks
    assert any("at rest |a| is 10.99 m/s^2, +1.18 off gravity" in remark for remark in remarks) == remarked


def test_swapped_triads_are_suspected_in_the_refusal(tmp_path: Path) -> None:
    swapped = sensor_entry(
        acceleration={"columns": ["gx", "gy", "gz"], "unit": "m/s^2"},
        angular_rate={"columns": ["ax", "ay", "az"], "unit": "rad/s"},
    )
    ride(tmp_path / "a", sensors=[swapped])
    assert "seem swapped" in only(inspect_dataset(tmp_path)).sensors[0].refusal


@pytest.mark.parametrize(
    ("text", "remark"),
    [
        ("start,end,label\n", "labels.csv labels nothing: it holds no bouts, or its map leaves all of them out"),
        (
            "start,end,label\n1,5,pause\n",
            "labels.csv labels nothing: it holds no bouts, or its map leaves all of them out",
        ),
        (
            "start,end,label\n1,5,walk\n5,6,Walk\n6,7,TROT\n7,8,gallop\n",
            "the labels Walk, TROT, gallop are not among stand, walk, trot, canter: name what is missing in "
            "`labels: map:` {Walk: walk, TROT: trot}, or in the recipe's windows.labels",
        ),
        (
            "start,end,label\n1,1.01,walk\n5,5.01,trot\n",
            "no bout of labels.csv lasts longer than 0.01 s: a label counts for the samples that bear it, not until "
            "the next; fill them down",
        ),
        (
            "start,end,label\n1,5,piaffe\n",
            "the label piaffe is not among stand, walk, trot, canter: name what is missing in `labels: map:`, or in "
            "the recipe's windows.labels",
        ),
    ],
)
def test_labels_that_teach_nothing_are_remarked(tmp_path: Path, text: str, remark: str) -> None:
    folder = ride(tmp_path / "a", labels={"path": "labels.csv", "time": "film", "map": {"pause": None}})
    (folder / "labels.csv").write_text(text)
    report = only(inspect_dataset(tmp_path))
    assert not report.refused
    assert report.remarks == (remark,)
    assert remark in text_report([report])


def test_a_sensor_cut_off_or_without_numbers_is_remarked(tmp_path: Path) -> None:
    sites = ("withers", "poll", "sacrum")
    folder = ride(tmp_path / "a", sensors=[sensor_entry(site) for site in sites])
    write_csv(folder / "poll.csv", walking_table(4.0))
    table = walking_table(20.0)
    dead = {name: column if name == "time_s" else np.full_like(column, np.nan) for name, column in table.items()}
    write_csv(folder / "sacrum.csv", dead)
    printed = text_report(inspect_dataset(tmp_path))
    assert "! poll holds 4.0 s, the other sensors 20.0 s: was its file cut off?" in printed
    assert "! sacrum: holds no numbers" in printed


def test_one_file_for_two_sites_is_remarked(tmp_path: Path) -> None:
    ride(tmp_path / "a", sensors=[sensor_entry(), sensor_entry("poll", path="withers.csv")])
    assert only(inspect_dataset(tmp_path)).remarks == ("withers and poll hold the same signal: a file was given twice",)


def test_the_json_holds_the_facts_and_no_drawing(tmp_path: Path) -> None:
    ride(tmp_path / "a")
    folder = ride(tmp_path / "b")
    manifest = yaml.safe_load((folder / "recording.yaml").read_text())
    manifest["sensors"].append(sensor_entry("poll"))
    (folder / "recording.yaml").write_text(yaml.safe_dump(manifest))
    write_json(inspect_dataset(tmp_path), tmp_path / "quality.json")
    content = json.loads((tmp_path / "quality.json").read_text())
    assert content["version"] == 1
    sound, refused = content["recordings"]
    assert (sound["refused"], refused["refused"]) == (False, True)
    assert sound["sensors"][0]["facts"]["rate_hz"] == pytest.approx(100.0, abs=1e-3)
    assert refused["sensors"][1]["facts"] is None
    assert "force" not in sound["sensors"][0]
    assert "spans" not in sound["labels"]
    assert (tmp_path / "quality.json").stat().st_size < 6000


def test_a_film_copied_to_two_recordings_is_named_in_both(tmp_path: Path) -> None:
    for name in ("a", "b", "c"):
        ride(tmp_path / name)
    write_film(tmp_path / "c" / "film.mp4", numbered_frames(60)[::-1], seconds=[row / 5 for row in range(60)])
    (tmp_path / "a" / "film.mp4").write_bytes((tmp_path / "b" / "film.mp4").read_bytes())
    remarks = {report.id: report.remarks for report in inspect_dataset(tmp_path)}
    assert remarks["c"] == ()
    for own, other in (("a", "b"), ("b", "a")):
        manifest = tmp_path / other / "recording.yaml"
        assert remarks[own] == (f"its film is byte by byte that of {manifest}: was it copied to the wrong recording?",)


def test_labels_of_people_are_not_held_to_the_gaits_of_horses(tmp_path: Path) -> None:
    words = {"subject": "person", "behaviour": "action"}
    folder = ride(tmp_path / "a", labels={"path": "labels.csv", "time": "film"}, words=words)
    (folder / "labels.csv").write_text("start,end,label\n1,5,draw_x\n5,11,jog\n")
    assert only(inspect_dataset(tmp_path)).remarks == ()


@pytest.mark.parametrize("other", ["Bella", "bella ", "be\u0301lla"])
def test_one_horse_under_two_spellings_is_remarked_on_both(tmp_path: Path, other: str) -> None:
    first = "b\u00e9lla" if "\u0301" in other else "bella"
    ride(tmp_path / "one", horse=first)
    ride(tmp_path / "two", horse=other)
    ride(tmp_path / "three", horse="carla")
    told = {r.id: " ".join(r.remarks).count("take them for different horses") for r in inspect_dataset(tmp_path)}
    assert told == {"one": 1, "two": 1, "three": 0}
