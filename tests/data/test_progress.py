"""Progress: items pass unchanged; plain lines come now and then, and only where no terminal is."""

import sys

import pytest
from equigait.data import progress
from equigait.data.progress import watched


@pytest.fixture
def seconds(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """A clock that the test moves."""
    now = [0.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    return now


def test_items_pass_in_order_and_quick_work_says_nothing(capsys: pytest.CaptureFixture[str]):
    assert list(watched(iter("abc"), total=3, name="letters")) == ["a", "b", "c"]
    assert capsys.readouterr().err == ""


def test_slow_work_says_how_far_it_is_every_ten_seconds(seconds: list[float], capsys: pytest.CaptureFixture[str]):
    for _ in watched(range(9), total=9, name="rides"):
        seconds[0] += 4.0
    assert capsys.readouterr().err == "rides: 3 of 9, 24 s left\nrides: 6 of 9, 12 s left\nrides: 9 of 9, 0 s left\n"


def test_on_a_terminal_there_is_a_bar(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    assert list(watched(range(4), total=4, name="rides")) == [0, 1, 2, 3]
    shown = capsys.readouterr().err
    assert "rides: 100%" in shown
    assert "4/4" in shown


def test_work_is_begun_only_when_it_is_asked_for():
    begun: list[int] = []
    steps = watched(map(begun.append, range(3)), total=3, name="steps")
    assert begun == []
    next(steps)
    assert begun == [0]
