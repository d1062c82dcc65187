"""The report: one file without outside help, whose words and figures are those of the scores."""

import functools
import json
import re
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from equigait.data.errors import BadInput
from equigait.pipeline.evaluation import metrics
from equigait.pipeline.evaluation.scores import (
    Difference,
    EmbeddingMap,
    FewShot,
    MethodScores,
    Scores,
    SiteScores,
    write_scores,
)
from equigait.pipeline.evaluation.scoring import Predictions, Sampling, describe_intervals, score
from equigait.pipeline.report import compare, write_report
from equigait.pipeline.reporting.run_page import thinned
from equigait.pipeline.reporting.teacher_licences import LICENCES
from equigait.pipeline.teachers.table import TEACHERS
from pages import Parsed
from rides import GAITS, ride_run

HORSES = ("Alba", "Bruno & Co", "Cora", "Dante", "Elsa", "Fjölnir")
SAMPLING = Sampling(resamples=200)


def predictions(*, skill: float, seed: int = 0) -> Predictions:
    """Per horse 60 windows in bouts of ten; what is not told right is told at random."""
    rng = np.random.default_rng(seed)
    truth = np.tile(np.repeat([0, 1, 2, 1, 0, 1], 10), len(HORSES))
    horse = np.repeat(np.arange(len(HORSES)), 60)
    knows = rng.random(len(truth)) < skill - 0.04 * horse
    said = np.where(knows, truth, rng.integers(0, 3, len(truth)))
    probability = np.full((len(truth), 3), 0.06) + 0.82 * np.eye(3)[said]
    names = tuple(HORSES[number] for number in horse)
    return Predictions(GAITS, truth, probability, names, names)


def outcome(name: str, *, skill: float) -> MethodScores:
    ours = predictions(skill=0.97)
    found = predictions(skill=skill, seed=len(name))
    return score(found, note=f"{name}, a sentence on it", sampling=SAMPLING, reference=ours)


@functools.cache
def imperfect_scores() -> Scores:
    """An evaluation with errors, baselines, retrieval and few labels."""
    told = predictions(skill=0.97)
    return Scores(
        **vars(outcome("linear probe", skill=0.97)),
        classes=GAITS,
        n_windows=len(told.truth),
        split={"train": ("h0", "h1", "h2", "h3"), "validation": ("h4",), "test": HORSES},
        chance=metrics.chance_levels(told.truth, classes=3)
        | {"retrieval": {"R@1": 0.0028, "R@5": 0.014, "R@10": 0.028, "MRR": 0.018}},
        retrieval={
            "imu_to_film": {"R@1": 0.083, "R@5": 0.31, "R@10": 0.47, "MRR": 0.19},
            "film_to_imu": {"R@1": 0.07, "R@5": 0.28, "R@10": 0.44, "MRR": 0.17},
        },
        baselines={
            "random-init": outcome("random-init", skill=0.7),
            "spectral": outcome("spectral", skill=0.95),
            "supervised": outcome("supervised", skill=0.9),
        },
        baselines_left_out={"teacher": "no film of the labelled windows"},
        label_efficiency=(
            FewShot(
                shots=10,
                pretrained=(0.92, 0.9, 0.94, 0.89, 0.93),
                scratch=(0.71, 0.78, 0.8, 0.66, 0.75),
                mean_difference=0.176,
                difference_interval=(0.12, 0.232),
                note="5 draws of 10 windows of each gait",
            ),
        ),
        interval_method=describe_intervals(told, sampling=SAMPLING),
        reliability=metrics.reliability(told.probability, truth=told.truth),
    )


@functools.cache
def full_scores() -> Scores:
    """The same with other classifiers, a curve over labels, missing sensors, a map."""
    scores = imperfect_scores()
    curve = tuple(
        FewShot(
            shots=shots,
            pretrained=(0.9, 0.94),
            scratch=(),
            mean_difference=None,
            difference_interval=None,
            note="2 draws",
            baselines={"spectral": (0.8, 0.84), "random-init": (0.5, 0.6)},
            mean_intervals={"pretrained": (0.86, 0.98), "spectral": (0.7, 0.94), "random-init": (0.2, 0.9)},
        )
        for shots in (1, 5)
    )
    return replace(
        scores,
        classifiers={"knn": outcome("knn", skill=0.93), "fine-tuned": outcome("fine-tuned", skill=0.99)},
        label_efficiency=(*curve, *scores.label_efficiency),
        missing_sensors={
            "poll": SiteScores(0.91, (0.85, 0.97), 0.41, (0.3, 0.5)),
            "tuber_coxae_left": SiteScores(0.62, (0.5, 0.7), 0.55, (0.45, 0.66)),
        },
        embedding_map=EmbeddingMap((0.0, 1.0, 2.0), (1.0, -1.0, 0.5), (0, 1, 2), (0, 1, 5), (0.61, 0.2)),
    )


