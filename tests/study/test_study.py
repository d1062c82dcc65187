"""The machinery of the study: cells found once, that know what they were made from, and the tables made of them."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from equigait.data.errors import BadInput
from equigait.pipeline.extraction.results import ExtractionSummary
from made_cells import found, outcome
from study import __main__ as study
from study import work
from study.cells import RESULTS, Cell, cell_path, read_cell, write_cell
from study.contenders import DEFAULT
from study.datasets import DATA, UnavailableError, data_set, prepare, source_of
from study.found import Found, read_all
from study.phone import stretches
from study.plan import cells
from study.rows import ROWS, result_of
from study.table import helped, write_tables

CELL = Cell("yard", DEFAULT, 0)


def test_a_cell_that_is_there_is_not_found_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def find(cell: Cell, **_: object) -> dict[str, Any]:
        asked.append(cell.name)
        if cell.seed == 1 and asked.count(cell.name) == 1:
            raise KeyboardInterrupt  # killed in the middle of its work
        return outcome(0.5)

    monkeypatch.setattr(work, "find", find)
    chosen = [Cell("yard", DEFAULT, seed) for seed in range(3)]
    with pytest.raises(KeyboardInterrupt):
        study.run(chosen, root=tmp_path, results=tmp_path)
    assert study.run(chosen, root=tmp_path, results=tmp_path) == 0
    assert asked == ["yard.default.0", "yard.default.1", "yard.default.1", "yard.default.2"]


def test_a_broken_cell_does_not_stop_the_others_and_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work, "find", lambda cell, **_: outcome(0.5) if cell.seed else 1 / 0)
    chosen = [Cell("yard", DEFAULT, seed) for seed in range(2)]
    assert study.run(chosen, root=tmp_path, results=tmp_path) == 1
    assert [cell.seed for cell in chosen if read_cell(cell, results=tmp_path)] == [1]


def test_no_cell_is_begun_when_time_is_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work, "find", lambda *_, **__: pytest.fail("begun"))
    assert study.run([CELL], root=tmp_path, results=tmp_path, until=0.0) == 0


def test_a_changed_recipe_or_recording_is_another_cell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_cell(CELL, outcome(0.5), results=tmp_path)
    assert read_cell(CELL, results=tmp_path) is not None
    assert read_cell(replace(CELL, extra=("train.steps=7",)), results=tmp_path) is None
    before = CELL.digest
    made_from = DATA["yard"].made_from | {"unseen": "other horses"}
    other = replace(DATA["yard"], made_from=made_from, by_seed=None)
    monkeypatch.setitem(DATA, "yard", other)
    assert CELL.digest != before
    assert read_cell(CELL, results=tmp_path) is None


def test_a_file_is_there_whole_or_not_at_all(tmp_path: Path) -> None:
    path = write_cell(CELL, outcome(0.5), results=tmp_path)
    assert path == cell_path(CELL, results=tmp_path)
    assert [each.name for each in path.parent.iterdir()] == [path.name]
    assert json.loads(path.read_text())["digest"] == CELL.digest


def test_every_planned_cell_has_a_recipe_and_a_name_of_its_own() -> None:
    planned = list(cells())
    assert len({cell.name for cell in planned}) == len(planned)
    assert len({cell.digest for cell in planned}) == len(planned)
    assert all(cell.recipe.seed == cell.seed for cell in planned)
    filmless = [cell for cell in planned if cell.data in ("hugadb", "centaur-phone")]
    assert not [cell.name for cell in filmless if cell.who.needs_film]
    assert {cell.seed for cell in cells(seeds=1)} == {0}


def test_real_data_that_is_not_there_is_said_and_no_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("EQUIGAIT_REAL_DATA", raising=False)
    with pytest.raises(UnavailableError, match="EQUIGAIT_REAL_DATA"):
        source_of(DATA["hugadb"])
    assert study.run([Cell("hugadb", "spectral", 0)], root=tmp_path, results=tmp_path) == 0
    assert not list(tmp_path.iterdir())


def test_recordings_are_made_once_and_anew_when_they_should_be_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[Path] = []
    yard = replace(DATA["yard-again"], record=lambda _, out: made.append(out))
    monkeypatch.setattr("study.datasets.extract_teacher", lambda *_, **__: ExtractionSummary("cache"))
    for seed, data in enumerate((yard, yard, replace(yard, made_from={"seed": 3}))):
        monkeypatch.setitem(DATA, "yard-again", data)
        assert prepare("yard-again", seed=seed, root=tmp_path) == tmp_path / "data" / "yard-again" / "cache"
    assert len(made) == 2


def test_no_figure_comes_from_recordings_of_which_some_failed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(DATA, "yard-again", replace(DATA["yard-again"], record=lambda _, out: out))
    summary = ExtractionSummary("cache", failed=(("h003", "a truncated film"),))
    monkeypatch.setattr("study.datasets.extract_teacher", lambda *_, **__: summary)
    for _ in range(2):  # nor when it is asked again
        with pytest.raises(BadInput, match="h003: a truncated film"):
            prepare("yard-again", seed=0, root=tmp_path)


def test_every_seed_has_a_yard_of_its_own_and_all_seeds_share_what_was_recorded() -> None:
    first, second = (data_set("yard", seed=seed) for seed in (0, 1))
    assert [each.made_from["taught"]["seed"] for each in (first, second)] == [2030, 2031]
    assert first.made_from["unseen"]["seed"] == 2030
    assert data_set("utd-mhad", seed=1) is DATA["utd-mhad"]


def test_yards_of_two_seeds_lie_side_by_side(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[int] = []
    monkeypatch.setattr("study.datasets.extract_teacher", lambda *_, **__: ExtractionSummary("cache"))
    monkeypatch.setattr("study.datasets.simulate_yard", lambda _, spec: drawn.append(spec.seed))
    caches = [prepare("yard", seed=seed, root=tmp_path) for seed in (0, 1, 0)]
    assert caches == [tmp_path / "data" / name / "cache" for name in ("yard", "yard-1", "yard")]
    assert [prepare("yard-one-label", seed=seed, root=tmp_path) for seed in (0, 1)] == caches[:2]
    assert drawn == [2030, 2030, 2031, 2031]


def test_a_lone_file_of_a_gait_is_left_out_by_halves_without_ends_and_repeats(tmp_path: Path) -> None:
    rows = [f"{20.0 * k} {k // 2}.5 0.25 {-(k // 2)}" for k in range(2000)]  # 40 s, every second value stale
    for name in ("walk-1", "trot-1", "trot-2"):
        (tmp_path / f"{name}.dat").write_text("\n".join(rows) + "\n")
    pieces = {piece.name: piece for piece in stretches(tmp_path)}
    assert sorted(pieces) == ["trot-1", "trot-2", "walk-1 first half", "walk-1 second half"]
    trot, first, second = (pieces[name].time_seconds for name in ("trot-1", "walk-1 first half", "walk-1 second half"))
    assert trot[0] >= 10.0
    assert trot[-1] <= 30.0
    assert len(trot) == pytest.approx(500, abs=2)
    assert first[-1] < second[0]
    assert len(first) + len(second) == len(trot)


def test_the_lead_with_few_labels_is_held_to_its_demand() -> None:
    row = result_of("few-shot", found(default=(0.95, 0.96, 0.97, 0.98, 0.99)))
    assert row["value"] == pytest.approx(0.97)
    assert row["facts"]["lead_over_scratch"]["yard"]["over_seeds"]["mean"] == pytest.approx(0.15)
    assert row["holds"] is True
    assert not row["cells_missing"]
    assert result_of("few-shot", found(default=(0.90, 0.91)))["holds"] is False
    assert result_of("few-shot", found(default=(0.90, 0.91)))["cells_missing"] == [
        f"yard.default.{seed}" for seed in (2, 3, 4)
    ]


def test_a_control_is_compared_on_the_seeds_that_it_has() -> None:
    def scored(*values: float) -> dict[int, dict[str, Any]]:
        return {seed: outcome(value) | {"few_shot": []} for seed, value in enumerate(values)}

    planned = read_all(Path("nowhere")).planned
    ours, supervised = scored(0.9, 0.8, 0.1), scored(0.7, 0.7)
    on_yards = Found({("yard", DEFAULT): ours, ("yard", "supervised"): supervised}, planned)
    assert "macro-F1 +0.150" in "".join(helped(on_yards, "yard"))
    assert "2 seeds" in "".join(helped(on_yards, "yard"))
    one_for_all = Found({("utd-mhad", DEFAULT): ours, ("utd-mhad", "spectral"): scored(0.5)}, planned)
    assert "macro-F1 +0.100" in "".join(helped(one_for_all, "utd-mhad"))
    assert "3 seeds" in "".join(helped(one_for_all, "utd-mhad"))


def test_people_are_held_to_the_weaker_way_of_retrieval_and_to_a_lead_at_every_number_of_labels() -> None:
    found_with = {recall: {seed: outcome(0.6, recall=recall) for seed in range(5)} for recall in (0.29, 0.31)}
    for results in found_with.values():
        for each in results.values():
            each["retrieval"]["imu_to_film"] = {"R@10": 0.9}
    rows = {
        recall: result_of("utd-mhad", Found({("utd-mhad", DEFAULT): each}, planned=read_all(Path("nowhere")).planned))
        for recall, each in found_with.items()
    }
    assert {recall: row["value"] for recall, row in rows.items()} == pytest.approx({0.29: 0.29, 0.31: 0.31})
    assert {recall: row["holds"] for recall, row in rows.items()} == {0.29: False, 0.31: True}  # three times 0.1
    lead = rows[0.31]["facts"]["lead_over_scratch"]["1 window an action"]["over_seeds"]
    assert (lead["mean"], lead["n"]) == (pytest.approx(0.15), 5)
    assert rows[0.31]["baselines"]["from scratch, 5 windows an action"] == pytest.approx(0.75)


def test_tables_are_made_of_what_is_there_and_say_what_is_missing(tmp_path: Path) -> None:
    for seed, score in enumerate((0.7, 0.8)):
        write_cell(Cell("yard", DEFAULT, seed), outcome(score), results=tmp_path / "cells")
        control = outcome(0.95) | {"retrieval": None, "few_shot": None}
        write_cell(Cell("yard", "spectral", seed), control, results=tmp_path / "cells")
    page = write_tables(tmp_path / "cells", root=tmp_path, markdown=tmp_path / "RESULTS.md")
    assert (tmp_path / "RESULTS.md").read_text() == page
    assert "| default | SigLIP, patch transformer | 2 | 0.750 | 0.650 to 0.850 | 0.300 | 0.300 | 1 |" in page
    assert "macro-F1 -0.200 (-0.835 to +0.435, 2 seeds)" in page  # t(1) = 12.706 times 0.05
    assert "3 cells missing" in page
    assert {path.stem for path in tmp_path.glob("*.json")} == set(ROWS)
    assert json.loads((tmp_path / "hugadb.json").read_text())["holds"] is None


def test_the_page_says_what_the_cells_beside_it_say(tmp_path: Path) -> None:
    page = write_tables(RESULTS, root=tmp_path, markdown=tmp_path / "RESULTS.md")
    assert study.MARKDOWN.read_text() == page, "stale: write it again with `python -m tests.study table`"


def test_a_quick_look_with_other_settings_takes_the_place_of_no_result(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(work, "find", lambda *_, **__: outcome(0.5))
    assert study.main(["--only", CELL.name, "--root", str(tmp_path), "--set", "train.steps=7"]) == 0
    assert [path.relative_to(tmp_path) for path in tmp_path.rglob("*.json")] == [Path("tried/yard.default.0.json")]
