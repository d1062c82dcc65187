"""Batches are a pure function of seed and step, and know which of their windows share film."""

from dataclasses import replace

import pytest
import torch
from equigait.pipeline.datasets.batches import Batches, BatchSettings, overlapping
from equigait.pipeline.datasets.window_dataset import WindowDataset
from synthetic_corpus import synthetic_corpus

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def corpus() -> WindowDataset:
    return synthetic_corpus(horses=3, windows=7)


def batches(corpus: WindowDataset, *, batch: int = 5, seed: int = 0) -> Batches:
    settings = BatchSettings(batch=batch, seed=seed, window_seconds=5.0, device=CPU)
    return Batches(corpus, settings=settings)


def test_an_epoch_sees_each_window_once_and_the_next_in_another_order(corpus: WindowDataset) -> None:
    source = batches(corpus)
    seen = [torch.cat([source.rows(4 * epoch + step) for step in range(4)]).tolist() for epoch in range(2)]
    assert source.steps_per_epoch == 4
    assert all(len(set(epoch)) == 20 for epoch in seen)
    assert seen[0] != seen[1]


def test_a_step_draws_the_same_whatever_was_drawn_before(corpus: WindowDataset) -> None:
    forward, backward = batches(corpus), batches(corpus)
    ahead = [forward.rows(step).tolist() for step in range(12)]
    assert [backward.rows(step).tolist() for step in reversed(range(12))] == ahead[::-1]
    assert batches(corpus, seed=1).rows(0).tolist() != ahead[0]


def test_sensors_and_film_of_a_row_belong_together(corpus: WindowDataset) -> None:
    source = batches(corpus)
    rows, batch = source.rows(2), source.draw(2)
    assert torch.equal(batch.imu, corpus.imu[rows])
    assert torch.equal(batch.film, corpus.film[rows])
    names = [f"h{number:02d}-ride" for number in batch.recording.tolist()]
    assert names == [corpus.recording[row] for row in rows]


def test_a_recording_mean_is_the_mean_of_its_film_features(corpus: WindowDataset) -> None:
    torch.testing.assert_close(batches(corpus).recording_means, corpus.film.reshape(3, 7, -1).mean(1))


def test_a_small_training_set_makes_one_batch_of_all(corpus: WindowDataset) -> None:
    source = batches(corpus, batch=256)
    assert source.batch == 21
    assert sorted(source.rows(0).tolist()) == sorted(source.rows(1).tolist()) == list(range(21))


def test_windows_share_film_when_they_start_less_than_a_window_apart_in_one_recording() -> None:
    recording = torch.tensor([0, 0, 0, 0, 1])
    start = torch.tensor([0.0, 2.5, 5.0, 7.4, 2.5], dtype=torch.float64)
    expected = torch.zeros(5, 5, dtype=torch.bool)
    for first, second in ((0, 1), (1, 2), (2, 3), (1, 3)):  # 0 to 5 s and 5 to 10 s only touch
        expected[first, second] = expected[second, first] = True
    assert torch.equal(overlapping(recording, start, window_seconds=5.0), expected)


def test_touching_windows_stay_apart_at_times_that_floats_cannot_hold() -> None:
    start = torch.tensor([1e9 + 0.1, 1e9 + 5.1], dtype=torch.float64)
    assert not overlapping(torch.zeros(2, dtype=torch.int64), start, window_seconds=5.0).any()


def test_a_batch_marks_its_own_overlaps(corpus: WindowDataset) -> None:
    source = batches(corpus, batch=21)
    rows, batch = source.rows(0).tolist(), source.draw(0)
    for i, first in enumerate(rows):
        for j, second in enumerate(rows):
            neighbours = corpus.recording[first] == corpus.recording[second] and abs(first - second) == 1
            assert bool(batch.overlap[i, j]) == neighbours


def test_windows_without_film_make_no_batch(corpus: WindowDataset) -> None:
    with pytest.raises(ValueError, match="film"):
        batches(replace(corpus, has_film=torch.zeros(21, dtype=torch.bool)))
