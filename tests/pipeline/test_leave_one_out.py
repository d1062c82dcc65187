"""Leave-one-horse-out: every horse scored once, by methods that have not seen it."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from equigait.data.errors import BadInput
from equigait.data.splits import SplitSpec
from equigait.pipeline.datasets.loading import load_windows
from equigait.pipeline.evaluation.protocols.leave_one_out import FoldRun, score_each_left_out
from equigait.pipeline.leave_one_out import leave_one_out, load_fold_run, pretrain_folds, split_without
from equigait.pipeline.recipe import load_run_recipe
from equigait.pipeline.training.checkpoint import read_facts
from equigait.pipeline.training.run import Run
from rides import HORSES, cache_of, probed_run, ride_cache, ride_recipe

FOUR = HORSES[:4]
RECIPE = ride_recipe("probe.inverse_penalties=[0.3]")

FOLDS = ride_recipe(
    "split={validation_share: 0.2}", "train={steps: 2, validate_every: 1, save_every: 1}", "probe.features=[]"
)


def runs_of(runs: dict[str, Path]) -> FoldRun:
    return lambda horse: load_fold_run(runs, horse=horse, device="cpu")


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four horses: as much as shows that each is left out in turn."""
    return cache_of(FOUR, folder=tmp_path_factory.mktemp("four"))