def report_of(folder: Path, scores: Scores) -> str:
    run = Path(shutil.copytree(ride_run(), folder / "my <first> run"))
    write_scores(scores, run=run)
    return write_report(run).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The report of the imperfect scores."""
    return report_of(tmp_path_factory.mktemp("imperfect"), imperfect_scores())


@pytest.fixture(scope="module")
def full_page(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The report of the full ones."""
    return report_of(tmp_path_factory.mktemp("full"), full_scores())


def test_the_page_is_whole_fetches_nothing_and_runs_nothing(page: str) -> None:
    assert Parsed(page).fetched == []
    assert "<script" not in page
    assert not re.search(r"https?://|url\((?!#)|@import", page)
    assert "prefers-color-scheme: dark" in page


def test_its_figures_are_those_of_the_scores(page: str) -> None:
    scores, text = imperfect_scores(), Parsed(page).text
    assert (
        f"{100 * scores.accuracy:.1f} % of 360 windows of 5 s were classified correctly as walk, trot or canter" in text
    )
    assert f"Macro-F1 {scores.macro_f1:.3f} {scores.intervals['macro_f1'][0]:.3f} to" in text
    assert f"the calibration error: {scores.ece:.3f}" in text
    for row in scores.confusion:
        for cell in row:
            assert re.search(rf"\b{cell}\b", text)
    for horse in scores.per_horse.values():
        assert f"{horse.accuracy:.3f}" in text
    assert "teacher): not scored, no film of the labelled windows" in text
    assert "+17.6 points (+12.0 to +23.2 over 5 draws)" in text
    assert "0.470 (16.8×)" in text
    assert scores.interval_method in text


def test_a_model_that_bears_every_missing_sensor_is_said_to(tmp_path: Path) -> None:
    scores = full_scores()
    borne = {site: replace(found, without=scores.macro_f1) for site, found in scores.missing_sensors.items()}
    text = Parsed(report_of(tmp_path, replace(scores, missing_sensors=borne))).text
    assert "without any one of them it loses nothing" in text
    assert "loses most" not in text


def test_classifiers_labels_missing_sensors_and_map_are_drawn_and_described(full_page: str) -> None:
    scores, text = full_scores(), Parsed(full_page).text
    knn = scores.classifiers["knn"]
    low, high = knn.intervals["macro_f1"]
    assert knn.difference is not None
    ends = "{:+.3f} to {:+.3f}".format(*knn.difference.interval)
    figures = f"{knn.macro_f1:.3f} ({low:.3f} to {high:.3f}) {knn.difference.value:+.3f} ({ends})"
    assert f"Pretrained, neighbours {figures}" in text
    assert "0.920 (0.860 to 0.980) – 0.550 (0.200 to 0.900) 0.820 (0.700 to 0.940)" in text
    assert f"without tuber coxae left it loses most, from {scores.macro_f1:.3f} to 0.620" in text
    assert "tuber coxae left 0.620 0.500 to 0.700 0.550 0.450 to 0.660" in text
    assert "one of 3 windows of the test horses" in text
    assert "direction 1 (61 % of variance)" in text
    assert "direction 2 (20 % of variance)" in text
    for chart in ("Confusion matrix", "Reliability diagram", "Windows on a plane", "macro-F1 over labelled windows"):
        assert full_page.count(f'aria-label="{chart}') == (4 if chart == "Windows on a plane" else 2)


def test_every_chart_is_drawn_for_a_desk_and_for_a_phone_with_letters_of_12_pixels_or_more(full_page: str) -> None:
    assert full_page.count('<figure class="wide">') == full_page.count('<figure class="narrow">') >= 8
    sizes = [float(size) for size in re.findall(r"font(?:-size)?:\s*(?:\w+ )*([\d.]+)px", full_page)]
    assert min(sizes) >= 12
    widths = re.findall(r'class="narrow"><svg width="([\d.]+)"', full_page)
    assert max(float(width) for width in widths) <= 360
    ids = re.findall(r'\bid="([^"]+)"', full_page)
    assert len(ids) == len(set(ids))


def test_the_worst_horse_comes_first(page: str) -> None:
    scores = imperfect_scores()
    worst = min(scores.per_horse, key=lambda horse: scores.per_horse[horse].accuracy)
    text = Parsed(page).text
    assert f"Worst: {worst} with {100 * scores.per_horse[worst].accuracy:.1f} % of its windows correct" in text
    places = [text.index(f"{horse} 60 ") for horse in scores.per_horse]
    assert min(places) == text.index(f"{worst} 60 ")


