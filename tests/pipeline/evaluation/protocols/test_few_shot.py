"""Label efficiency: fair draws, the same windows for both sides, and an interval by hand."""

import numpy as np
import pytest
from equigait.pipeline.datasets.dataset_split import split_windows
from equigait.pipeline.evaluation.classifiers.supervised import untrained_student
from equigait.pipeline.evaluation.intervals import mean_interval
from equigait.pipeline.evaluation.protocols.few_shot import label_efficiency
from equigait.pipeline.evaluation.settings import FewShotTraining
from equigait.pipeline.recipe import load_recipe
from equigait.pipeline.runtime.seeds import seed_for
from equigait.pipeline.students.table import build_student
from rides import GAITS, ride_recipe
from synthetic_corpus import synthetic_corpus


def test_the_comparison_keeps_its_draws_and_says_how_both_sides_learned(caplog: pytest.LogCaptureFixture) -> None:
    corpus, recipe = synthetic_corpus(horses=4, windows=24), ride_recipe()
    parts = split_windows(corpus, classes=GAITS, train=["h00", "h01"], validation=["h02"], test=["h03"])
    student = build_student(recipe.student, channels=12, steps=250, seed=0)
    student.fit_standardisation(parts.train.imu)
    caplog.set_level("INFO", logger="equigait.pipeline.evaluation")
    (found,) = label_efficiency(parts, student=student, settings=recipe)
    assert (found.shots, len(found.pretrained), len(found.scratch), len(caplog.messages)) == (3, 2, 2, 2)
    differences = np.array(found.pretrained) - np.array(found.scratch)
    assert found.mean_difference == pytest.approx(differences.mean())
    assert found.difference_interval == mean_interval(tuple(differences), confidence=0.95)
    assert "20 steps of 9 (each window about 20 times" in found.note
    (again,) = label_efficiency(parts, student=student, settings=recipe)
    assert again == found


def test_more_shots_than_there_are_labelled_windows_are_left_out_and_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    corpus = synthetic_corpus(horses=4, windows=24)
    parts = split_windows(corpus, classes=GAITS, train=["h00", "h01"], validation=["h02"], test=["h03"])
    recipe = ride_recipe("evaluate.few_shot.shots=[500]")
    student = build_student(recipe.student, channels=12, steps=250, seed=0)
    caplog.set_level("INFO", logger="equigait.pipeline.evaluation")
    assert label_efficiency(parts, student=student, settings=recipe) == ()
    assert caplog.messages == ["label efficiency: not with 500 per gait: the rarest has 7 in the training horses"]


def test_stopping_by_validation_labels_is_refused_in_the_recipe() -> None:
    from equigait.data.errors import BadInput

    for name in ("supervised", "fine_tune"):
        with pytest.raises(BadInput, match=f"few_shot.{name}.patience must be null"):
            ride_recipe(f"evaluate.few_shot.{name}.patience=3")


def test_one_setting_of_the_training_on_few_labels_leaves_the_others_as_they_are() -> None:
    few_shot = load_recipe("utd-mhad", overrides=["evaluate.few_shot.supervised.steps=5"]).evaluate.few_shot
    assert few_shot.supervised.model_dump() == FewShotTraining(steps=5).model_dump()
    assert (few_shot.supervised.batch, few_shot.supervised.patience) == (32, None)


def test_a_curve_over_shots_has_everyone_at_each_and_scratch_where_it_is_asked_for() -> None:
    corpus = synthetic_corpus(horses=4, windows=24)
    parts = split_windows(corpus, classes=GAITS, train=["h00", "h01"], validation=["h02"], test=["h03"])
    recipe = ride_recipe(
        "evaluate.few_shot.shots=[1, 2, 4]",
        "evaluate.few_shot.scratch_shots=[2]",
        "evaluate.few_shot.baselines=[random-init, spectral, fine-tuned]",
        "evaluate.few_shot.fine_tune={steps: 4, batch: 9}",
    )
    student = build_student(recipe.student, channels=12, steps=250, seed=5)
    student.fit_standardisation(parts.train.imu)
    one, two, four = label_efficiency(parts, student=student, settings=recipe)
    assert (one.shots, two.shots, four.shots) == (1, 2, 4)
    assert (one.scratch, one.mean_difference, one.difference_interval) == ((), None, None)
    assert len(two.scratch) == 2
    for entry in (one, two, four):
        assert set(entry.baselines) == {"random-init", "spectral", "fine-tuned"}
        assert (
            set(entry.mean_intervals)
            == set(entry.means)
            == {*entry.baselines, "pretrained", *(["scratch"] * (entry is two))}
        )
        for name, (low, high) in entry.mean_intervals.items():
            assert 0 <= low <= entry.means[name] <= high <= 1
    assert four.means["spectral"] > 0.8
    assert "From scratch" not in one.note


def test_the_untrained_baseline_is_the_student_that_pretraining_began_with() -> None:
    """Given as the pretrained one, it scores the same."""
    corpus, recipe = synthetic_corpus(horses=4, windows=24), ride_recipe("evaluate.few_shot.scratch_shots=[]")
    parts = split_windows(corpus, classes=GAITS, train=["h00", "h01"], validation=["h02"], test=["h03"])
    student = untrained_student(parts.train, settings=recipe, seed=seed_for("student", recipe.seed))
    (found,) = label_efficiency(parts, student=student, settings=recipe)
    assert found.baselines["random-init"] == found.pretrained
