"""The machinery of the study: cells found once, the same labels for all, leads and rows by formulas written by hand."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from equigait.pipeline.datasets.dataset_split import DatasetSplit
from equigait.pipeline.evaluation.classifiers.classifier import ClassifierOutput, all_rows
from equigait.pipeline.evaluation.classifiers.table import CLASSIFIERS
from equigait.pipeline.evaluation.settings import EvaluationSettings
from equigait.pipeline.recipe import Recipe, load_recipe
from scipy.stats import t as student_t
from study import __main__ as study
from study import work
from study.cells import Cell, cells_of, read_cell, write_cell
from study.contenders import CONTENDERS, DEFAULT, SCRATCH, SPECTRAL
from study.found import Found, read_set
from study.rows import ROWS, result_of, write_rows
from study.sets import SETS, TASKS, StudySet, Task
from study.table import page
from synthetic_corpus import SMALL_RECIPE, synthetic_corpus

CELL = Cell("field", "301", DEFAULT)
TRUTH = [0, 0, 0, 0, 1, 1, 1, 1]


def made(
    *, right: int = 8, recall: float = 0.5, tasks: tuple[str, ...] = ("all", "ten", "one", "lead")
) -> dict[str, Any]:
    """A cell's result, with so many of the eight windows right and the wrong ones of the first class; chance 0.05."""
    wrong = 8 - right
    predicted = [1] * wrong + TRUTH[wrong:]
    task = {
        "classes": ["walk", "trot"],
        "truth": TRUTH,
        "horse": ["a"] * 4 + ["b"] * 4,
        "recording": ["a"] * 4 + ["b"] * 4,
        "predicted": {"as mounted": [predicted, predicted]},
    }
    return {
        "tasks": dict.fromkeys(tasks, task),
        "retrieval": {"ways": {"imu_to_film": recall, "film_to_imu": recall + 0.1}, "chance": 0.05, "windows": 200},
        "unseen": ["a", "b"],
        "cpu_seconds": 1.0,
        "preparing_cpu_seconds": 0.0,
    }


def f1_of(right: int) -> float:
    """Macro-F1 of `made`, by hand: of the first class F1 is 2 TP / (2 TP + FN), of the second 8 / (8 + FP)."""
    wrong = 8 - right
    return (2 * (4 - wrong) / (2 * (4 - wrong) + wrong) + 8 / (8 + wrong)) / 2


def yards(root: Path, **rights: list[int]) -> Found:
    """Cells of field yards by contender, so many windows right in each yard."""
    for who, each in rights.items():
        for part, right in zip(SETS["field"].parts, each, strict=False):
            write_cell(Cell("field", part, who), made(right=right), root=root)
    return read_set("field", root=root)


