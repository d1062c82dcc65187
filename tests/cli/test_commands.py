"""Every command has a sentence and an example, stands in the README, and refuses bad input in one line."""

import subprocess
import sys
from pathlib import Path

import pytest
import typer
from command_line import run
from equigait import __version__
from equigait.cli.app import app
from rides import write_ride

ROOT = Path(__file__).resolve().parents[2]
COMMANDS = typer.main.get_command(app).commands  # type: ignore[attr-defined]  # the group that typer builds


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_has_a_sentence_and_an_example_to_paste(name: str) -> None:
    command = COMMANDS[name]
    assert command.help
    assert command.help.strip().endswith(".")
    assert command.epilog.startswith(f"Example: equigait-cli {name} ")


def test_the_list_of_commands_tells_each_in_a_whole_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    run("--help")
    told = capsys.readouterr().out.split("Commands:")[1].strip().splitlines()
    assert len(told) == len(COMMANDS)
    assert all(line.endswith(".") and not line.endswith("...") for line in told)


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_stands_in_the_readme(name: str) -> None:
    assert f"`{name}" in (ROOT / "README.md").read_text() or f"equigait-cli {name}" in (ROOT / "README.md").read_text()


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_the_options_of_every_example_exist(name: str) -> None:
    command = COMMANDS[name]
    known = {option for parameter in command.params for option in parameter.opts}
    used = {word for word in command.epilog.split() if word.startswith("--")}
    assert used <= known


def test_help_imports_nothing_heavy() -> None:
    code = "import sys; from equigait.cli.app import app; print(*sys.modules)"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"torch", "transformers", "sklearn", "av", "numpy", "pydantic"} & set(result.stdout.split())


def test_a_missing_data_set_is_one_line_and_exit_code_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = run("extract-teacher", str(tmp_path / "nowhere"), "--config", "demo")
    error = capsys.readouterr().err
    assert code == 2
    assert error.count("\n") == 1
    assert "nowhere" in error


def test_an_unknown_recipe_is_refused_with_the_names_there_are(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = run("extract-teacher", str(tmp_path), "--config", "wishful")
    assert code == 2
    assert "demo" in capsys.readouterr().err


def test_an_unknown_key_is_refused_with_its_path(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = run("extract-teacher", str(tmp_path), "--config", "demo", "--set", "train.stepz=5")
    assert code == 2
    assert "train.stepz" in capsys.readouterr().err


def test_the_version_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--version") == 0
    assert capsys.readouterr().out == f"{__version__}\n"


def test_names_of_files_command_no_terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ride = write_ride(tmp_path / "rides" / "a\x1b[31mb\x9b1m", horse="h5")
    manifest = ride / "recording.yaml"
    manifest.write_text(f"id: monday\n{manifest.read_text()}")
    assert run("inspect", ride, "--json", ride / "quality.json") == 0
    printed = capsys.readouterr()
    assert "a\\x1b[31mb\\x9b1m" in printed.out
    assert "a\\x1b[31mb\\x9b1m" in printed.err
    assert not {"\x1b", "\x9b"} & {*printed.out, *printed.err}


OF_A_RUN = ("pretrain", "probe", "evaluate", "transfer", "compare", "report", "predict", "export", "embed", "review")


@pytest.mark.parametrize("name", OF_A_RUN)
@pytest.mark.parametrize("option", ["--cache", "--config", "--set"])
def test_every_command_of_a_run_knows_the_options_of_its_neighbours(name: str, option: str) -> None:
    assert option in {word for parameter in COMMANDS[name].params for word in parameter.opts}


@pytest.mark.parametrize(
    ("words", "way_out"),
    [
        (("probe", "--cache", "c", "--run", "r", "--config", "demo"), "Leave --config out"),
        (("evaluate", "--cache", "c", "--run", "r", "--config", "demo"), "Leave --config out"),
        (("report", "--run", "r", "--set", "evaluate.resamples=9"), "Leave --set out"),
        (("export", "--cache", "c", "--run", "r", "--out", "m.onnx", "--set", "train.steps=3"), "Leave --set out"),
        (("predict", "rides", "--run", "r", "--out", "p", "--config", "demo"), "Leave --config out"),
        (("embed", "rides", "--run", "r", "--out", "p", "--set", "seed=3"), "Leave --set out"),
    ],
)
def test_what_a_finished_run_has_fixed_is_refused_in_a_line(
    words: tuple[str, ...], way_out: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(*words) == 2
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    assert way_out in told


def test_a_cache_that_is_not_read_is_taken_and_said_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for words in (("report",), ("predict", tmp_path, "--out", tmp_path), ("compare", tmp_path)):
        named = () if words[0] == "compare" else ("--run", tmp_path / "run")
        assert run(*words, *named, "--cache", "rides/cache") == 2  # there is no run
        assert "the cache is not opened" in capsys.readouterr().err
