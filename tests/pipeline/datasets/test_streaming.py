"""Past memory the same windows are learned from, at the same steps whatever was cut off, in bounded memory."""

from collections import Counter
from pathlib import Path

import pytest
import torch
from equigait.data.errors import BadInput
from equigait.pipeline.datasets.batches import Batches
from equigait.pipeline.datasets.streaming import GIB, Shards, exceeds_memory, survey, window_bytes
from equigait.pipeline.datasets.streaming_batches import ShardBatches
from equigait.pipeline.datasets.window_dataset import Recordings, load_corpus, open_recordings
from equigait.pipeline.pretrain import pretrain
from equigait.pipeline.recipe import Recipe
from equigait.pipeline.training.run import Run, read_rows
from equigait.pipeline.training.trainer import Launched, Trainer
from rides import HORSES, ride_cache, ride_recipe

CPU = torch.device("cpu")
WINDOW = window_bytes(ride_recipe(), dim=24)
RIDE = 23
"""Windows of a ride of a minute: 161 of seven horses."""


def recipe_for(windows: int, *overrides: str) -> Recipe:
    """The small recipe with memory for so many windows."""
    return ride_recipe(f"train.memory_gib={(windows + 0.5) * WINDOW / GIB}", "train.batch=16", *overrides)


def shards_of(recipe: Recipe) -> Shards:
    return survey(open_recordings(ride_cache(), recipe=recipe))[0]


def batches_of(shards: Shards, *, jitter_steps: int = 0) -> ShardBatches:
    return ShardBatches(shards, batch=16, seed=0, window_seconds=5.0, device=CPU, jitter_steps=jitter_steps)


def told(imu: torch.Tensor) -> Counter[bytes]:
    return Counter(window.numpy().tobytes() for window in imu)


def test_a_cache_is_read_into_memory_up_to_the_limit_and_not_beyond() -> None:
    for windows, expected in ((7 * RIDE, False), (7 * RIDE - 1, True)):
        assert exceeds_memory(open_recordings(ride_cache(), recipe=recipe_for(windows))) == expected
    assert not exceeds_memory(open_recordings(ride_cache(), recipe=ride_recipe()))


def test_a_survey_finds_what_the_corpus_holds() -> None:
    shards, horses = survey(open_recordings(ride_cache(), recipe=recipe_for(60)))
    corpus = load_corpus(ride_cache(), recipe=ride_recipe())
    assert (shards.capacity, len(shards), horses) == (60, len(corpus), HORSES)
    looks = Batches(corpus, batch=8, seed=0, window_seconds=5.0, device=CPU).looks
    torch.testing.assert_close(shards.looks, looks)
    assert set(shards.sample.horse) == set(HORSES)
    assert len(shards.sample) <= 60
    assert told(shards.sample.imu) <= told(corpus.imu)
    some = shards.of(("h1", "h2"))
    assert [shard.horse for shard in some.shards] == ["h1", "h2"]
    assert told(some.read(1).imu) == told(corpus.of(("h2",)).imu)


def test_an_epoch_gives_every_window_once_with_its_own_film_and_the_next_in_another_order() -> None:
    shards = shards_of(recipe_for(60))
    corpus, batches = load_corpus(ride_cache(), recipe=ride_recipe()), batches_of(shards)
    film = {window.numpy().tobytes(): row for row, window in enumerate(corpus.imu)}
    assert batches.steps_per_epoch == 161 // 16
    orders = []
    for epoch in range(2):
        drawn = [batches.draw(epoch * 10 + step) for step in range(10)]
        seen = told(torch.cat([batch.imu for batch in drawn]))
        assert set(seen.values()) == {1}
        assert seen <= told(corpus.imu)
        rows = [film[window.numpy().tobytes()] for batch in drawn for window in batch.imu]
        torch.testing.assert_close(torch.cat([batch.film for batch in drawn]), corpus.film[rows])
        recordings = [number for batch in drawn for number in batch.recording.tolist()]
        assert [HORSES[number] for number in recordings] == [corpus.horse[row] for row in rows]
        orders.append(rows)
    assert orders[0] != orders[1]
    planned = [row for step in range(10) for row in batches.rows_of_step(step).tolist()]
    assert planned == orders[0]


