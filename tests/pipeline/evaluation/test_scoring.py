"""From predictions to scores and to scores.json and back."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from equigait.data.errors import BadInput
from equigait.pipeline.evaluation.scores import Scores, read_scores, write_scores
from equigait.pipeline.evaluation.scoring import Predictions, Sampling, describe_intervals, score

GAITS = ("walk", "trot", "canter")
SAMPLING = Sampling(resamples=200)


def predictions(horses: tuple[str, ...], *, wrong_of_last: int = 0) -> Predictions:
    """Per horse 12 windows, 4 a gait, all told right but some of the last horse's."""
    truth = np.tile(np.repeat([0, 1, 2], 4), len(horses))
    said = truth.copy()
    said[len(said) - wrong_of_last :] = 0
    probability = np.full((len(truth), 3), 0.05)
    probability[np.arange(len(truth)), said] = 0.9
    names = tuple(horse for horse in horses for _ in range(12))
    return Predictions(GAITS, truth, probability, names, tuple(f"{name}-ride" for name in names))


def test_an_outcome_counts_what_was_told_right_overall_and_per_horse() -> None:
    outcome = score(predictions(("a", "b", "c"), wrong_of_last=3), note="", sampling=SAMPLING)
    assert outcome.accuracy == pytest.approx(33 / 36)
    assert outcome.confusion == ((12, 0, 0), (0, 12, 0), (3, 0, 9))
    assert outcome.per_horse["a"].accuracy == 1.0
    assert outcome.per_horse["c"].accuracy == pytest.approx(9 / 12)
    assert outcome.per_horse["c"].macro_f1 == pytest.approx((8 / 11 + 1 + 2 / 5) / 3)
    assert (outcome.per_horse["c"].n_windows, outcome.per_horse["c"].n_blocks) == (12, 3)
    assert outcome.ece == pytest.approx(abs(33 / 36 - 0.9))


def test_without_an_error_the_interval_is_wider_below_the_fewer_the_horses() -> None:
    """Of horses that never err each draw is one less the extra horse's weight times what it lacks, here 3 blocks."""
    lows = [
        score(predictions(tuple("abcdefgh"[:count])), note="", sampling=SAMPLING).intervals["macro_f1"][0]
        for count in (1, 2, 4, 8)
    ]
    assert lows == sorted(lows)
    lacking = 1 - 1 / (1 + 1.959964**2 / 3)
    exact = [1 - lacking * (1 - 0.025 ** (1 / count)) for count in (1, 2, 4, 8)]
    assert lows == pytest.approx(exact, abs=0.03)


def test_a_second_method_bears_its_difference_from_the_reference_paired_by_horse() -> None:
    ours, theirs = predictions(("a", "b", "c")), predictions(("a", "b", "c"), wrong_of_last=3)
    found = score(theirs, note="", sampling=SAMPLING, reference=ours)
    assert found.difference is not None
    assert found.difference.value == pytest.approx(1 - found.macro_f1)
    low, high = found.difference.interval
    assert low < 0.0 < found.difference.value < high
    level = score(ours, note="", sampling=SAMPLING, reference=ours).difference
    assert level is not None
    assert level.interval[0] < level.value == 0.0 < level.interval[1]
    assert score(ours, note="", sampling=SAMPLING).difference is None


def test_the_sentence_on_intervals_names_the_horses_and_what_one_horse_cannot_say() -> None:
    one, three = predictions(("a",)), predictions(("a", "b", "c"))
    assert "1 test horse weighted" in describe_intervals(one, sampling=SAMPLING)
    assert "nothing about other horses" in describe_intervals(one, sampling=SAMPLING)
    assert "3 test horses weighted at random 200 times" in describe_intervals(three, sampling=SAMPLING)


def whole_scores() -> Scores:
    outcome = score(predictions(("a", "b", "c"), wrong_of_last=3), note="probe", sampling=SAMPLING)
    chance = dict.fromkeys(("accuracy", "macro_f1", "balanced_accuracy"), 1 / 3)
    ranks = {"R@1": 0.5, "R@5": 0.7, "R@10": 0.9, "MRR": 0.6}
    return Scores(
        **vars(outcome),
        classes=GAITS,
        n_windows=36,
        split={"train": ("t",), "validation": (), "test": ("a", "b", "c")},
        chance={"majority": chance, "uniform": chance, "retrieval": ranks},
        retrieval={"imu_to_film": ranks, "film_to_imu": ranks},
        baselines={"spectral": outcome},
        baselines_left_out={"teacher": "no film"},
        label_efficiency=(),
        interval_method="by hand",
    )


def test_scores_read_back_as_they_were_written_under_the_names_others_rely_on(tmp_path: Path) -> None:
    scores = whole_scores()
    text = write_scores(scores, run=tmp_path).read_text()
    assert read_scores(tmp_path) == scores
    for name in ("accuracy", "macro_f1", "balanced_accuracy", "ece", "confusion", "per_horse", "retrieval"):
        assert f'"{name}"' in text
    assert [path.name for path in tmp_path.iterdir()] == ["scores.json"]


def test_scores_that_are_missing_broken_or_of_another_version_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="run `pretrain` into it first"):
        read_scores(tmp_path)
    (tmp_path / "recipe.yaml").touch()
    with pytest.raises(BadInput, match="evaluate"):
        read_scores(tmp_path)
    write_scores(replace(whole_scores(), version=99), run=tmp_path)
    with pytest.raises(BadInput, match="version 99"):
        read_scores(tmp_path)
    (tmp_path / "scores.json").write_text('{"accuracy": "high"}')
    with pytest.raises(BadInput, match="accuracy"):
        read_scores(tmp_path)


@pytest.mark.parametrize(
    "key",
    [
        "intervals.macro_f1",
        "split.test",
        "chance.uniform.accuracy",
        "retrieval.film_to_imu.R@10",
        "chance.retrieval.MRR",
    ],
)
def test_scores_that_lack_a_figure_are_refused_by_its_name(tmp_path: Path, key: str) -> None:
    path = write_scores(whole_scores(), run=tmp_path)
    content = json.loads(path.read_text())
    *way, last = key.split(".")
    table = content
    for step in way:
        table = table[step]
    table[f"{last}?"] = table.pop(last)
    path.write_text(json.dumps(content))
    with pytest.raises(BadInput, match=f"found no `{key}`.*evaluate"):
        read_scores(tmp_path)
