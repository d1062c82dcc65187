"""Label efficiency: fair draws, the same windows for both sides, and an interval by hand."""

import numpy as np
import pytest
from equigait.pipeline.evaluation.few_shot import draw_horses, draw_shots, label_efficiency, paired_interval
from equigait.pipeline.probing.labelled import labelled_windows, partition
from equigait.pipeline.students.table import build_student
from rides import GAITS, ride_recipe
from synthetic_corpus import synthetic_corpus


def test_shots_are_balanced_over_classes_and_horses_and_none_is_drawn_twice() -> None:
    windows = labelled_windows(
        synthetic_corpus(horses=4, windows=40), classes=GAITS, horses=("h00", "h01", "h02", "h03")
    )
    rows = draw_shots(windows, shots=6, seed=1)
    assert len(set(rows.tolist())) == len(rows) == 18
    for label in range(3):
        of_class = [windows.horse[row] for row in rows if windows.label[row] == label]
        assert sorted(of_class.count(horse) for horse in windows.horses) == [1, 1, 2, 2]


def test_another_seed_draws_other_windows_and_the_same_seed_the_same() -> None:
    windows = labelled_windows(synthetic_corpus(horses=4, windows=40), classes=GAITS, horses=("h00", "h01"))
    first = draw_shots(windows, shots=5, seed=1)
    assert np.array_equal(first, draw_shots(windows, shots=5, seed=1))
    assert not np.array_equal(first, draw_shots(windows, shots=5, seed=2))


def test_a_horse_with_few_windows_gives_what_it_has() -> None:
    windows = labelled_windows(synthetic_corpus(horses=2, windows=40), classes=GAITS, horses=("h00", "h01"))
    scarce = windows.take(np.array([row for row in range(len(windows)) if windows.horse[row] == "h00" or row % 9 == 0]))
    rows = draw_shots(scarce, shots=6, seed=0)
    assert np.bincount(scarce.label[rows]).tolist() == [6, 6, 6]


def test_labels_of_one_horse_come_from_one_horse_and_from_more_where_it_has_too_few() -> None:
    windows = labelled_windows(
        synthetic_corpus(horses=5, windows=40), classes=GAITS, horses=[f"h0{n}" for n in range(5)]
    )
    for seed in range(3):
        (alone,) = draw_horses(windows, horses=1, shots=4, seed=seed).horses
        more = draw_horses(windows, horses=1, shots=12, seed=seed)
        assert alone in more.horses
        assert 1 < len(more.horses) < 5
        assert np.bincount(more.label).min() >= 12
    assert len({draw_horses(windows, horses=1, shots=4, seed=seed).horses for seed in range(8)}) > 1
    assert draw_horses(windows, horses=2, shots=10_000, seed=0) is windows


def test_the_interval_is_students() -> None:
    """Mean 2, SD 1, n = 3: t(0.975, 2) = 4.302653, half width 4.302653 / sqrt(3)."""
    low, high = paired_interval((1.0, 2.0, 3.0), confidence=0.95)
    assert (low, high) == pytest.approx((2 - 4.302653 / 3**0.5, 2 + 4.302653 / 3**0.5), abs=1e-5)


def test_the_comparison_keeps_its_draws_and_says_how_both_sides_learned() -> None:
    corpus, recipe = synthetic_corpus(horses=4, windows=24), ride_recipe()
    parts = partition(corpus, classes=GAITS, train=["h00", "h01"], validation=["h02"], test=["h03"])
    student = build_student(recipe.student, channels=12, steps=250, seed=0)
    student.fit_standardisation(parts.train.imu)
    told: list[str] = []
    (found,) = label_efficiency(parts, student=student, recipe=recipe, tell=told.append)
    assert (found.shots, len(found.pretrained), len(found.scratch), len(told)) == (3, 2, 2, 2)
    differences = np.array(found.pretrained) - np.array(found.scratch)
    assert found.mean_difference == pytest.approx(differences.mean())
    assert found.difference_interval == paired_interval(tuple(differences), confidence=0.95)
    assert "20 steps of 9 (each window about 20 times" in found.note
    (again,) = label_efficiency(parts, student=student, recipe=recipe, tell=told.append)
    assert again == found


def test_more_shots_than_there_are_labelled_windows_are_left_out() -> None:
    corpus = synthetic_corpus(horses=4, windows=24)
    parts = partition(corpus, classes=GAITS, train=["h00", "h01"], validation=["h02"], test=["h03"])
    recipe = ride_recipe("evaluate.few_shot.shots=[500]")
    student = build_student(recipe.student, channels=12, steps=250, seed=0)
    assert label_efficiency(parts, student=student, recipe=recipe, tell=lambda _: None) == ()


def test_stopping_by_validation_labels_is_refused_in_the_recipe() -> None:
    from equigait.data.errors import BadInput

    with pytest.raises(BadInput, match="patience must be null"):
        ride_recipe("evaluate.few_shot.supervised.patience=3")
