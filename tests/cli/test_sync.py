"""`equigait-cli sync`: recordings or bare files, never both; what it prints can be pasted."""

import shutil
from pathlib import Path

import pytest
import yaml
from command_line import run
from equigait.data.manifest.files import read_manifest
from equigait.data.manifest.schema import Clock
from equigait.data.simulate import YardSpec, simulate_yard

PLAIN = ["--columns", "time_s,ax,ay,az,gx,gy,gz", "--units", "s,m/s^2,rad/s"]


@pytest.fixture(scope="module")
def ride(tmp_path_factory: pytest.TempPathFactory) -> Path:
    spec = YardSpec(
        horses=1, seconds=24.0, seed=5, frame_width=96, frame_height=64, clock_known=False, sites=("withers", "sacrum")
    )
    return simulate_yard(tmp_path_factory.mktemp("yard"), spec=spec)[0].parent


def test_bare_files_give_a_clock_to_paste_and_two_files(
    ride: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = ["--imu", ride / "withers.csv", "--imu", f"croup={ride / 'sacrum.csv'}", "--video", ride / "film.mp4"]
    code = run("sync", *files, *PLAIN, "--out", tmp_path / "new", "--offset", 1.5)
    printed = capsys.readouterr().out
    assert code == 0
    assert "offset +1.500 s" in printed
    assert "croup: " in printed
    clock = Clock.model_validate(yaml.safe_load(printed[printed.index("clock:") :])["clock"])
    assert (clock.offset_seconds, clock.origin) == (1.5, "by-hand")
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == ["sync.html", "sync.json"]
    assert read_manifest(ride).clock is None
    page = (tmp_path / "new" / "sync.html").read_text()
    assert f"--imu {ride / 'withers.csv'} --imu croup={ride / 'sacrum.csv'} --video {ride / 'film.mp4'}" in page
    assert "--columns time_s,ax,ay,az,gx,gy,gz --units" in page


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["RIDE", "--video", "film.mp4"],
        ["RIDE", "--imu", "withers.csv"],
        ["RIDE", "--units", "s,g"],
        ["--imu", "RIDE/withers.csv"],
        ["--video", "RIDE/film.mp4"],
        ["--imu", "RIDE/withers.csv", "--video", "RIDE/gone.mp4", *PLAIN],
        ["--imu", "RIDE/withers.csv", "--video", "RIDE/film.mp4", *PLAIN, "--force"],
        ["RIDE", "--window", "1"],
        ["RIDE", "--max-drift", "-3"],
        ["RIDE", "--event", "12.5"],
        ["RIDE", "--event", "film:1,imu:2", "--event", "film:5,imu:2"],
    ],
)
def test_anything_but_one_of_the_two_forms_is_one_line_and_exit_code_2(
    ride: Path, arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    code = run("sync", *[text.replace("RIDE", str(ride)) for text in arguments])
    error = capsys.readouterr().err
    assert code == 2
    assert error.startswith("equigait-cli: ")
    assert error.count("\n") == 1


def test_a_bad_recording_among_several_is_told_and_the_others_go_on(
    ride: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "recording.yaml").write_text("horse: bella\n")
    for folder in (tmp_path / "b", tmp_path / "c"):
        folder.mkdir()
        for name in ("withers.csv", "sacrum.csv", "film.mp4", "recording.yaml"):
            (folder / name).write_bytes((ride / name).read_bytes())
    film = bytearray((ride / "film.mp4").read_bytes())
    film[len(film) // 2 : len(film) // 2 + 20_000] = bytes(20_000)
    (tmp_path / "b" / "film.mp4").write_bytes(film)
    code = run("sync", tmp_path, "--offset", 1.5)
    printed = capsys.readouterr().out.splitlines()
    assert code == 3
    assert printed[0].startswith("a: bad input: ")
    assert printed[1].startswith("b: bad input: ")
    assert "film cut off or damaged after" in printed[1]
    assert printed[-2].startswith("c: REVIEW offset +1.500 s")
    assert printed[-1] == "  recording.yaml: clock none -> by-hand +1.500 s"
    assert f"equigait-cli sync {tmp_path / 'c' / 'recording.yaml'}" in (tmp_path / "c" / "sync.html").read_text()


@pytest.mark.parametrize("name", ["sync.json", "sync.html"])
def test_a_link_that_leads_out_of_a_recording_is_not_followed(
    name: str, ride: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    precious, folder = tmp_path / "precious", Path(shutil.copytree(ride, tmp_path / "ride"))
    precious.write_text("as it was")
    (folder / name).symlink_to(precious)
    assert run("sync", folder, "--offset", 1.5) == 2
    assert f"{name}: found a link to {precious}" in capsys.readouterr().err
    assert precious.read_text() == "as it was"
