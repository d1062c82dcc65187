"""Leave-one-horse-out: every horse scored once, by contenders that have not seen it."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from equigait.data.errors import BadInput
from equigait.pipeline.datasets.loading import load_windows
from equigait.pipeline.leave_one_out import leave_one_out, leave_one_out_of
from equigait.pipeline.probe import probe
from rides import HORSES, ride_cache, ride_recipe, ride_run

RECIPE = ride_recipe("probe.inverse_penalties=[0.3]")


def test_every_horse_is_left_out_once_and_its_windows_scored(tmp_path: Path) -> None:
    out = tmp_path / "loo.json"
    told: list[str] = []
    found = leave_one_out(
        ride_cache(), recipe=RECIPE, contenders=("spectral", "random-init"), out=out, tell=told.append
    )
    assert found.horses == HORSES
    assert found.n_windows == 7 * 21
    spectral = found.contenders["spectral"]
    assert [sum(row) for row in spectral.confusion] == [49, 49, 49]
    assert set(spectral.per_horse) == set(HORSES)
    assert spectral.macro_f1 > 0.95
    folds = [horse.macro_f1 for horse in spectral.per_horse.values()]
    assert found.mean_fold_macro_f1["spectral"] == pytest.approx(np.mean(folds))
    assert json.loads(out.read_text())["contenders"]["spectral"]["macro_f1"] == spectral.macro_f1
    assert told.count("without h3: spectral") == 1
    lines = str(found).splitlines()
    assert lines[0] == "147 windows, each of 7 left out in turn: h0, h1, h2, h3, h4, h5, h6"
    assert f"{spectral.macro_f1:.3f}" in next(line for line in lines if line.startswith("spectral  "))


def test_a_label_that_only_tells_horses_apart_is_worth_nothing() -> None:
    """Each horse shows one gait, whatever its sensors say: a leak of the horse would score, the gait cannot."""
    corpus = load_windows(ride_cache(), settings=RECIPE)
    for row, horse in enumerate(corpus.horse):
        corpus.label[row] = 1 + HORSES.index(horse) % 3
    found = leave_one_out_of(corpus, recipe=RECIPE, contenders=("spectral",))
    assert found.contenders["spectral"].accuracy < 0.6


def test_the_runs_of_the_folds_contend_unless_they_have_seen_the_horse(tmp_path: Path) -> None:
    run = Path(shutil.copytree(ride_run(), tmp_path / "run"))
    probe(ride_cache(), run=run)
    corpus = load_windows(ride_cache(), settings=RECIPE).of(("h5", "h6"))
    unseen = leave_one_out_of(corpus, recipe=RECIPE, contenders=(), runs={"h5": run, "h6": run})
    assert unseen.contenders["pretrained"].macro_f1 > 0.9
    seen = load_windows(ride_cache(), settings=RECIPE).of(("h0", "h6"))
    with pytest.raises(BadInput, match="a run that has seen h0"):
        leave_one_out_of(seen, recipe=RECIPE, contenders=(), runs={"h0": run, "h6": run})
    with pytest.raises(BadInput, match="no run without h5"):
        leave_one_out_of(corpus, recipe=RECIPE, contenders=(), runs={"h6": run})


def test_one_horse_alone_and_unknown_contenders_are_refused() -> None:
    corpus = load_windows(ride_cache(), settings=RECIPE)
    with pytest.raises(BadInput, match="two horses"):
        leave_one_out_of(corpus.of(("h5",)), recipe=RECIPE, contenders=("spectral",))
    with pytest.raises(BadInput, match="found magic"):
        leave_one_out_of(corpus, recipe=RECIPE, contenders=("magic",))


def test_unknown_contenders_and_judges_without_runs_are_refused_before_anything_is_read() -> None:
    with pytest.raises(BadInput, match="found wizard; expected some of random-init, spectral"):
        leave_one_out("nowhere", recipe=RECIPE, contenders=("spectral", "wizard"))
    with pytest.raises(BadInput, match="Give --runs: judges ask a pretrained student"):
        leave_one_out("nowhere", recipe=RECIPE, contenders=("knn",))
    with pytest.raises(BadInput, match="found spectral; expected some of"):
        leave_one_out("nowhere", recipe=RECIPE, contenders=("spectral", "spectral"))
    with pytest.raises(BadInput, match="no contender"):
        leave_one_out("nowhere", recipe=RECIPE, contenders=())


def test_judges_ask_the_student_that_has_not_seen_the_horse(tmp_path: Path) -> None:
    run = Path(shutil.copytree(ride_run(), tmp_path / "run"))
    probe(ride_cache(), run=run)
    corpus = load_windows(ride_cache(), settings=RECIPE).of(("h5", "h6"))
    found = leave_one_out_of(corpus, recipe=RECIPE, contenders=("knn",), runs={"h5": run, "h6": run})
    assert list(found.contenders) == ["pretrained", "knn"]
    assert found.contenders["knn"].macro_f1 > 0.9


def test_a_contender_that_cannot_answer_for_a_horse_is_named_with_the_horse() -> None:
    corpus = load_windows(ride_cache(), settings=RECIPE).of(("h5", "h6"))
    blind = replace(corpus, has_film=torch.zeros_like(corpus.has_film))
    with pytest.raises(BadInput, match=r"without h5, teacher: no film.*Leave the contender teacher out"):
        leave_one_out_of(blind, recipe=RECIPE, contenders=("teacher",))
