"""A run for every horse, pretrained and probed without it, made once."""

from pathlib import Path

from equigait.data.splits import SplitSpec
from equigait.pipeline.evaluation.protocols.folds import pretrain_folds, without
from equigait.pipeline.leave_one_out import leave_one_out
from equigait.pipeline.run_recipe import load_run_recipe
from equigait.pipeline.training.checkpoint import read_facts
from equigait.pipeline.training.run import Run
from rides import HORSES, ride_cache, ride_recipe

RECIPE = ride_recipe("split={validation_share: 0.2}", "train.steps=4", "train.validate_every=2", "train.save_every=2")


def test_every_horse_has_a_run_that_never_saw_it_and_a_second_call_changes_none(tmp_path: Path) -> None:
    told: list[str] = []
    made = pretrain_folds(ride_cache(), runs=tmp_path, recipe=RECIPE, tell=told.append)
    assert tuple(made) == HORSES
    assert told[0] == f"[1/{len(HORSES)}] pretraining without h0"
    for horse, run in made.items():
        horses = read_facts(Run(run).checkpoint)["horses"]
        assert horses["test"] == [horse]
        assert sorted([*horses["train"], *horses["validation"], horse]) == list(HORSES)
        assert load_run_recipe(run).split.test == (horse,)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*.safetensors")}
    assert pretrain_folds(ride_cache(), runs=tmp_path, recipe=RECIPE) == made
    assert {path: path.read_bytes() for path in tmp_path.rglob("*.safetensors")} == before

    found = leave_one_out(ride_cache(), recipe=RECIPE, contenders=("spectral",), runs=made)
    assert set(found.contenders) == {"pretrained", "spectral"}


def test_a_horse_named_in_another_part_leaves_it_where_it_is_tested() -> None:
    split = SplitSpec(train=("a", "b", "c"), validation=("c", "d"))
    assert without("c", split=split) == SplitSpec(train=("a", "b"), validation=("d",), test=("c",))
    assert without("e", split=SplitSpec()) == SplitSpec(test=("e",))
