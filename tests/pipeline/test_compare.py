"""Runs side by side: what differs, what each has, and when their scores must not be held against each other."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from equigait.data.errors import BadInput
from equigait.pipeline.evaluate import evaluate
from equigait.pipeline.evaluation.scores import Scores, read_scores, write_scores
from equigait.pipeline.recipe import save_recipe
from equigait.pipeline.report import compare
from equigait.pipeline.reporting.comparison import (
    ABSENT,
    FEW_LABELS,
    SCORES,
    SETTINGS,
    TRAINING,
    write_comparison,
    write_json,
)
from equigait.pipeline.training.checkpoint import read_facts
from equigait.pipeline.training.run import Run, read_rows
from pages import Parsed
from rides import probed_run, ride_cache, ride_recipe

LIGHT = ("evaluate.baselines=[spectral]", "evaluate.classifiers=[knn]", "evaluate.few_shot.scratch_shots=[]")


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, Path]:
    """One scored, one scored whose recipe names another rate, one only begun."""
    folder = tmp_path_factory.mktemp("compared")
    first = probed_run(folder).rename(folder / "first")
    evaluate(ride_cache(), run=first, overrides=LIGHT)
    second = Path(shutil.copytree(first, folder / "second"))
    rate = "{steps: 40, batch: 48, learning_rate: 0.001, warmup_steps: 5, validate_every: 20, save_every: 40}"
    save_recipe(ride_recipe(f"train={rate}"), second / "recipe.yaml")
    begun = folder / "begun"
    begun.mkdir()
    save_recipe(ride_recipe("seed=5"), begun / "recipe.yaml")
    return first, second, begun


def test_only_settings_that_differ_are_shown_each_with_its_value_in_every_run(runs: tuple[Path, ...]) -> None:
    comparison = compare(runs)
    assert comparison.differing == {"seed": (0, 0, 5), "train.learning_rate": (0.003, 0.001, 0.003)}
    assert comparison.groups[SETTINGS] == [["seed", "0", "0", "5"], ["train.learning_rate", "0.003", "0.001", "0.003"]]
    same = Path(shutil.copytree(runs[0], runs[0].parent / "same"))
    assert SETTINGS not in compare((runs[0], same)).groups


def test_each_run_shows_what_it_has(runs: tuple[Path, ...]) -> None:
    scores, groups = read_scores(runs[0]), compare(runs).groups
    training = {name: cells for name, *cells in groups[TRAINING]}
    assert training["steps trained"] == ["40", "40", "0"]
    looks = [row for row in read_rows(Run(runs[0])) if row.get("validation")]
    best = max(looks, key=lambda row: row["validation"]["imu_to_film"]["MRR"] + row["validation"]["film_to_imu"]["MRR"])
    assert training["best validation at step"] == [str(best["step"])] * 2 + [ABSENT]
    kept = read_facts(Run(runs[0]).checkpoint)["step"]
    assert training["checkpoint of step"] == [str(kept)] * 2 + [ABSENT]
    assert training["R@10 there, film to sensors"][0] == f"{best['validation']['film_to_imu']['R@10']:.3f}"
    found = {name: cells for name, *cells in groups[SCORES]}
    low, high = scores.intervals["macro_f1"]
    assert found["macro-F1, linear probe"] == [f"{scores.macro_f1:.3f} ({low:.3f} to {high:.3f})"] * 2 + [ABSENT]
    assert found["macro-F1, knn"][0].startswith(f"{scores.classifiers['knn'].macro_f1:.3f} (")
    assert "macro-F1, rbf-svm" not in found
    assert found["baseline: spectral"][2] == ABSENT
    (entry,) = scores.label_efficiency
    few = {name: cells for name, *cells in groups[FEW_LABELS]}
    assert few["pretrained, 3 windows per gait"][0].startswith(f"{entry.means['pretrained']:.3f} (")
    assert "scratch, 3 windows per gait" not in few
    text = str(compare(runs))
    assert all(str(run) in text.splitlines()[0] for run in runs)


def test_scores_of_other_horses_come_with_a_caution(runs: tuple[Path, ...]) -> None:
    assert compare(runs).cautions == []
    other = Path(shutil.copytree(runs[1], runs[1].parent / "other"))
    scores: Scores = read_scores(other)
    write_scores(replace(scores, split={**scores.split, "test": ("h5",)}, n_windows=21), run=other)
    cautions = compare((runs[0], other)).cautions
    assert [line.split(":")[0] for line in cautions] == [
        "Scores of different test horses",
        "Scores of different numbers of test windows",
    ]
    assert cautions[0] in str(compare((runs[0], other)))


def test_json_and_page_say_the_same(runs: tuple[Path, ...], tmp_path: Path) -> None:
    comparison = compare(runs)
    write_json(comparison, tmp_path / "found.json")
    found = json.loads((tmp_path / "found.json").read_text())
    assert found["differing"]["seed"] == [0, 0, 5]
    assert found["rows"][SCORES]["test windows"] == ["42", "42", ABSENT]
    assert found["runs"][0]["scores"]["macro_f1"] == read_scores(runs[0]).macro_f1
    assert found["runs"][2]["scores"] is None
    html = write_comparison(comparison, tmp_path / "pages" / "page.html").read_text()
    page = Parsed(html)
    for part in ("train.learning_rate", "loss of pretraining", "R@10 on validation horses", " first ", " begun "):
        assert part in page.text
    assert found["rows"][SCORES]["macro-F1, knn"][0] in page.text
    assert page.text.count("first and second have the highest macro-F1") == 1
    assert f"equigait-cli report --run {runs[0]}" in page.text
    assert page.fetched == []
    assert "<script" not in html


def test_one_run_alone_and_a_run_twice_and_no_run_at_all_are_refused(runs: tuple[Path, ...], tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="1 run; expected two runs or more"):
        compare(runs[:1])
    with pytest.raises(BadInput, match="first twice"):
        compare((runs[0], runs[1], runs[0] / ".." / "first"))
    with pytest.raises(BadInput, match=r"no recipe\.yaml"):
        compare((runs[0], tmp_path))