@pytest.mark.parametrize("jitter_steps", [0, 12])
def test_a_step_draws_the_same_whatever_was_drawn_before(jitter_steps: int) -> None:
    shards = shards_of(recipe_for(60, f"augment.jitter_steps={jitter_steps}"))
    ahead = batches_of(shards, jitter_steps=jitter_steps)
    in_turn = [ahead.draw(step) for step in range(20)]
    for step in (13, 4, 19, 0):
        alone = batches_of(shards, jitter_steps=jitter_steps).draw(step)
        for name, value in vars(in_turn[step]).items():
            assert torch.equal(getattr(alone, name), value), name


def test_each_recording_is_read_once_an_epoch_and_the_buffer_keeps_its_size(monkeypatch: pytest.MonkeyPatch) -> None:
    shards, read = shards_of(recipe_for(60)), Shards.read
    numbers: list[int] = []

    def counted(self: Shards, number: int) -> object:
        numbers.append(number)
        return read(self, number)

    monkeypatch.setattr(Shards, "read", counted)
    batches = batches_of(shards)
    storage = batches.held.imu.imu.data_ptr()
    for step in range(10):
        batches.draw(step)
    assert sorted(numbers) == list(range(7))
    assert batches.held.imu.imu.shape == (60, 12, 250)
    assert batches.held.imu.imu.data_ptr() == storage


def test_too_little_memory_for_a_recording_is_refused_with_what_is_needed() -> None:
    with pytest.raises(BadInput, match=r"room for 40 windows, and a recording of 23.*train\.memory_gib="):
        batches_of(shards_of(recipe_for(40)))


def test_a_queue_needs_all_windows_in_memory(tmp_path: Path) -> None:
    recipe = recipe_for(60, "objective={name: queue, size: 8}")
    with pytest.raises(BadInput, match=r"a queue of 8 films, and more windows than train\.memory_gib allows"):
        pretrain(ride_cache(), run=tmp_path / "run", recipe=recipe)


def test_a_cache_that_changes_meanwhile_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    batches = batches_of(shards_of(recipe_for(60)))
    read = Recordings.read

    def shorter(self: Recordings, entry: object) -> object:
        segment = read(self, entry)
        segment.windows.valid[0] = False
        return segment

    monkeypatch.setattr(Recordings, "read", shorter)
    with pytest.raises(BadInput, match="other windows than when the run began"):
        batches.draw(0)


def test_pretraining_past_memory_learns_and_resumes_to_the_last_bit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = recipe_for(60, "train.steps=40", "train.save_every=9")
    whole = Run(pretrain(ride_cache(), run=tmp_path / "whole", recipe=recipe))
    losses = [row["loss"] for row in read_rows(whole)]
    assert sum(losses[-5:]) < 0.7 * sum(losses[:5])
    assert read_rows(whole)[-1]["validation"] is not None
    launch = Trainer.launch

    def failing(self: Trainer, number: int) -> Launched:
        if number == 23:
            raise KeyboardInterrupt
        return launch(self, number)

    monkeypatch.setattr(Trainer, "launch", failing)
    with pytest.raises(KeyboardInterrupt):
        pretrain(ride_cache(), run=tmp_path / "cut", recipe=recipe)
    monkeypatch.setattr(Trainer, "launch", launch)
    cut = Run(pretrain(ride_cache(), run=tmp_path / "cut", recipe=recipe))
    for mine, theirs in ((cut.log, whole.log), (cut.last, whole.last), (cut.checkpoint, whole.checkpoint)):
        assert mine.read_bytes() == theirs.read_bytes()


def test_the_sample_that_stays_in_memory_is_bounded_however_large_the_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("equigait.pipeline.datasets.streaming.SAMPLE_WINDOWS", 20)
    shards, _ = survey(open_recordings(ride_cache(), recipe=recipe_for(60)))
    assert len(HORSES) <= len(shards.sample) <= 20
