"""Looking after a cache from the command line: what is damaged, unwanted, left over, or no cache at all."""

import subprocess
import sys
from pathlib import Path

import pytest
from command_line import run
from equigait.cache.reader import committed
from equigait.cache.store import open_store
from equigait.cache.writer import commit
from made_segments import made_segment


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    """Two recordings, h000 and h001."""
    for name in ("h000", "h001"):
        commit(open_store(tmp_path / "cache"), made_segment(name))
    return tmp_path / "cache"


def names(cache: Path) -> list[str]:
    return [entry.recording_id for entry in committed(open_store(cache))]


@pytest.mark.parametrize("command", ["verify", "gc"])
def test_what_is_no_cache_is_refused_in_a_line(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "empty").mkdir()
    assert run(command, tmp_path / "empty") == 2
    assert run(command, tmp_path / "nowhere") == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    first, second = printed.err.splitlines()
    assert "empty: found nothing that was ever committed; expected a cache" in first
    assert "nowhere: found no such folder; expected a cache" in second


def test_the_way_out_of_damage_is_told_and_works(cache: Path, capsys: pytest.CaptureFixture[str]) -> None:
    next((cache / "seg").rglob("imu/c/0/0")).unlink()
    assert run("verify", cache) == 1
    told = capsys.readouterr().out.splitlines()
    broken = told[-1].split(" takes out ")[1].split(";")[0]
    assert (
        told[-1] == f"`equigait-cli verify {cache} --repair` takes out {broken}; extract-teacher then makes that anew"
    )
    assert run("verify", cache, "--repair") == 0
    assert f"taken out: {broken}; extract-teacher then makes that anew" in capsys.readouterr().out
    assert names(cache) == [name for name in ("h000", "h001") if name != broken]
    assert run("verify", cache) == 0
    assert f"`equigait-cli gc {cache}` clears what is left over" in capsys.readouterr().out


def test_a_damaged_manifest_ends_every_run_of_gc_alike(cache: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A thread of Parquet's that was still at the damaged file aborted Python now and then, as it ended."""
    next((cache / "man").rglob("*.json")).write_bytes(b"")
    command = [sys.executable, "-m", "equigait.cli.main", "gc", str(cache)]
    ends = [subprocess.run(command, capture_output=True, text=True, check=False) for _ in range(3)]
    assert [end.returncode for end in ends] == [2, 2, 2]
    assert f"Run `equigait-cli verify {cache} --repair`, then extract-teacher" in ends[0].stderr
    assert run("verify", cache, "--repair") == 0
    assert "taken out: an unknown recording" in capsys.readouterr().out
    assert len(names(cache)) == 1


def test_a_dropped_recording_goes_and_what_waits_for_its_hour_is_told(
    cache: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("gc", cache, "--drop", "h001") == 0
    told = capsys.readouterr().out.splitlines()
    assert told[0] == f"{cache}: taken out: h001"
    assert told[1].startswith(f"{cache}: 0 removed; 1 written within the last hour left")
    assert names(cache) == ["h000"]
    assert run("gc", cache, "--drop", "h007") == 2
    assert "found no recording h007; expected ids of committed recordings" in capsys.readouterr().err


def test_a_collection_that_leaves_nothing_says_no_more(cache: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("gc", cache) == 0
    assert capsys.readouterr().out == f"{cache}: 0 removed\n"


def test_a_cache_is_named_once_either_way(cache: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("verify", "--cache", cache) == 0
    assert run("gc", "--cache", cache) == 0
    capsys.readouterr()
    for arguments in ((), (cache, "--cache", cache)):
        assert run("verify", *arguments) == 2
        assert "Give it once, as CACHE or --cache." in capsys.readouterr().err
