"""The harness itself: what it counts, compares and writes, and what it does without what a bench needs."""

import json
import time
from pathlib import Path

import pytest
from bench.measure import Bench, Found, Limit, Side, UnavailableError, compared, held, measured, write_result


def busy(seconds: float, *, units: float = 1.0) -> Side:
    def run() -> float:
        until = time.process_time() + seconds
        while time.process_time() < until:
            pass
        return units

    return Side(f"busy for {seconds} s", run)


def idle() -> float:
    time.sleep(0.05)
    return 1.0


def bench(ours: Side, theirs: Side) -> Bench:
    return Bench(figure="a comparison", unit="thing", at_most=0.75, sides=lambda: (ours, theirs), rounds=3)


def test_costs_are_per_unit_and_count_work_not_waiting() -> None:
    cost = measured(busy(0.04, units=2.0))
    assert 0.019 < cost.cpu_seconds < 0.03
    waiting = measured(Side("waits", idle))
    assert waiting.cpu_seconds < 0.02 < 0.05 <= waiting.wall_seconds


def test_the_ratio_is_of_medians_and_is_held_to_its_limit() -> None:
    half = compared("half", bench(busy(0.02), busy(0.04)))
    assert half["ratio"] == pytest.approx(0.5, abs=0.1)
    assert half["holds"] is True
    assert compared("same", bench(busy(0.02), busy(0.02)))["holds"] is False
    assert len(half["ours"]["runs"]) == len(half["theirs"]["runs"]) == 3


def test_a_result_is_a_file_of_its_name_that_tells_both_sides_and_the_setting(tmp_path: Path) -> None:
    path = write_result(compared("half", bench(busy(0.01), busy(0.02))), folder=tmp_path / "bench")
    result = json.loads(path.read_text())
    assert path.name == "half.json"
    assert {"name", "ours", "theirs", "ratio", "unit", "command", "held_to", "versions", "cpu"} <= set(result)


def test_costs_of_two_kinds_can_be_held_against_each_other() -> None:
    waiting = Side("waits", idle)
    sides = Bench(
        figure="",
        unit="thing",
        at_most=3.0,
        sides=lambda: (waiting, busy(0.02)),
        by="wall_seconds",
        theirs_by="cpu_seconds",
    )
    result = compared("kinds", sides)
    assert 2.0 < result["ratio"] < 4.0
    assert result["ratio_of"].startswith("median wall_seconds / median cpu_seconds")


@pytest.mark.parametrize(("at_least", "value", "holds"), [(False, 3.0, True), (False, 5.0, False), (True, 5.0, True)])
def test_a_figure_without_another_side_is_held_to_a_number(at_least: bool, value: float, holds: bool) -> None:
    found = Found(value, held_to=4.0, facts={"seen": 1})
    result = held("figure", Limit(figure="", unit="s", value=lambda: found, at_least=at_least))
    assert (result["value"], result["ratio"], result["holds"]) == (value, value / 4.0, holds)
    assert result["held_to"] == (">= 4 s" if at_least else "<= 4 s")
    assert result["facts"] == {"seen": 1}


def test_a_bench_that_lacks_what_it_needs_says_so_and_the_others_go_on(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    from bench import __main__ as command

    def missing() -> tuple[Side, Side]:
        raise UnavailableError("no such program here")

    monkeypatch.chdir(tmp_path)
    lacking = Bench(figure="a comparison", unit="thing", at_most=1.0, sides=missing)
    figure = Limit(figure="a figure", unit="s", value=lambda: Found(1.0, held_to=2.0, facts={}))
    benches = {"lacking": lacking, "half": bench(busy(0.01), busy(0.02)), "figure": figure}
    monkeypatch.setattr(command, "BENCHES", benches)
    assert command.main([]) == 0
    told = capsys.readouterr().out
    assert "not run: no such program here" in told
    assert (tmp_path / "runs/bench/half.json").exists()
    assert json.loads((tmp_path / "runs/bench/figure.json").read_text())["holds"] is True
    assert command.main(["unheard-of"]) == 2
