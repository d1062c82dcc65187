"""The plan of an epoch gives out every window once, mixed, and never holds more than it may."""

import numpy as np
import pytest
from equigait.pipeline.datasets.shuffle import ShufflePlanStep, plan_epoch, rows_held

WINDOWS = (17, 3, 30, 0, 22, 9, 28, 14, 25, 30, 1, 20)


def planned(
    seed: int = 0, *, windows: tuple[int, ...] = WINDOWS, capacity: int = 80, batch: int = 8
) -> list[ShufflePlanStep]:
    return list(plan_epoch(windows, capacity=capacity, batch=batch, generator=np.random.default_rng(seed)))


@pytest.mark.parametrize("capacity", [60, 80, 150, 1000])
def test_every_window_is_given_out_once(capacity: int) -> None:
    passages = planned(capacity=capacity)
    assert sorted(np.concatenate([passage.rows for passage in passages]).tolist()) == list(range(sum(WINDOWS)))
    read = [recording for passage in passages for recording in passage.read]
    assert sorted(read) == [number for number, windows in enumerate(WINDOWS) if windows]
    assert all(len(passage.rows) % 8 == 0 for passage in passages[:-1])


@pytest.mark.parametrize("capacity", [60, 80, 150])
def test_no_more_is_held_than_may_be_and_all_that_is_given_out(capacity: int) -> None:
    passages = planned(capacity=capacity)
    for number, passage in enumerate(passages):
        held = rows_held(passages, windows=WINDOWS, number=number)
        assert len(held) <= capacity
        assert set(passage.rows.tolist()) <= set(held.tolist())
        assert len(set(held.tolist())) == len(held)


def test_batches_mix_recordings() -> None:
    """With a buffer of ten recordings a batch of 32 has windows of many, and neighbours come apart."""
    windows = (50,) * 200
    rows = np.concatenate([p.rows for p in planned(windows=windows, capacity=1000, batch=32)])
    batches = rows[: len(rows) // 32 * 32].reshape(-1, 32) // 50
    met = [len(set(batch.tolist())) for batch in batches[20:-20]]
    assert np.mean(met) > 15
    assert np.mean(np.abs(np.diff(rows)) == 1) < 0.01


def test_seeds_give_orders() -> None:
    first, again, other = (np.concatenate([p.rows for p in planned(seed)]).tolist() for seed in (1, 1, 2))
    assert first == again != other


def test_a_recording_that_does_not_fit_half_the_buffer_is_an_error() -> None:
    with pytest.raises(ValueError, match="too small"):
        planned(capacity=59)
