"""Long commands end with the next one, on standard error: each line is pasted as it stands, from files to a report."""

import shlex
from pathlib import Path

import pytest
from command_line import run as say
from rides import probed_run, ride_run, write_ride

QUICK = {
    "extract-teacher": (
        "--set",
        "train={steps: 4, batch: 8, warmup_steps: 1, validate_every: 4, save_every: 4}",
        "--set",
        "student={width: 32, layers: 1, heads: 2}",
        "--set",
        "split={validation: [h001], test: [h002]}",
    ),
    "evaluate": (
        "--set",
        "evaluate.baselines=[spectral]",
        "--set",
        "evaluate.classifiers=[]",
        "--set",
        "evaluate.few_shot.shots=[]",
        "--set",
        "evaluate.missing_sensors=false",
    ),
}
"""What is added to a pasted line so that the test takes seconds; the lines that follow carry a recipe's settings on."""


def next_step(capsys: pytest.CaptureFixture[str]) -> list[str]:
    """The words of the one line, which is the last."""
    said = capsys.readouterr()
    assert "next: " not in said.out
    lines = said.err.splitlines()
    assert [line for line in lines if line.startswith("next: ")] == lines[-1:]
    program, *words = shlex.split(lines[-1].removeprefix("next: "))
    assert program == "equigait-cli"
    return words


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return probed_run(tmp_path_factory.mktemp("next"))


@pytest.fixture
def data(tmp_path: Path) -> Path:
    write_ride(tmp_path / "my rides/mare", horse="h6")
    return tmp_path / "my rides"


def test_the_lines_lead_from_nothing_to_a_report(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    yard = tmp_path / "a yard"
    small = ("--set", "fps=8", "--set", "frame_width=64", "--set", "frame_height=64", "--workers", 1)
    assert say("simulate", yard, "--horses", 3, "--seconds", 60, *small) == 0
    names = []
    while not (tmp_path / "a yard-run/report.html").exists():
        words = next_step(capsys)
        names.append(words[0])
        assert say(*words, *QUICK.get(words[0], ())) == 0
    assert names == ["extract-teacher", "pretrain", "probe", "evaluate", "report"]


def test_predictions_are_reviewed_next_and_embeddings_predicted(
    run: Path, data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert say("embed", data, "--run", run, "--out", tmp_path / "out") == 0
    assert (words := next_step(capsys))[0] == "predict"
    assert say(*words) == 0
    assert (words := next_step(capsys))[:2] == ["review", str(data)]
    assert say(*words) == 0


def test_embeddings_of_a_run_without_a_probe_lead_to_a_cache(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert say("embed", data, "--run", ride_run(), "--out", tmp_path / "out") == 0
    assert next_step(capsys) == ["extract-teacher", str(data), "--config", str(ride_run() / "recipe.yaml")]


def test_strides_are_followed_by_a_check_of_the_sensors(
    run: Path, data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert say("predict", data, "--run", run, "--out", tmp_path / "out") == 0
    assert say("strides", data, "--bouts", tmp_path / "out/bouts.csv", "--out", tmp_path / "strides") == 0
    capsys.readouterr()
    assert say("strides", data, "--bouts", tmp_path / "out/bouts.csv", "--out", tmp_path / "strides") == 0
    assert next_step(capsys) == ["inspect", str(data)]


@pytest.mark.parametrize(
    ("evaluated", "expected"),
    [(True, ["report", "--run", "RUN"]), (False, ["evaluate", "--cache", "CACHE", "--run", "RUN"])],
)
def test_an_export_leads_to_the_report_or_first_to_the_scores(
    evaluated: bool,
    expected: list[str],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from equigait.pipeline.inference.onnx_export import Parity

    monkeypatch.setattr("equigait.pipeline.export.export", lambda *_, **__: Parity(9, 1.0, 0.0))
    if evaluated:
        (tmp_path / "scores.json").write_text("{}")
    assert say("export", "--run", tmp_path, "--cache", "CACHE", "--out", tmp_path / "model.onnx") == 0
    assert [str(tmp_path) if word == "RUN" else word for word in expected] == next_step(capsys)


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (("--no-film",), ["inspect"]),
        (("--no-film", "--difficulty", "field"), ["inspect"]),
    ],
)
def test_a_yard_without_film_is_inspected(
    options: tuple[str, ...], expected: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert say("simulate", tmp_path / "yard", "--horses", 1, "--seconds", 20, "--workers", 1, *options) == 0
    assert next_step(capsys) == [*expected, str(tmp_path / "yard")]


def test_what_failed_altogether_has_no_next_step(
    run: Path, data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    manifest = data / "mare/recording.yaml"
    manifest.write_text(manifest.read_text().replace("site: sacrum", "site: poll"))
    assert say("predict", data, "--run", run, "--out", tmp_path / "out") == 2
    assert "next: " not in capsys.readouterr().err
