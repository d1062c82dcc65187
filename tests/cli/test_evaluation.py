"""Commands that evaluate runs, from the command line: results on standard output, bad input in one line and exit 2."""

import json
import shutil
from pathlib import Path

import pytest
from command_line import run as say
from rides import HORSES, OVERRIDES, cache_of, probed_run, ride_cache


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return probed_run(tmp_path_factory.mktemp("judged"))


def test_a_run_is_scored_with_other_settings_reported_and_compared(
    run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    light = ["evaluate.baselines=[]", "evaluate.classifiers=[knn]", "evaluate.few_shot.shots=[]"]
    sets = [word for each in light for word in ("--set", each)]
    assert say("evaluate", "--cache", ride_cache(), "--run", run, *sets) == 0
    assert "pretrained + knn" in capsys.readouterr().out
    assert say("report", "--run", run, "--cache", "taken-and-not-read") == 0
    capsys.readouterr()
    other = shutil.copytree(run, tmp_path / "other")
    assert say("compare", run, other, "--out", tmp_path / "c.html", "--json", tmp_path / "c.json") == 0
    out = capsys.readouterr().out
    assert "macro-F1, knn" in out
    assert str(tmp_path / "c.html") in out
    assert json.loads((tmp_path / "c.json").read_text())["differing"] == {}
    assert (tmp_path / "c.html").read_text().startswith("<!doctype html>")


def test_methods_are_named_one_by_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sets = [word for each in (*OVERRIDES, "probe.inverse_penalties=[0.3]") for word in ("--set", each)]
    cache = cache_of(HORSES[:3], folder=tmp_path)
    command = ("leave-one-out", "--cache", cache, "--method", "spectral", "--method", "spectral-svm")
    assert say(*command, *sets) == 0
    out = capsys.readouterr().out
    assert "spectral-svm" in out
    assert "random-init" not in out


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (("leave-one-out", "--cache", "CACHE", "--method", "wizard"), "found wizard"),
        (("leave-one-out", "--cache", "CACHE", "--contender", "spectral"), "is now called `--method`"),
        (
            ("evaluate", "--cache", "CACHE", "--run", "RUN", "--set", "evaluate.judges=[knn]"),
            "`judges` is now called `classifiers`",
        ),
        (
            ("evaluate", "--cache", "CACHE", "--run", "RUN", "--set", "train.steps=3"),
            "expected a setting of the section",
        ),
        (("transfer", "--cache", "CACHE", "--run", "RUN"), "horses under a name that the run has learned from: h0, h1"),
        (("transfer", "--cache", "nowhere", "--run", "RUN"), "nowhere"),
        (("compare", "RUN"), "1 run; expected two runs or more"),
        (("compare", "RUN", "nowhere"), "recipe.yaml"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(
    arguments: tuple[str, ...],
    part: str,
    run: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    places = {"CACHE": str(ride_cache()), "RUN": str(run)}
    code = say(*(places.get(word, word) for word in arguments))
    error = capsys.readouterr().err
    assert code == 2
    assert error.count("\n") == 1
    assert part in error


def test_the_report_of_a_folder_that_is_no_run_does_not_ask_for_scores(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert say("report", "--run", tmp_path / "nowhere") == 2
    assert "nowhere: found no recipe.yaml; expected a run's folder. Check the path" in capsys.readouterr().err
