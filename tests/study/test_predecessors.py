"""Those before us: what they differ in, and how the default is held against them."""

import math
from pathlib import Path

import numpy as np
import pytest
import torch
from equigait.pipeline.objectives.objective import Shape
from equigait.pipeline.objectives.table import build_objective
from made_cells import found, outcome
from study.cells import Cell
from study.contenders import DEFAULT, PREDECESSORS
from study.found import Found, read_all
from study.rows import result_of


def test_predecessors_differ_from_the_default_in_student_and_objective_alone() -> None:
    ours = Cell("yard", DEFAULT, 1).recipe.model_dump()
    for name in PREDECESSORS:
        theirs = Cell("yard", name, 1).recipe.model_dump()
        assert {key for key in ours if ours[key] != theirs[key]} <= {"student", "objective", "evaluate"}


def test_the_sketch_learns_neither_scale_nor_bias_and_would_rather_collapse() -> None:
    shape = Shape(batch=4, channels=6, steps=50, shared=8, token_width=8)
    sketch = build_objective(Cell("yard", "sketch", 0).recipe.objective, shape=shape)
    assert not any(parameter.requires_grad for parameter in sketch.parameters())
    assert sketch.state() == {"scale": 1.0, "bias": 0.0}
    z = torch.eye(8)[:4]
    aligned, collapsed = sketch(z, z), sketch(-z[:1].expand(4, 8), z[:1].expand(4, 8))
    assert collapsed < aligned  # the fault that it is here to show


def test_predecessors_are_compared_seed_by_seed() -> None:
    behind = found(
        default=(0.80, 0.90, 0.85), comodo=(0.90, 1.00, 0.95), imu2clip=(0.5, 0.6, 0.5), sketch=(0.4, 0.4, 0.4)
    )
    row = result_of("against-predecessors", behind)
    figure = row["facts"]["compared"]["yard: macro-F1, 10 labels a gait"]
    assert (figure["best_rival"], figure["best"], figure["within_interval"]) == ("comodo", False, False)
    assert figure["lead_over_best_rival"] == pytest.approx(-0.1)
    assert row["holds"] is False
    unsure = found(default=(0.80, 0.90, 0.85), comodo=(0.90, 0.85, 0.85), imu2clip=(0.5, 0.6, 0.5))
    figure = result_of("against-predecessors", unsure)["facts"]["compared"]["yard: macro-F1, 10 labels a gait"]
    assert (figure["best"], figure["within_interval"]) == (False, True)
    assert result_of("against-predecessors", unsure)["facts"]["sets_not_run"] == ["derived-horses", "utd-mhad"]


def test_people_left_out_in_turn_count_as_one_set_and_only_where_all_of_them_are_there() -> None:
    leads = {"utd-mhad": -0.05, "utd-mhad-s1": 0.10, "utd-mhad-s3": 0.04}
    results = {
        (split, who): {seed: outcome(0.5 + (who == DEFAULT) * (lead + 0.01 * seed)) for seed in range(3)}
        for split, lead in leads.items()
        for who in (DEFAULT, "comodo")
    }
    planned = read_all(Path("nowhere")).planned
    figure = result_of("against-predecessors", Found(results, planned))["facts"]["compared"][
        "utd-mhad: macro-F1, all labels"
    ]
    assert figure["lead_over_best_rival"] == pytest.approx(0.03 + 0.01)
    assert figure["means"][DEFAULT] == pytest.approx(0.54)
    assert figure["one_by_one"] == pytest.approx({split: lead + 0.01 for split, lead in leads.items()})
    del results["utd-mhad-s3", "comodo"]
    assert result_of("against-predecessors", Found(results, planned))["value"] is None


def test_where_each_horse_is_left_out_the_lead_is_told_over_horses_as_well() -> None:
    horses = {DEFAULT: {"a": 1.0, "b": 0.6, "c": 0.9}, "comodo": {"a": 1.0, "b": 0.8, "c": 0.6}}
    results = {
        ("derived-horses", who): {seed: outcome(0.9) | {"per_horse": each} for seed in range(3)}
        for who, each in horses.items()
    }
    found_there = Found(results, read_all(Path("nowhere")).planned)
    compared = result_of("against-predecessors", found_there)["facts"]["compared"]
    over = compared["derived-horses: macro-F1, all labels"]["over_horses"]
    assert over["values"] == pytest.approx((0.0, -0.2, 0.3))
    half = 4.3026527 * np.std([0.0, -0.2, 0.3], ddof=1) / math.sqrt(3)  # t(2), 97.5 %
    assert over["interval"] == pytest.approx((0.1 / 3 - half, 0.1 / 3 + half))
