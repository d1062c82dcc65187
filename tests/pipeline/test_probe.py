"""The probe of a run: what it fits on, what it leaves alone, and that its file is a plain linear layer."""

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from equigait.cache.store import open_store
from equigait.cache.writer import commit
from equigait.data.errors import BadInput
from equigait.pipeline.evaluate import evaluate
from equigait.pipeline.probe import probe
from equigait.pipeline.probing.inputs import probe_inputs
from equigait.pipeline.probing.linear_layer import linear_layer
from equigait.pipeline.probing.probe_file import load_probe
from equigait.pipeline.recipe import load_run_recipe
from equigait.pipeline.report import compare, write_report
from equigait.pipeline.students.embedding import embed
from equigait.pipeline.training.checkpoint import load_student
from rides import HORSES, ride_cache, ride_run, ride_segment
from safetensors.torch import load_file


@pytest.fixture
def run(tmp_path: Path) -> Path:
    return Path(shutil.copytree(ride_run(), tmp_path / "run"))


def test_a_probe_is_fitted_on_training_horses_alone_and_leaves_the_checkpoint_as_it_is(run: Path) -> None:
    before = (run / "checkpoint.safetensors").read_bytes()
    fitted = probe(ride_cache(), run=run)
    assert fitted.horses == ("h0", "h1", "h2", "h3")
    assert fitted.n_windows == 4 * 21  # 23 windows of a minute less the two across a change of gait
    assert fitted.classes == ("walk", "trot", "canter")
    assert "walk, trot, canter from 84 labelled windows of 4 horses" in str(fitted)
    assert (run / "checkpoint.safetensors").read_bytes() == before


def test_where_one_horse_alone_is_labelled_the_others_join_at_the_word_of_its_probe(run: Path, tmp_path: Path) -> None:
    store = open_store(tmp_path / "cache")
    for horse in HORSES:
        commit(store, ride_segment(horse, labelled=horse not in ("h1", "h2", "h3")))
    fitted = probe(tmp_path / "cache", run=run)
    assert (fitted.horses, fitted.n_windows) == (("h0",), 21)
    assert 33 <= fitted.self_taught <= 35  # half of each gait of 3 x 23 windows, rounded down
    assert f"21 labelled windows of 1 horse and {fitted.self_taught} unlabelled ones of largest margin" in str(fitted)
    scores = evaluate(tmp_path / "cache", run=run, overrides=["evaluate.baselines=[spectral]"])
    assert scores.macro_f1 > 0.9
    assert scores.note.endswith(f"self-trained on {fitted.self_taught} unlabelled windows")


def test_the_file_is_a_linear_layer_whose_softmax_gives_the_same_probabilities(run: Path) -> None:
    path = probe(ride_cache(), run=run).path
    classifier = load_probe(run)
    test = probe_inputs(ride_cache(), run=run, settings=load_run_recipe(run)).parts.test
    embedding = embed(load_student(run), test.imu)
    tensors = load_file(path)
    logits = torch.from_numpy(embedding) @ tensors["weight"].T + tensors["bias"]
    told = classifier.probabilities(embedding)
    assert torch.softmax(logits, dim=1).numpy() == pytest.approx(told, abs=1e-5)
    with torch.no_grad():
        layered = torch.softmax(linear_layer(classifier)(torch.from_numpy(embedding)), dim=1).numpy()
    assert layered == pytest.approx(told, abs=1e-5)
    assert (told.argmax(axis=1) == test.label).mean() > 0.9


def test_embeddings_do_not_depend_on_their_neighbours_in_the_batch(run: Path) -> None:
    imu = probe_inputs(ride_cache(), run=run, settings=load_run_recipe(run)).parts.test.imu
    student = load_student(run)
    assert embed(student, imu[5:6]) == pytest.approx(embed(student, imu)[5:6], abs=1e-5)


