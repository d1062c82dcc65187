"""Fine-tuning: begins as the probe, moves lower layers less, leaves the student it was given alone."""

import copy

import pytest
import torch
from equigait.pipeline.datasets.dataset_split import split_windows, windows_of_classes
from equigait.pipeline.datasets.window_dataset import WindowDataset
from equigait.pipeline.evaluation.classifiers.fine_tune import fine_tune, layers_of, rated_groups
from equigait.pipeline.evaluation.classifiers.supervised import SupervisedStudent, probabilities
from equigait.pipeline.evaluation.settings import FineTuneSettings
from equigait.pipeline.probing.linear import LinearClassifier
from equigait.pipeline.probing.linear_layer import linear_layer
from equigait.pipeline.probing.student_probe import embedded_by, fit_parts
from equigait.pipeline.students.embedding import embed
from equigait.pipeline.students.student import Student
from equigait.pipeline.students.table import STUDENTS, build_student
from rides import GAITS, ride_recipe
from synthetic_corpus import synthetic_corpus

SETTINGS = FineTuneSettings(steps=12, batch=24, learning_rate=3e-3, check_every=6, layer_decay=0.5)


def windows_of(*horses: str) -> WindowDataset:
    return windows_of_classes(synthetic_corpus(horses=4, windows=24), classes=GAITS, horses=horses)


def probed(name: str = "patch-transformer") -> tuple[Student, LinearClassifier]:
    recipe = ride_recipe() if name == "patch-transformer" else ride_recipe(f"student={{name: {name}}}")
    student = build_student(recipe.student, channels=12, steps=250, seed=0)
    corpus = synthetic_corpus(horses=4, windows=24)
    parts = split_windows(corpus, classes=GAITS, train=("h00", "h01"), validation=(), test=("h03",))
    student.fit_standardisation(parts.train.imu)
    return student, fit_parts(embedded_by(student), parts=parts, settings=recipe, fill_value=student.mean)


def test_before_the_first_step_it_says_what_the_probe_says() -> None:
    student, classifier = probed()
    model = SupervisedStudent(student, head=linear_layer(classifier)).eval()
    unseen = windows_of("h03").imu
    expected = classifier.probabilities(embed(student, unseen))
    assert probabilities(model, unseen) == pytest.approx(expected, abs=1e-5)


def test_it_learns_and_the_student_it_was_given_stays_as_it_was() -> None:
    student, classifier = probed()
    before = copy.deepcopy(student.state_dict())
    corpus = synthetic_corpus(horses=4, windows=24)
    split = split_windows(corpus, classes=GAITS, train=("h00", "h01"), validation=("h02",), test=("h03",))
    recipe = ride_recipe()
    recipe = recipe.model_copy(update={"evaluate": recipe.evaluate.model_copy(update={"fine_tune": SETTINGS})})
    trained = fine_tune(student, probe=classifier, split=split, settings=recipe)
    assert all(torch.equal(before[name], value) for name, value in student.state_dict().items())
    assert not torch.equal(trained.last.student.positions, student.positions)
    assert torch.equal(trained.last.student.mean, student.mean)
    unseen = windows_of("h03")
    assert (probabilities(trained.best, unseen.imu).argmax(axis=1) == unseen.label).mean() > 0.85


def test_each_layer_learns_at_half_the_rate_of_the_one_above() -> None:
    student, classifier = probed()
    model = SupervisedStudent(student, head=linear_layer(classifier))
    rate = {id(weight): group["lr"] for group in rated_groups(model, settings=SETTINGS) for weight in group["params"]}
    order = ["", "project", "blocks.0", "norm", "embed"]
    assert list(layers_of(student)) == order
    assert rate[id(model.head.weight)] == SETTINGS.learning_rate
    for height, name in enumerate(reversed(order), start=1):
        for weight in layers_of(student)[name].values():
            assert rate[id(weight)] == pytest.approx(SETTINGS.learning_rate * 0.5**height)
    free = [
        weight
        for group in rated_groups(model, settings=SETTINGS)
        if not group["weight_decay"]
        for weight in group["params"]
    ]
    assert any(weight is student.positions for weight in free)
    assert not any(weight is student.embed.weight for weight in free)


def test_what_tells_its_own_part_of_the_embedding_learns_with_the_last_layer_and_slows_no_other() -> None:
    plain, wide = (
        build_student(ride_recipe(f"student.spectrum={wanted}").student, channels=12, steps=250, seed=0)
        for wanted in ("false", "true")
    )
    assert list(layers_of(wide)) == list(layers_of(plain))
    assert any(name.startswith("spectrum.") for name in layers_of(wide)["embed"])


@pytest.mark.parametrize("name", [name for name in STUDENTS if name != "mantis"])  # whose package is an extra
def test_every_parameter_of_every_student_is_in_one_layer_and_the_last_is_what_makes_the_embedding(name: str) -> None:
    recipe = ride_recipe(f"student={{name: {name}}}")
    student = build_student(recipe.student, channels=12, steps=250, seed=0)
    layers = layers_of(student)
    members = [id(weight) for layer in layers.values() for weight in layer.values()]
    assert sorted(members) == sorted(id(weight) for weight in student.parameters())
    assert list(layers)[-1] == "embed"
    assert len(layers) > 2