def test_every_cell_has_a_recipe_and_a_name_of_its_own_and_contenders_of_a_part_share_its_seed() -> None:
    cells = list(dict.fromkeys(cell for row in ROWS.values() for cell in row.needs()))
    assert len({cell.name for cell in cells}) == len({cell.digest for cell in cells}) == len(cells)
    ten = [cell.recipe for cell in cells_of("derived") if cell.part in ("1", "2")]
    assert {recipe.seed for recipe in ten[: len(ten) // 2]} == {1}
    assert {recipe.seed for recipe in ten[len(ten) // 2 :]} == {2}
    assert all(recipe.split.validation == () for recipe in ten)
    assert {cell.data for cell in cells} == set(SETS)


def test_a_cell_that_is_there_is_not_found_again_and_a_broken_one_stops_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def find(cell: Cell, **_: object) -> dict[str, Any]:
        asked.append(cell.part)
        if cell.part == "302" and asked.count("302") == 1:
            raise KeyboardInterrupt  # killed in the middle of its work
        return made() if cell.part != "303" else made(right=1 // 0)

    monkeypatch.setattr(work, "find", find)
    cells = list(cells_of("field", contenders=(DEFAULT,)))[:4]
    with pytest.raises(KeyboardInterrupt):
        study.run(cells, root=tmp_path)
    assert study.run(cells, root=tmp_path) == 1
    assert asked == ["301", "302", "302", "303", "304"]
    assert [cell.part for cell in cells if read_cell(cell, root=tmp_path)] == ["301", "302", "304"]


def test_another_recipe_yard_or_teacher_is_another_cell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_cell(CELL, made(), root=tmp_path)
    assert read_cell(CELL, root=tmp_path) is not None
    changes: tuple[dict[str, Any], ...] = (
        {"overrides": ("train.steps=7",)},
        {"made_from": "others"},
        {"tasks": ("all",)},
    )
    for change in changes:
        monkeypatch.setitem(SETS, "field", replace(SETS["field"], **change))
        assert read_cell(CELL, root=tmp_path) is None
        monkeypatch.undo()
    scratch = replace(CELL, contender="scratch")
    write_cell(scratch, made(), root=tmp_path)
    monkeypatch.setattr("study.cells.shipped_teacher", lambda: "other weights")
    assert read_cell(CELL, root=tmp_path) is None
    assert read_cell(scratch, root=tmp_path) is not None


def test_what_changes_nothing_in_a_cell_is_no_other_cell(monkeypatch: pytest.MonkeyPatch) -> None:
    scratch = replace(CELL, contender=SCRATCH)
    before = CELL.digest, scratch.digest

    def with_heads(config: str, *, overrides: list[str]) -> Recipe:
        recipe = load_recipe(config, overrides=overrides)
        return recipe.model_copy(update={"heads": recipe.heads.model_copy(update={"dim": 3})})

    monkeypatch.setattr("study.cells.load_recipe", with_heads)
    assert scratch.digest == before[1]  # which has no heads
    assert CELL.digest != before[0]
    monkeypatch.undo()
    monkeypatch.setattr("study.cells.LATER", ())  # as if a setting at its idle value were not left out
    assert CELL.digest != before[0]


class Remembering:
    """A classifier that says the first class of every window, and keeps what it was shown."""

    def __init__(self) -> None:
        self.shown: list[tuple[DatasetSplit, int]] = []

    def fit_predict(self, split: DatasetSplit, *, settings: EvaluationSettings) -> ClassifierOutput:
        self.shown.append((split, settings.seed))
        return all_rows(np.eye(len(split.test.classes))[np.zeros(len(split.test), dtype=int)], note="")


@pytest.fixture
def small_set(monkeypatch: pytest.MonkeyPatch) -> Cell:
    corpus = synthetic_corpus(horses=4, windows=16)
    small = StudySet(
        "made",
        load=lambda _, __: corpus,
        config="default",
        parts=("h03",),
        tasks=("all", "one"),
        overrides=(*SMALL_RECIPE[:3], "train={steps: 4, batch: 16}", "probe={oversample_to: 60, features: []}"),
        changed_mounts=True,
    )
    monkeypatch.setitem(SETS, "small", small)
    return Cell("small", "h03", DEFAULT)


def test_all_contenders_learn_from_the_same_few_windows_and_from_nothing_else(
    small_set: Cell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = {name: Remembering() for name in ("spectral", "supervised")}
    monkeypatch.setitem(CLASSIFIERS, "spectral", lambda _: seen["spectral"])
    monkeypatch.setitem(CLASSIFIERS, "supervised", lambda _: seen["supervised"])
    for who in (SPECTRAL, SCRATCH):
        found = work.find(replace(small_set, contender=who), root=tmp_path)["tasks"]["one"]
        assert found["classes"] == ["walk", "trot", "canter"]
        assert len(found["predicted"]["turned"]) == TASKS["one"].draws
    spectral, scratch = (
        [(split.train.horse, split.train.start_seconds.tolist(), seed) for split, seed in each.shown]
        for each in seen.values()
    )
    assert spectral == scratch
    assert len({tuple(starts) for _, starts, _ in spectral[1:]}) > 1, "every draw has windows of its own"
    for split, _ in seen["spectral"].shown:
        assert not len(split.validation)
        assert split.unlabelled is None
        assert set(split.test.horse) == {"h03"}
    assert [np.bincount(split.train.label).tolist() for split, _ in seen["spectral"].shown[1:]] == [[1, 1, 1]] * 3


def test_a_cell_is_found_from_pretraining_to_predictions_and_retrieval(
    small_set: Cell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(TASKS, "one", Task(1))
    found = work.find(small_set, root=tmp_path)
    assert set(found["tasks"]["all"]["predicted"]) == {"as mounted", "turned", "mirrored", "other rein"}
    assert found["retrieval"]["windows"] == 16
    assert found["retrieval"]["chance"] == pytest.approx(10 / 16)
    assert found["unseen"] == ["h03"]
    assert not list((tmp_path / "runs").iterdir()), "a finished run is taken away"


def test_turns_keep_lengths_and_angles_and_two_mirrors_undo_each_other(small_set: Cell) -> None:
    test = small_set.set.load(Path(), "").of({"h03"})
    shown = {
        kind: each.imu[:].reshape(16, 2, 2, 3, 250) for kind, each in work.mounts(test, recipe=small_set.recipe).items()
    }
    plain, turned = shown["as mounted"], shown["turned"]
    assert torch.equal(plain, test.imu[:].reshape(plain.shape))
    torch.testing.assert_close(turned.norm(dim=3), plain.norm(dim=3), rtol=1e-4, atol=1e-3)
    between = [(each[:, :, 0] * each[:, :, 1]).sum(dim=2) for each in (turned, plain)]
    torch.testing.assert_close(*between, rtol=1e-3, atol=1e-2)
    assert (turned[:, :, 0, 2].mean() - plain[:, :, 0, 2].mean()).abs() > 5.0, "gravity no longer lies along z"
    force = torch.tensor([1.0, -1.0, 1.0])
    torch.testing.assert_close(shown["mirrored"][:, :, 0], plain[:, :, 0] * force[:, None])
    torch.testing.assert_close(shown["mirrored"][:, :, 1], plain[:, :, 1] * -force[:, None])
    assert torch.equal(shown["other rein"], shown["mirrored"]), "both sites lie on the median plane"


def test_leads_are_paired_by_yard_with_the_interval_of_student(tmp_path: Path) -> None:
    found = yards(tmp_path, default=[8, 8, 7], spectral=[7, 6, 6, 8])
    lead = found.lead_over(SPECTRAL, task="ten")
    each = [f1_of(8) - f1_of(7), f1_of(8) - f1_of(6), f1_of(7) - f1_of(6)]
    half = student_t.ppf(0.975, 2) * np.std(each, ddof=1) / np.sqrt(3)
    assert lead.parts == pytest.approx(each)
    assert lead.interval == pytest.approx((np.mean(each) - half, np.mean(each) + half))
    assert found.score(DEFAULT, task="ten").value == pytest.approx((2 * f1_of(8) + f1_of(7)) / 3)


def test_leads_on_real_sets_are_over_those_who_are_unseen(tmp_path: Path) -> None:
    for part in SETS["phone"].parts:
        write_cell(Cell("phone", part, DEFAULT), made(right=8), root=tmp_path)
        write_cell(Cell("phone", part, SPECTRAL), made(right=6), root=tmp_path)
    lead = read_set("phone", root=tmp_path).lead_over(SPECTRAL, task="all")
    assert lead.value == pytest.approx(1.0 - f1_of(6))
    assert lead.interval[0] < lead.value < lead.interval[1]
    assert lead.over == "2 files"


def test_few_labels_are_held_to_every_lead_and_retrieval_to_its_weaker_way(tmp_path: Path) -> None:
    rivals = {who: [5, 6, 5, 6, 5] for who in ("scratch", "spectral", "minirocket", "untrained")}
    yards(tmp_path, default=[8] * 5, **rivals)
    row = result_of("field-few", root=tmp_path)
    assert row["value"] == pytest.approx(1 - (3 * f1_of(5) + 2 * f1_of(6)) / 5)
    assert row["holds"] is True
    assert not row["missing"]
    assert {each["over"] for each in row["details"].values() if isinstance(each, dict)} == {"5 yards"}
    (tmp_path / "cells" / "field.305.minirocket.json").unlink()
    partly = result_of("field-few", root=tmp_path)
    assert {each["over"] for each in partly["details"].values() if isinstance(each, dict)} == {"4 yards"}
    assert (partly["cells"], partly["missing"]) == ("24 of 25", ["field.305.minirocket"])
    yards(tmp_path, minirocket=[8] * 5)
    assert result_of("field-few", root=tmp_path)["holds"] is False, "no lead over MiniRocket"
    retrieval = result_of("field-retrieval", root=tmp_path)
    assert (retrieval["value"], retrieval["holds"]) == (pytest.approx(0.5 / 0.05), True)
    assert result_of("field-one", root=tmp_path / "nothing")["value"] is None


def test_harm_is_the_least_lead_over_the_best_rival(tmp_path: Path) -> None:
    yards(tmp_path, default=[8, 7, 8, 7, 8], untrained=[5] * 5, spectral=[6] * 5, scratch=[5] * 5)
    row = result_of("no-harm", root=tmp_path)
    assert row["value"] == pytest.approx((3 + 2 * f1_of(7)) / 5 - f1_of(6))
    assert set(row["details"]) == {f"field, {task}, less spectral" for task in ("all", "ten", "one")}
    assert (row["holds"], row["so_far"]) == (None, True), "other sets are missing"
    yards(tmp_path, spectral=[8] * 5, default=[6] * 5)
    assert result_of("no-harm", root=tmp_path)["so_far"] is False


def test_a_teacher_alone_has_a_score_where_no_student_was_taught(tmp_path: Path) -> None:
    for data, right in (("field", 7), ("utd-mhad", 6), ("utd-mhad-efficientnet", 8)):
        for part in SETS[data].parts:
            write_cell(Cell(data, part, "teacher"), made(right=right, tasks=("all",)), root=tmp_path)
    row = result_of("teacher-alone", root=tmp_path)
    assert row["value"] == pytest.approx(1.0 - f1_of(6))
    assert row["details"]["utd-mhad"]["over"] == "2 people"


def test_a_lead_in_retrieval_is_in_multiples_of_chance(tmp_path: Path) -> None:
    for part, recall in zip(SETS["field"].parts, (0.5, 0.7), strict=False):
        write_cell(Cell("field", part, DEFAULT), made(recall=recall), root=tmp_path)
        write_cell(Cell("field", part, "comodo"), made(recall=0.4), root=tmp_path)
    lead = read_set("field", root=tmp_path).recall_lead("comodo")
    assert lead.parts == pytest.approx((2.0, 6.0))
    assert lead.value == pytest.approx(4.0)


def test_the_page_has_every_row_and_says_what_was_not_run(tmp_path: Path) -> None:
    yards(tmp_path, default=[8] * 5)
    write_rows(["field-retrieval", "field-one"], root=tmp_path)
    found = {name: json.loads((tmp_path / f"{name}.json").read_text()) for name in ("field-retrieval", "field-one")}
    lines = page(found).splitlines()
    by_row = {line.split(" | ")[0].strip("| "): line for line in lines if line.startswith("| ")}
    assert set(ROWS) <= set(by_row)
    assert "| 10.000 | - | 1.000 | >= 10 x chance | **holds** |" in by_row["field-retrieval"]
    assert by_row["field-one"].endswith("| not run |")
    assert by_row["mounts"].endswith("| not run |")
    assert {name for name in CONTENDERS if f"- `{name}`" in page({})} == set(CONTENDERS)
