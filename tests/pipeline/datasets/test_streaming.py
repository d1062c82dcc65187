"""Past memory the same windows are trained on, at the same steps whatever was cut off, in bounded memory."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from cut_off import cut_off_at
from equigait.cache.schema import Entry
from equigait.data.errors import BadInput
from equigait.pipeline.datasets.batches import Batches, BatchSettings
from equigait.pipeline.datasets.loading import GIB, Recordings, exceeds_memory, load_windows, open_recordings
from equigait.pipeline.datasets.streaming import (
    BUFFER_SHARE,
    StreamingDataset,
    TrainingNeeds,
    drawn_evenly,
    index_recordings,
    window_bytes,
)
from equigait.pipeline.datasets.streaming_batches import StreamingBatches
from equigait.pipeline.datasets.streams import MemoryStreams
from equigait.pipeline.datasets.training_set import open_training_set
from equigait.pipeline.pretrain import pretrain
from equigait.pipeline.recipe import Recipe
from equigait.pipeline.training.run import Run, read_rows
from rides import HORSES, ride_cache, ride_recipe

CPU = torch.device("cpu")
RIDE = 23
"""Windows of a ride of a minute: 161 of seven horses."""


def recipe_for(capacity: int, *overrides: str) -> Recipe:
    """The small recipe with memory for a buffer of so many windows."""
    recipe = ride_recipe(*overrides)
    recordings = open_recordings(ride_cache(), settings=recipe)
    window = window_bytes(recordings, jitter_steps=recipe.augment.jitter_steps)
    memory_gib = (capacity + 0.5) * window / BUFFER_SHARE / GIB
    return ride_recipe(f"train.memory_gib={memory_gib}", "train.batch=16", *overrides)


def needs_of(recipe: Recipe) -> TrainingNeeds:
    return TrainingNeeds(True, recipe.train.memory_gib, jitter_steps=recipe.augment.jitter_steps)


def dataset_of(recipe: Recipe) -> StreamingDataset:
    return index_recordings(open_recordings(ride_cache(), settings=recipe), needs=needs_of(recipe))[0]


def settings_of(*, batch: int = 16, jitter_steps: int = 0) -> BatchSettings:
    return BatchSettings(batch=batch, seed=0, window_seconds=5.0, device=CPU, jitter_steps=jitter_steps)


def batches_of(dataset: StreamingDataset, *, jitter_steps: int = 0) -> StreamingBatches:
    return StreamingBatches(dataset, settings=settings_of(jitter_steps=jitter_steps))


@pytest.fixture
def past_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """A cache as small as this one would not be streamed: a buffer for its rides takes more than it does."""
    monkeypatch.setattr("equigait.pipeline.datasets.training_set.exceeds_memory", lambda *_, **__: True)


def contents(imu: torch.Tensor) -> Counter[bytes]:
    return Counter(window.numpy().tobytes() for window in imu)


def test_a_cache_is_read_into_memory_up_to_the_limit_and_not_beyond() -> None:
    recordings = open_recordings(ride_cache(), settings=ride_recipe())
    taken = 7 * 3000 * (12 * 4 + 1) + 161 * 24 * 4 * 2  # rows of streams and their validity, features twice
    assert not exceeds_memory(recordings, memory_gib=taken / GIB)
    assert exceeds_memory(recordings, memory_gib=(taken - 1) / GIB)


def test_the_index_finds_what_memory_would_hold() -> None:
    recipe = recipe_for(60)
    dataset, horses = index_recordings(open_recordings(ride_cache(), settings=recipe), needs=needs_of(recipe))
    windows = load_windows(ride_cache(), settings=ride_recipe())
    assert (dataset.capacity, len(dataset), horses) == (60, len(windows), HORSES)
    means = Batches(windows, settings=settings_of(batch=8)).recording_means
    torch.testing.assert_close(dataset.recording_means, means)
    assert set(dataset.sample.horse) == set(HORSES)
    assert len(dataset.sample) <= 60
    assert contents(dataset.sample.imu[:]) <= contents(windows.imu[:])
    some = dataset.of(("h1", "h2"))
    assert [recording.horse for recording in some.recordings] == ["h1", "h2"]
    assert contents(some.read(1).imu[:]) == contents(windows.of(("h2",)).imu[:])


def test_an_epoch_gives_every_window_once_with_its_own_film_and_the_next_in_another_order() -> None:
    dataset = dataset_of(recipe_for(60))
    corpus, batches = load_windows(ride_cache(), settings=ride_recipe()), batches_of(dataset)
    film = {window.numpy().tobytes(): row for row, window in enumerate(corpus.imu[:])}
    assert batches.steps_per_epoch == 161 // 16
    orders = []
    for epoch in range(2):
        drawn = [batches.draw(epoch * 10 + step) for step in range(10)]
        seen = contents(torch.cat([batch.imu for batch in drawn]))
        assert set(seen.values()) == {1}
        assert seen <= contents(corpus.imu[:])
        rows = [film[window.numpy().tobytes()] for batch in drawn for window in batch.imu]
        torch.testing.assert_close(torch.cat([batch.film for batch in drawn]), corpus.film[rows])
        recordings = [number for batch in drawn for number in batch.recording.tolist()]
        assert [HORSES[number] for number in recordings] == [corpus.horse[row] for row in rows]
        orders.append(rows)
    assert orders[0] != orders[1]


@pytest.mark.parametrize("jitter_steps", [0, 12])
def test_a_step_draws_the_same_whatever_was_drawn_before(jitter_steps: int) -> None:
    dataset = dataset_of(recipe_for(60, f"augment.jitter_steps={jitter_steps}"))
    ahead = batches_of(dataset, jitter_steps=jitter_steps)
    in_turn = [ahead.draw(step) for step in range(20)]
    for step in (13, 4, 19, 0):
        alone = batches_of(dataset, jitter_steps=jitter_steps).draw(step)
        for name, value in vars(in_turn[step]).items():
            assert torch.equal(getattr(alone, name), value), name


def test_each_recording_is_read_once_an_epoch_and_the_buffer_keeps_its_size(monkeypatch: pytest.MonkeyPatch) -> None:
    dataset, read = dataset_of(recipe_for(60)), StreamingDataset.read
    numbers: list[int] = []

    def counted(self: StreamingDataset, number: int) -> object:
        numbers.append(number)
        return read(self, number)

    monkeypatch.setattr(StreamingDataset, "read", counted)
    batches = batches_of(dataset)
    storage = batches.buffer.imu.streams.imu.data_ptr()
    for step in range(10):
        batches.draw(step)
    assert sorted(numbers) == list(range(7))
    assert batches.buffer.imu.shape == (60, 12, 250)
    assert batches.buffer.imu.streams.imu.data_ptr() == storage


def test_too_little_memory_for_a_recording_is_refused_with_what_is_needed() -> None:
    with pytest.raises(
        BadInput, match=r"room for 40 windows in the shuffle buffer, and a recording of 23.*train\.memory_gib="
    ):
        batches_of(dataset_of(recipe_for(40)))


@pytest.mark.usefixtures("past_memory")
def test_a_queue_needs_all_windows_in_memory(tmp_path: Path) -> None:
    recipe = recipe_for(60, "objective={name: queue, size: 8}")
    with pytest.raises(BadInput, match=r"a queue of 8 films, and more windows than train\.memory_gib allows"):
        pretrain(ride_cache(), run=tmp_path / "run", recipe=recipe)


@pytest.mark.usefixtures("past_memory")
def test_pretraining_past_memory_learns_and_resumes_to_the_last_bit(tmp_path: Path) -> None:
    recipe = recipe_for(60, "train.steps=40", "train.save_every=9")
    whole = Run(pretrain(ride_cache(), run=tmp_path / "whole", recipe=recipe))
    losses = [row["loss"] for row in read_rows(whole)]
    assert sum(losses[-5:]) < 0.7 * sum(losses[:5])
    assert read_rows(whole)[-1]["validation"] is not None
    with cut_off_at(23):
        pretrain(ride_cache(), run=tmp_path / "cut", recipe=recipe)
    cut = Run(pretrain(ride_cache(), run=tmp_path / "cut", recipe=recipe))
    for mine, theirs in ((cut.log, whole.log), (cut.last, whole.last), (cut.checkpoint, whole.checkpoint)):
        assert mine.read_bytes() == theirs.read_bytes()


def test_the_sample_that_stays_in_memory_is_bounded_however_large_the_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("equigait.pipeline.datasets.streaming.SAMPLE_WINDOWS", 20)
    assert len(HORSES) <= len(dataset_of(recipe_for(60)).sample) <= 20


def test_a_sample_has_one_window_of_every_stretch_and_all_where_there_are_few() -> None:
    rows = drawn_evenly(160, most=16, seed=0)
    assert (rows // 10).tolist() == list(range(16))
    assert rows.tolist() != drawn_evenly(160, most=16, seed=1).tolist()
    assert drawn_evenly(5, most=16, seed=0).tolist() == [0, 1, 2, 3, 4]
    uneven = drawn_evenly(1000, most=999, seed=0)
    assert uneven.tolist() == sorted(set(uneven.tolist()))
    assert 0 <= uneven[0] <= uneven[-1] < 1000


def test_sensors_are_read_of_the_recordings_that_the_sample_falls_on_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LEAST_SAMPLE", "SAMPLE_WINDOWS"):
        monkeypatch.setattr(f"equigait.pipeline.datasets.streaming.{name}", 3)
    read, whole = Recordings.read, []

    def counted(self: Recordings, entry: Entry, *, sensors: bool = True) -> object:
        whole.extend([entry.recording_id] * sensors)
        return read(self, entry, sensors=sensors)

    monkeypatch.setattr(Recordings, "read", counted)
    dataset = dataset_of(recipe_for(60))
    assert len(dataset.sample) == 3
    assert sorted(whole) == sorted(set(dataset.sample.recording))


def test_the_digest_is_of_what_is_stored() -> None:
    recordings, needs = open_recordings(ride_cache(), settings=ride_recipe()), needs_of(recipe_for(60))
    digest = index_recordings(recordings, needs=needs)[0].digest
    assert index_recordings(recordings, needs=replace(needs, seed=7))[0].digest == digest
    first, *others = recordings.entries
    stored_otherwise = replace(first, listing=";".join(reversed(first.listing.split(";"))))
    other = replace(recordings, entries=(stored_otherwise, *others))
    assert index_recordings(other, needs=needs)[0].digest != digest


@pytest.mark.parametrize("most", [10, 4096])
def test_the_same_windows_choose_the_checkpoint_in_memory_and_past_it(
    most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("equigait.pipeline.datasets.training_set.MOST_VALIDATION", most)
    recipe = recipe_for(160)
    needs, run = needs_of(recipe), Path("run")
    held = open_training_set(ride_cache(), settings=recipe, needs=replace(needs, memory_gib=1.0), run=run)
    monkeypatch.setattr("equigait.pipeline.datasets.training_set.exceeds_memory", lambda *_, **__: True)
    streamed = open_training_set(ride_cache(), settings=recipe, needs=needs, run=run)
    mine, theirs = streamed.validation, held.validation
    assert len(mine) == min(most, RIDE)
    assert torch.equal(mine.imu[:], theirs.imu[:])
    assert torch.equal(mine.film, theirs.film[:])
    assert torch.equal(mine.start_seconds, theirs.start_seconds)
    assert isinstance(mine.imu.streams, MemoryStreams)  # a validation reads nothing
    assert bool((mine.start_seconds.diff() > 0).all())


def test_jittered_windows_past_memory_are_those_that_memory_would_jitter() -> None:
    recipe = recipe_for(200, "augment.jitter_steps=12")
    streamed = batches_of(dataset_of(recipe), jitter_steps=12)
    windows = load_windows(ride_cache(), settings=ride_recipe())
    held = Batches(windows, settings=settings_of(jitter_steps=12)).buffer
    streamed.draw(0)
    slots = torch.from_numpy(streamed._slot_of_row.astype("int64"))  # the buffer holds all windows of the cache
    mine = streamed.buffer
    assert torch.equal(mine.earlier[slots], held.earlier)
    assert torch.equal(mine.later[slots], held.later)
    rows = torch.arange(len(windows))
    for shift in (-held.earlier, held.later):
        assert torch.equal(mine.imu.cut(slots, shift=shift), held.imu.cut(rows, shift=shift))


def test_batches_made_ready_a_step_ahead_are_those_made_when_asked_for() -> None:
    dataset, most = dataset_of(recipe_for(60, "augment.jitter_steps=12")), 12
    settings = replace(settings_of(jitter_steps=12), steps=most)
    asked, ahead = (StreamingBatches(dataset, settings=replace(settings, steps=steps)) for steps in (0, most))
    begun: list[int] = []
    rows = ahead.rows

    def noting(step: int) -> torch.Tensor:
        begun.append(step)
        return rows(step)

    ahead.rows = noting  # type: ignore[method-assign]
    for step in (*range(5), 9, 10, 11, 3):  # in turn, after a jump, to the end, and back
        one, other = ahead.draw(step), asked.draw(step)
        for name in ("imu", "film", "recording", "overlap"):
            assert torch.equal(getattr(one, name), getattr(other, name)), (step, name)
    ahead.draw(4)  # waits for what lies ready
    assert begun[:6] == [0, 1, 2, 3, 4, 5]
    assert max(begun) == most - 1  # nothing is read for a step that never comes


def test_what_cannot_be_read_a_step_ahead_is_refused_when_that_step_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    batches = StreamingBatches(dataset_of(recipe_for(60)), settings=replace(settings_of(), steps=9))
    rows = batches.rows

    def damaged(step: int) -> torch.Tensor:
        if step == 2:
            raise BadInput("ride", found="a damaged segment", expected="a whole one", remedy="Extract it again.")
        return rows(step)

    monkeypatch.setattr(batches, "rows", damaged)
    batches.draw(0)
    batches.draw(1)
    with pytest.raises(BadInput, match="a damaged segment"):
        batches.draw(2)