def test_every_horse_is_left_out_once_and_its_windows_scored(
    cache: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    out = tmp_path / "loo.json"
    caplog.set_level("INFO", logger="equigait.pipeline.evaluation")
    found = leave_one_out(cache, recipe=RECIPE, methods=("spectral", "random-init"), out=out)
    assert found.horses == FOUR
    assert found.n_windows == 4 * 21
    spectral = found.methods["spectral"]
    assert [sum(row) for row in spectral.confusion] == [28, 28, 28]
    assert set(spectral.per_horse) == set(FOUR)
    assert spectral.macro_f1 > 0.95
    folds = [horse.macro_f1 for horse in spectral.per_horse.values()]
    assert found.mean_fold_macro_f1["spectral"] == pytest.approx(np.mean(folds))
    assert json.loads(out.read_text())["methods"]["spectral"]["macro_f1"] == spectral.macro_f1
    assert caplog.messages.count("without h3: spectral") == 1
    lines = str(found).splitlines()
    assert lines[0] == "84 windows, each of 4 horses left out in turn: h0, h1, h2, h3"
    assert f"{spectral.macro_f1:.3f}" in next(line for line in lines if line.startswith("spectral  "))


def test_a_label_that_only_tells_horses_apart_is_worth_nothing() -> None:
    """Each horse shows one gait, whatever its sensors say: a leak of the horse would score, the gait cannot."""
    corpus = load_windows(ride_cache(), settings=RECIPE)
    for row, horse in enumerate(corpus.horse):
        corpus.label[row] = 1 + HORSES.index(horse) % 3
    found = score_each_left_out(corpus, settings=RECIPE, methods=("spectral",))
    assert found.methods["spectral"].accuracy < 0.6


def test_the_runs_of_the_folds_are_scored_unless_they_have_seen_the_horse(tmp_path: Path) -> None:
    run = probed_run(tmp_path)
    corpus = load_windows(ride_cache(), settings=RECIPE).of(("h5", "h6"))
    unseen = score_each_left_out(corpus, settings=RECIPE, methods=(), fold_run=runs_of({"h5": run, "h6": run}))
    assert unseen.methods["pretrained"].macro_f1 > 0.9
    seen = load_windows(ride_cache(), settings=RECIPE).of(("h0", "h6"))
    with pytest.raises(BadInput, match="a run that has seen h0"):
        score_each_left_out(seen, settings=RECIPE, methods=(), fold_run=runs_of({"h0": run, "h6": run}))
    with pytest.raises(BadInput, match="no run without h5"):
        score_each_left_out(corpus, settings=RECIPE, methods=(), fold_run=runs_of({"h6": run}))


def test_one_horse_alone_and_unknown_methods_are_refused() -> None:
    corpus = load_windows(ride_cache(), settings=RECIPE)
    with pytest.raises(BadInput, match="two horses"):
        score_each_left_out(corpus.of(("h5",)), settings=RECIPE, methods=("spectral",))
    with pytest.raises(BadInput, match="found magic"):
        score_each_left_out(corpus, settings=RECIPE, methods=("magic",))


def test_a_gait_of_one_horse_alone_is_refused_before_anything_is_fitted_and_the_others_can_be_scored() -> None:
    corpus = load_windows(ride_cache(), settings=RECIPE).of(("h0", "h1", "h2"))
    canter = corpus.classes.index("canter")
    corpus = replace(
        corpus, label=np.where((corpus.label == canter) & (np.array(corpus.horse) != "h1"), -1, corpus.label)
    )
    with pytest.raises(BadInput, match=r"canter of h1 alone.*--set 'probe.classes=.walk, trot.'"):
        score_each_left_out(corpus, settings=RECIPE, methods=("spectral",))
    two = ride_recipe("probe.classes=[walk, trot]", "evaluate={resamples: 100}")
    assert score_each_left_out(corpus, settings=two, methods=("spectral",)).classes == ("walk", "trot")


def test_unknown_methods_and_classifiers_without_runs_are_refused_before_anything_is_read() -> None:
    with pytest.raises(BadInput, match="found wizard; expected some of random-init, spectral"):
        leave_one_out("nowhere", recipe=RECIPE, methods=("spectral", "wizard"))
    with pytest.raises(BadInput, match="Give --runs: these need a pretrained student"):
        leave_one_out("nowhere", recipe=RECIPE, methods=("knn",))
    with pytest.raises(BadInput, match="found spectral; expected some of"):
        leave_one_out("nowhere", recipe=RECIPE, methods=("spectral", "spectral"))
    with pytest.raises(BadInput, match="no method"):
        leave_one_out("nowhere", recipe=RECIPE, methods=())


def test_classifiers_use_the_student_that_has_not_seen_the_horse(tmp_path: Path) -> None:
    run = probed_run(tmp_path)
    corpus = load_windows(ride_cache(), settings=RECIPE).of(("h5", "h6"))
    found = score_each_left_out(corpus, settings=RECIPE, methods=("knn",), fold_run=runs_of({"h5": run, "h6": run}))
    assert list(found.methods) == ["pretrained", "knn"]
    assert found.methods["knn"].macro_f1 > 0.9


def test_a_method_that_cannot_predict_for_a_horse_is_named_with_the_horse() -> None:
    corpus = load_windows(ride_cache(), settings=RECIPE).of(("h5", "h6"))
    blind = replace(corpus, has_film=torch.zeros_like(corpus.has_film))
    with pytest.raises(BadInput, match=r"without h5, teacher: no film.*Leave the method teacher out"):
        score_each_left_out(blind, settings=RECIPE, methods=("teacher",))


def test_every_horse_has_a_run_that_never_saw_it_and_a_second_call_changes_none(
    cache: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", logger="equigait.pipeline.leave_one_out")
    made = pretrain_folds(cache, runs=tmp_path, recipe=FOLDS)
    assert tuple(made) == FOUR
    assert caplog.messages[0] == "[1/4] pretraining without h0"
    for horse, run in made.items():
        horses = read_facts(Run(run).checkpoint)["horses"]
        assert horses["test"] == [horse]
        assert sorted([*horses["train"], *horses["validation"], horse]) == list(FOUR)
        assert load_run_recipe(run).split.test == (horse,)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*.safetensors")}
    assert pretrain_folds(cache, runs=tmp_path, recipe=FOLDS) == made
    assert {path: path.read_bytes() for path in tmp_path.rglob("*.safetensors")} == before

    found = leave_one_out(cache, recipe=FOLDS, methods=("spectral",), runs=made)
    assert set(found.methods) == {"pretrained", "spectral"}


def test_a_horse_named_in_another_part_leaves_it_where_it_is_tested() -> None:
    split = SplitSpec(train=("a", "b", "c"), validation=("c", "d"))
    assert split_without("c", split=split) == SplitSpec(train=("a", "b"), validation=("d",), test=("c",))
    assert split_without("e", split=SplitSpec()) == SplitSpec(test=("e",))
