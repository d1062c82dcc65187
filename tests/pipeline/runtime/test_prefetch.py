"""Work side by side: order, bounds, errors that travel, and nothing that runs on."""

import threading
import time
from collections.abc import Iterator

import pytest
from equigait.pipeline.runtime.prefetch import Unwanted, check_wanted, ordered_map, prefetch, side_by_side


def counted(made: list[int], *, until: int = 10**9) -> Iterator[int]:
    for number in range(until):
        made.append(number)
        yield number


def settled(made: list[int]) -> int:
    """How many were made once no more are."""
    while True:
        before = len(made)
        time.sleep(0.05)
        if before == len(made):
            return before


def running(prefix: str) -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name.startswith(prefix)]


def test_items_come_in_order_and_all_of_them() -> None:
    with prefetch(iter(range(50)), most=3) as items:
        assert list(items) == list(range(50))
    assert not running("ahead")


def test_the_thread_keeps_no_more_than_it_may_and_ends_when_nobody_wants_more() -> None:
    made: list[int] = []
    with prefetch(counted(made), most=3) as items:
        assert next(items) == 0
        assert settled(made) == 5  # one taken, three waiting, one in hand
    assert not running("ahead")


def test_an_error_arrives_where_the_items_are_read_after_those_before_it() -> None:
    def broken() -> Iterator[int]:
        yield 1
        raise ZeroDivisionError("in the thread")

    with prefetch(broken(), most=2) as items:
        assert next(items) == 1
        with pytest.raises(ZeroDivisionError, match="in the thread"):
            next(items)
    assert not running("ahead")


def test_an_interruption_of_the_reader_ends_the_thread() -> None:
    def interrupted() -> None:
        with prefetch(counted([]), most=1) as items:
            next(items)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert not running("ahead")


def test_results_keep_the_order_of_the_items_however_long_each_takes() -> None:
    def slow_first(number: int) -> int:
        time.sleep(0.05 if number == 0 else 0.0)
        return number * number

    with ordered_map(slow_first, range(20), workers=3) as results:
        assert list(results) == [number * number for number in range(20)]
    assert not running("ordered-map")


def test_lanes_work_at_the_same_time_on_no_more_items_than_they_hold() -> None:
    made: list[int] = []
    both = threading.Barrier(2, timeout=5.0)

    def meet(number: int) -> int:
        both.wait()  # broken unless two are at work
        return number

    with ordered_map(meet, counted(made, until=8), workers=2) as results:
        assert next(results) == 0
        assert len(made) == 3
        assert list(results) == list(range(1, 8))


def test_an_error_in_a_lane_arrives_in_its_turn_and_ends_the_lanes() -> None:
    def odd_fails(number: int) -> int:
        return 1 // (1 - number % 2)

    with ordered_map(odd_fails, range(9), workers=2) as results:
        assert next(results) == 1
        with pytest.raises(ZeroDivisionError):
            next(results)
    assert not running("ordered-map")


def test_work_side_by_side_gives_every_item_its_result_and_waits_for_none() -> None:
    first_may_end = threading.Event()

    def work(number: int) -> int:
        if number == 0:
            assert first_may_end.wait(10)
        return number * number

    with side_by_side(work, range(9), workers=2) as done:
        found = [next(done) for _ in range(8)]
        first_may_end.set()
        found += list(done)
    assert dict(found) == {number: number * number for number in range(9)}
    assert found[-1] == (0, 0)


def test_no_more_items_are_begun_than_there_are_workers() -> None:
    begun: list[int] = []
    with side_by_side(begun.append, counted([], until=10), workers=3) as done:
        next(done)
        assert len(begun) <= 4
        assert len(list(done)) == 9


def test_after_an_error_work_under_way_ends_at_its_next_check_and_no_other_begins() -> None:
    ended: list[str] = []
    under_way = threading.Event()

    def work(number: int) -> None:
        if number == 0:
            assert under_way.wait(10)
            raise ValueError("the first")
        assert number == 1
        try:
            while True:
                under_way.set()
                check_wanted()
                time.sleep(0.01)
        except Unwanted:
            ended.append("unwanted")
            raise

    with pytest.raises(ValueError, match="the first"), side_by_side(work, range(5), workers=2) as done:
        list(done)
    assert ended == ["unwanted"]


def test_elsewhere_all_work_is_wanted() -> None:
    check_wanted()