def test_a_perfect_score_is_explained_beside_its_interval(page: str, tmp_path: Path) -> None:
    scores = imperfect_scores()
    sentence = "A score of 1.000 has an interval, too"
    assert sentence not in Parsed(page).text
    perfect = replace(scores, baselines={"spectral": replace(outcome("spectral", skill=0.9), macro_f1=1.0)})
    assert sentence in Parsed(report_of(tmp_path / "with", perfect)).text


def test_scores_of_an_older_version_are_refused_with_what_to_run(tmp_path: Path) -> None:
    runs = [Path(shutil.copytree(ride_run(), tmp_path / name)) for name in ("first", "second")]
    for run in runs:
        path = write_scores(imperfect_scores(), run=run)
        older = json.loads(path.read_text()) | {"version": 1, "judges": {}}
        del older["baselines"]
        path.write_text(json.dumps(older))
    for read in (lambda: write_report(runs[0]), lambda: compare(runs)):
        with pytest.raises(BadInput, match=r"found scores of version 1; expected version 2.*evaluate` again"):
            read()


def test_settings_that_were_changed_for_once_stand_in_the_commands(tmp_path: Path) -> None:
    changed = replace(imperfect_scores(), changed=("evaluate.few_shot.shots=[1, 2]",))
    text = Parsed(report_of(tmp_path, changed)).text
    assert "--set 'evaluate.few_shot.shots=[1, 2]'" in text


def test_names_from_outside_are_escaped(page: str) -> None:
    assert "my &lt;first&gt; run" in page
    assert "<first>" not in page
    assert "Bruno &amp; Co" in page
    assert "Fjölnir" in page


def test_the_comparison_says_so_when_the_run_is_behind_or_level(tmp_path: Path) -> None:
    scores = imperfect_scores()
    better = replace(scores, baselines={"spectral": outcome("better", skill=1.2)})
    text = Parsed(report_of(tmp_path / "behind", better)).text
    assert "points of macro-F1 behind it" in text
    same = replace(outcome("same", skill=0.97), macro_f1=scores.macro_f1, difference=Difference(0.0, (-0.1, 0.1)))
    level = Parsed(report_of(tmp_path / "level", replace(scores, baselines={"spectral": same}))).text
    assert "the run is level with it. The interval of the difference holds zero: too close to call." in level


def test_few_test_horses_earn_a_word_of_caution(page: str, tmp_path: Path) -> None:
    scores = imperfect_scores()
    assert "first impression" not in Parsed(page).text
    two = replace(scores, split={**scores.split, "test": HORSES[:2]})
    assert (
        "2 test horses cannot show how well this works on other horses" in Parsed(report_of(tmp_path / "two", two)).text
    )


def test_what_was_not_measured_is_not_shown(tmp_path: Path) -> None:
    bare = replace(imperfect_scores(), retrieval=None, label_efficiency=(), baselines={}, baselines_left_out={})
    text = Parsed(report_of(tmp_path, bare)).text
    assert "With few labels" not in text
    assert "find each other" not in text
    assert "No baseline was scored" in text


def test_recipe_horses_teacher_licence_and_commands_are_there(page: str) -> None:
    text = Parsed(page).text
    assert "name: patch-transformer" in text
    assert "abababab" in text
    assert LICENCES["videomae-demo"] in text
    assert "equigait-cli evaluate --cache CACHE --run" in text
    assert "train horses h0, h1, h2, h3" in text
    assert set(LICENCES) < set(TEACHERS)


def test_without_scores_the_report_says_what_to_run(tmp_path: Path) -> None:
    run = Path(shutil.copytree(ride_run(), tmp_path / "run"))
    with pytest.raises(BadInput, match="evaluate"):
        write_report(run)


def test_a_long_log_is_thinned_to_means() -> None:
    thin = thinned([(float(step), float(step % 2)) for step in range(1, 1001)], most=100)
    assert len(thin) == 100
    assert thin[0] == (10.0, 0.5, None)
    assert thin[-1] == (1000.0, 0.5, None)
    assert thinned([(1.0, 2.0)]) == [(1.0, 2.0, None)]


def test_the_log_is_drawn_with_its_validation(tmp_path: Path) -> None:
    run = Path(shutil.copytree(ride_run(), tmp_path / "run"))
    write_scores(imperfect_scores(), run=run)
    assert "R@10 on validation horses" in write_report(run).read_text()
    rows = [json.loads(line) for line in (run / "train.jsonl").read_text().splitlines()]
    blind = [{key: value for key, value in row.items() if key != "validation"} for row in rows]
    (run / "train.jsonl").write_text("".join(json.dumps(row) + "\n" for row in blind))
    html = write_report(run).read_text()
    assert "R@10 on validation horses" not in html
    assert "40 steps, without validation horses" in html
