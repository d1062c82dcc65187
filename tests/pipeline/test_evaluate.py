"""Evaluation from cache and run to scores.json and the table, and what it refuses."""

import logging
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from equigait.data.errors import BadInput
from equigait.pipeline.evaluate import evaluate
from equigait.pipeline.evaluation.benchmark import run_benchmark
from equigait.pipeline.evaluation.score_table import format_methods, format_table
from equigait.pipeline.evaluation.scores import Scores, read_scores
from equigait.pipeline.probing.inputs import probe_inputs
from equigait.pipeline.probing.probe_file import load_probe
from equigait.pipeline.recipe import load_run_recipe, save_recipe
from equigait.pipeline.report import write_report
from rides import GAITS, HORSES, cache_of, probed_run, ride_cache, ride_recipe


@pytest.fixture
def run(tmp_path: Path) -> Path:
    return probed_run(tmp_path)


class LogLines(logging.Handler):
    """Keeps what is logged."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())


@pytest.fixture(scope="module")
def evaluated(tmp_path_factory: pytest.TempPathFactory) -> tuple[Scores, Path, list[str]]:
    folder = probed_run(tmp_path_factory.mktemp("evaluated"))
    log, logger = LogLines(), logging.getLogger("equigait")
    logger.addHandler(log)
    logger.setLevel(logging.INFO)
    return evaluate(ride_cache(), run=folder), folder, log.lines


def test_only_horses_the_run_has_not_seen_are_scored(evaluated: tuple[Scores, Path, list[str]]) -> None:
    scores, _, _ = evaluated
    assert scores.split == {"train": ("h0", "h1", "h2", "h3"), "validation": ("h4",), "test": ("h5", "h6")}
    assert set(scores.per_horse) == {"h5", "h6"}
    assert scores.n_windows == sum(sum(row) for row in scores.confusion) == 42
    assert scores.classes == GAITS


def test_baselines_stand_beside_the_run_on_the_same_windows(evaluated: tuple[Scores, Path, list[str]]) -> None:
    scores, _, _ = evaluated
    assert set(scores.baselines) == {"random-init", "spectral", "supervised", "teacher"}
    for outcome in scores.baselines.values():
        assert [sum(row) for row in outcome.confusion] == [sum(row) for row in scores.confusion]
    assert scores.macro_f1 > 0.9
    assert scores.chance["majority"]["accuracy"] == pytest.approx(1 / 3)
    (few,) = scores.label_efficiency
    assert few.shots == 3


def test_classifiers_missing_sensors_and_map_are_of_the_same_windows(evaluated: tuple[Scores, Path, list[str]]) -> None:
    scores, _, _ = evaluated
    assert set(scores.classifiers) == {"knn", "rbf-svm"}
    for outcome in scores.classifiers.values():
        assert [sum(row) for row in outcome.confusion] == [sum(row) for row in scores.confusion]
        assert outcome.macro_f1 > 0.9
    assert set(scores.missing_sensors) == {"withers", "sacrum"}
    assert scores.missing_sensors["withers"].without == scores.missing_sensors["sacrum"].alone
    assert scores.embedding_map is not None
    assert len(scores.embedding_map.x) == scores.n_windows
    (few,) = scores.label_efficiency
    assert set(few.baselines) == {"random-init", "spectral"}
    assert few.means["pretrained"] == pytest.approx(sum(few.pretrained) / 2)
    text = format_table(scores)
    tables = ("pretrained + knn", "pretrained + rbf-svm", "macro-F1, sensor missing", "macro-F1 by windows per gait")
    for name in tables:
        assert sum(line.startswith(name) for line in text.splitlines()) == 1


def test_retrieval_is_over_every_filmed_test_window_and_has_its_chance(
    evaluated: tuple[Scores, Path, list[str]],
) -> None:
    retrieval, chance = evaluated[0].retrieval, evaluated[0].chance["retrieval"]
    assert retrieval is not None
    assert chance["R@10"] == pytest.approx(10 / 46)  # the windows across a change of gait count here
    assert set(retrieval) == {"imu_to_film", "film_to_imu"}
    assert set(retrieval["imu_to_film"]) == {"R@1", "R@5", "R@10", "MRR"}
    assert retrieval["imu_to_film"]["R@10"] > chance["R@10"]


def test_scores_json_holds_what_was_returned(evaluated: tuple[Scores, Path, list[str]]) -> None:
    scores, folder, told = evaluated
    assert read_scores(folder) == scores
    assert any("supervised" in line for line in told)


def test_the_table_shows_every_classifier_chance_and_the_confusion(
    evaluated: tuple[Scores, Path, list[str]],
) -> None:
    text = format_table(evaluated[0])
    for name in ("pretrained + probe", "random-init", "spectral", "supervised", "teacher", "chance, majority"):
        assert sum(line.startswith(name) for line in text.splitlines()) == 1
    walk = next(line for line in text.splitlines() if line.startswith("walk"))
    assert walk.split()[1:4] == [str(cell) for cell in evaluated[0].confusion[0]]
    assert "3 labelled windows per gait" in text
    assert "interval" in format_methods(evaluated[0].baselines)


def test_evaluating_again_gives_the_same_scores(run: Path) -> None:
    light = ride_recipe("evaluate.baselines=[spectral]", "evaluate.few_shot.shots=[]")
    save_recipe(light, run / "recipe.yaml")
    first = evaluate(ride_cache(), run=run)
    assert evaluate(ride_cache(), run=run) == first
    assert set(first.baselines) == {"spectral"}
    assert first.label_efficiency == ()


def test_settings_of_an_evaluation_can_be_changed_for_once_and_no_others(run: Path) -> None:
    before = (run / "recipe.yaml").read_bytes()
    changes = ("evaluate.baselines=[]", "evaluate.classifiers=[]", "evaluate.few_shot.shots=[]")
    others = ("evaluate.map_windows=0", "evaluate.missing_sensors=false")
    scores = evaluate(ride_cache(), run=run, overrides=(*changes, *others))
    assert (scores.baselines, scores.classifiers, scores.label_efficiency, scores.missing_sensors) == ({}, {}, (), {})
    assert scores.embedding_map is None
    assert scores.changed[0] == "evaluate.baselines=[]"
    assert (run / "recipe.yaml").read_bytes() == before
    with pytest.raises(BadInput, match=r"found student\.width; expected a setting of the section evaluate"):
        evaluate(ride_cache(), run=run, overrides=("student.width=64",))


def test_horses_that_the_run_has_learned_from_are_not_scored(run: Path) -> None:
    save_recipe(ride_recipe("split={train: [h0, h1], validation: [h4], test: [h2, h6]}"), run / "recipe.yaml")
    with pytest.raises(BadInput, match="learned from: h2"):
        evaluate(ride_cache(), run=run)


def test_reading_a_recipe_loads_neither_torch_nor_scikit_learn() -> None:
    code = "import sys, equigait.pipeline.recipe; print([m for m in ('torch', 'sklearn') if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_evaluation_without_a_probe_says_what_to_run(run: Path) -> None:
    (run / "probe.safetensors").unlink()
    with pytest.raises(BadInput, match="probe` first"):
        evaluate(ride_cache(), run=run)


def test_a_cache_without_the_test_horses_is_refused(run: Path, tmp_path: Path) -> None:
    other = cache_of(HORSES[:5], folder=tmp_path / "other")
    with pytest.raises(BadInput, match="unknown horses h5, h6"):
        evaluate(other, run=run)


def test_without_film_of_the_test_horses_teacher_and_retrieval_are_left_out_with_their_reason(run: Path) -> None:
    inputs = probe_inputs(ride_cache(), run=run, settings=load_run_recipe(run))
    blind = torch.zeros(len(inputs.windows), dtype=torch.bool)
    nobody = torch.zeros(len(inputs.parts.test), dtype=torch.bool)
    unfilmed = replace(
        inputs,
        settings=ride_recipe("evaluate.baselines=[teacher, spectral]", "evaluate.few_shot.shots=[]"),
        windows=replace(inputs.windows, has_film=blind),
        parts=replace(inputs.parts, test=replace(inputs.parts.test, has_film=nobody)),
    )
    scores = run_benchmark(unfilmed, probe=load_probe(run))
    assert scores.retrieval is None
    assert "retrieval" not in scores.chance
    assert set(scores.baselines) == {"spectral"}
    assert scores.baselines_left_out == {"teacher": "no film of the labelled windows"}
    assert "teacher left out: no film of the labelled windows" in format_table(scores)


def test_scores_of_a_model_that_has_been_trained_on_since_are_refused(
    evaluated: tuple[Scores, Path, list[str]], tmp_path: Path
) -> None:
    _, run, _ = evaluated
    later = Path(shutil.copytree(run, tmp_path / "run"))
    assert read_scores(later).scored
    with (later / "probe.safetensors").open("ab") as file:
        file.write(b" ")
    for read in (read_scores, write_report):
        with pytest.raises(BadInput, match="scores of another checkpoint or probe"):
            read(later)