def test_the_same_run_gives_the_same_probe(run: Path) -> None:
    probe(ride_cache(), run=run)
    first = load_probe(run)
    probe(ride_cache(), run=run)
    assert np.array_equal(load_probe(run).weight, first.weight)


def test_other_classes_are_told_apart_without_new_pretraining(run: Path, tmp_path: Path) -> None:
    other = "probe.classes=[walk, canter]"
    fitted = probe(ride_cache(), run=run, overrides=[other])
    assert (fitted.classes, fitted.n_windows) == (("walk", "canter"), 4 * 14)
    recipe = load_run_recipe(run)
    assert recipe.probe.classes == ("walk", "trot", "canter")  # what the run was made from stays written
    light = ("evaluate.classifiers=[]", "evaluate.few_shot.shots=[]", "evaluate.baselines=[spectral, supervised]")
    scores = evaluate(ride_cache(), run=run, overrides=light)
    assert (scores.classes, scores.n_windows, scores.probed) == (("walk", "canter"), 2 * 14, (other,))
    assert np.shape(scores.baselines["supervised"].confusion) == (2, 2)
    assert f"probe --cache CACHE --run {run} --set &#39;{other}&#39;" in write_report(run).read_text()
    plain = Path(shutil.copytree(ride_run(), tmp_path / "plain"))
    probe(ride_cache(), run=plain)
    evaluate(ride_cache(), run=plain, overrides=light)
    told = {"probe.classes": (["walk", "canter"], ["walk", "trot", "canter"])}
    assert compare((run, plain)).differing == told
    assert probe(ride_cache(), run=run).classes == ("walk", "trot", "canter")
    assert load_probe(run).changed == ()


def test_a_probe_changes_no_setting_that_made_the_run_and_tells_no_label_that_was_never_read(run: Path) -> None:
    with pytest.raises(BadInput, match=r"found student\.width; expected a setting of the section probe"):
        probe(ride_cache(), run=run, overrides=["student.width=64"])
    with pytest.raises(BadInput, match=r"piaffe.* not among windows\.labels"):
        probe(ride_cache(), run=run, overrides=["probe.classes=[walk, piaffe]"])


def test_a_probe_of_another_checkpoint_is_refused(run: Path) -> None:
    probe(ride_cache(), run=run)
    with (run / "checkpoint.safetensors").open("ab") as file:
        file.write(b"\0")
    with pytest.raises(BadInput, match="another checkpoint"):
        load_probe(run)


def test_a_missing_or_damaged_probe_is_refused(run: Path) -> None:
    with pytest.raises(BadInput, match="no probe"):
        load_probe(run)
    (run / "probe.safetensors").write_bytes(b"not a tensor")
    with pytest.raises(BadInput, match="damaged"):
        load_probe(run)


def test_a_run_that_has_not_been_pretrained_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="pretrain"):
        probe(ride_cache(), run=tmp_path)


def relabelled(folder: Path, *, silent: Callable[[str], bool]) -> Path:
    """The rides' cache in which these horses have no labels."""
    store = open_store(folder)
    for horse in HORSES:
        commit(store, ride_segment(horse, labelled=not silent(horse)))
    return folder


def test_labels_of_training_horses_alone_are_enough_for_a_probe_and_not_for_scores(run: Path, tmp_path: Path) -> None:
    test = load_run_recipe(run).split.test or ()
    cache = relabelled(tmp_path / "cache", silent=lambda horse: horse in test)
    assert probe(cache, run=run).n_windows > 0
    with pytest.raises(BadInput, match="among the test horses"):
        evaluate(cache, run=run)


def test_without_a_labelled_training_horse_nothing_can_be_fitted(run: Path, tmp_path: Path) -> None:
    test = load_run_recipe(run).split.test or ()
    cache = relabelled(tmp_path / "cache", silent=lambda horse: horse not in test)
    with pytest.raises(BadInput, match="training horses: found no labelled window of walk, trot, canter"):
        probe(cache, run=run)
