"""Every kind of bad input, from the command line: one line that says where, found, expected and the way out; exit 2."""

import csv
import os
import shutil
from pathlib import Path

import pytest
from command_line import run
from equigait.data.simulate import YardSpec, simulate_yard
from full_disk import no_file_beyond

RIDE = "h000-r00"


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One sound recording of 8 s, filmed."""
    yard = tmp_path_factory.mktemp("sound")
    simulate_yard(yard, spec=YardSpec(horses=1, seconds=8.0, seed=3, frame_width=96, frame_height=64))
    return yard


@pytest.fixture
def yard(sound: Path, tmp_path: Path) -> Path:
    """A copy to spoil."""
    return Path(shutil.copytree(sound, tmp_path / "yard"))


def lose_a_sensor(ride: Path) -> None:
    (ride / "poll.csv").unlink()


def misname_a_site(ride: Path) -> None:
    rewrite(ride / "recording.yaml", "site: poll", "site: nose")


def write_g_declared_as_si(ride: Path) -> None:
    with (ride / "poll.csv").open() as file:
        header, *rows = csv.reader(file)
    with (ride / "poll.csv").open("w") as file:
        scaled = [[row[0], *(f"{float(value) / 9.81:.5f}" for value in row[1:4]), *row[4:]] for row in rows]
        csv.writer(file).writerows([header, *scaled])


def move_the_clock_away(ride: Path) -> None:
    lines = (ride / "recording.yaml").read_text().splitlines()
    moved = ["  offset_seconds: 5000.0" if "offset_seconds" in line else line for line in lines]
    (ride / "recording.yaml").write_text("\n".join(moved) + "\n")


def empty_the_film(ride: Path) -> None:
    (ride / "film.mp4").write_bytes(b"")


def cut_the_film(ride: Path) -> None:
    whole = (ride / "film.mp4").read_bytes()
    (ride / "film.mp4").write_bytes(whole[: len(whole) * 2 // 3])


def label_outside_the_map(ride: Path) -> None:
    (ride / "labels.csv").write_text("start,end,label\n0,4,piaffe\n")


def rewrite(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


SPOILED = {
    "missing file": (lose_a_sensor, "poll.csv: found no such file", "Check the path"),
    "unknown site": (misname_a_site, "found no sensor at poll; there are nose, withers", "--set grid.sites"),
    "wrong unit": (write_g_declared_as_si, "of gravity in the acceleration declared in m/s^2", "unit: g"),
    "no overlap": (move_the_clock_away, "expected sensors and film that overlap", "Check `clock:`"),
    "film of nothing": (empty_the_film, "film.mp4: found a file that does not open as film", "Copy the film again"),
    "truncated film": (cut_the_film, "found film cut off or damaged after", "Copy the film again"),
    "label outside the map": (label_outside_the_map, "found the labels piaffe; expected only stand", "labels: map:"),
}


@pytest.mark.parametrize("kind", SPOILED)
def test_a_spoiled_recording_is_told_in_a_line_and_is_exit_code_2(
    kind: str, yard: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spoil, found, remedy = SPOILED[kind]
    spoil(yard / RIDE)
    assert run("extract-teacher", yard, "--config", "demo") == 2
    printed = capsys.readouterr()
    told = [line for line in printed.out.splitlines() if line.startswith(f"failed {RIDE}: ")]
    assert len(told) == 1
    assert found in told[0]
    assert remedy in told[0]
    assert "Traceback" not in printed.err


def test_a_recording_shorter_than_a_window_is_skipped_with_its_reason(
    yard: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    longer = ["--config", "demo", "--set", "windows.steps=500", "--set", "windows.hop_steps=250"]
    assert run("extract-teacher", yard, *longer) == 0
    assert f"skipped {RIDE}: " in (printed := capsys.readouterr().out)
    assert "expected at least one window of 10.00 s" in printed


@pytest.mark.parametrize("command", ["extract-teacher", "pretrain"])
def test_an_unknown_key_of_a_recipe_is_refused_with_its_path(
    command: str, yard: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    recipe = tmp_path / "mine.yaml"
    recipe.write_text("train:\n  stepz: 3\n")
    what = [yard] if command == "extract-teacher" else ["--cache", yard / "cache", "--run", tmp_path / "run"]
    assert run(command, *what, "--config", recipe) == 2
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    assert "mine.yaml: found unknown key train.stepz" in told
    assert "Did you mean steps?" in told


def test_a_cache_of_another_teacher_is_refused_with_both_names(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from rides import ride_cache  # its teacher is videomae-demo

    told = ["--cache", ride_cache(), "--run", tmp_path / "run", "--config", "default"]
    assert run("pretrain", *told) == 2
    line = capsys.readouterr().err
    assert line.count("\n") == 1
    assert "found a cache of another teacher: videomae-demo" in line
    assert "expected videomae-base" in line


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anything")
def test_a_folder_that_may_not_be_written_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tmp_path.chmod(0o500)
    assert run("simulate", tmp_path / "yard", "--horses", 1, "--seconds", 8) == 2
    tmp_path.chmod(0o700)
    assert "Permission denied" in capsys.readouterr().err


@pytest.mark.parametrize("place", ["file", "file/below"])
def test_a_file_in_the_place_of_a_folder_is_one_line(
    place: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")
    assert run("simulate", tmp_path / place, "--horses", 1, "--seconds", 8) == 2
    last = capsys.readouterr().err.splitlines()[-1]
    assert last.startswith(f"equigait-cli: {tmp_path / 'file'}")
    assert "expected files that can be read and written" in last


def test_a_full_disk_is_one_line_that_names_the_file_and_what_was_there_stays(
    yard: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = yard / "inspect.html"
    page.write_text("as it was")
    with no_file_beyond(2048):
        assert run("inspect", yard) == 2
    error = capsys.readouterr().err.splitlines()[-1]
    assert error.startswith(f"equigait-cli: {page}: found File too large; expected files that can be read and written")
    assert page.read_text() == "as it was"


def test_an_interrupt_says_that_what_was_finished_is_kept(
    yard: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def stopped(_: Path) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("equigait.data.quality.dataset.inspect_recording", stopped)
    assert run("inspect", yard) == 130
    assert "interrupted: what was finished is kept; run the same command again" in capsys.readouterr().err
