"""A data set holds the valid windows of a cache, in memory or not, and refuses a cache that does not fit."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from equigait.cache.schema import Entry, Fingerprint, Segment
from equigait.cache.store import open_store
from equigait.cache.verify import drop
from equigait.cache.writer import commit
from equigait.data.clips import ClipSpec
from equigait.data.errors import BadInput
from equigait.data.recording import Bout, ClipGrid, Grid
from equigait.data.windows import WindowSpec, window_index
from equigait.pipeline.datasets.loading import (
    Recordings,
    load_windows,
    open_recordings,
    stored_windows,
    windows_of,
)
from equigait.pipeline.datasets.streams import MemoryStreams, StoredStreams, stream_bytes
from equigait.pipeline.datasets.window_dataset import digest_of
from equigait.pipeline.recipe import Recipe, load_recipe
from synthetic_corpus import synthetic_corpus

SITES = ("withers", "sacrum")
TEACHER = {"name": "videomae-demo", "weights_sha256": "ab" * 32, "dim": 4}


def segment_of(name: str, *, horse: str, seconds: float = 20.0, teacher: dict[str, object] | None = None) -> Segment:
    """A recording from 3 s of film time on; channel c of row r holds r + 1000 c, the last its name; walk, then trot."""
    rows = int(seconds * 50)
    imu = (np.arange(rows)[:, None] + 1000.0 * np.arange(12)).astype(np.float32)
    imu[-1] = -sum(name.encode())
    valid = np.ones((rows, 2), dtype=bool)
    valid[800:, 1] = False
    grid = Grid(start_seconds=3.0, rate_hz=50.0, sites=SITES, imu=imu, imu_valid=valid)
    start = np.arange(3.0, 3.0 + seconds / 2, 1.0)
    clips = ClipGrid(np.zeros((len(start), 16), np.int64), start, start + 2.0)
    bouts = (Bout(3.0, 10.5, "walk"), Bout(10.5, 40.0, "trot"))
    seen = np.zeros((0, 0), np.float16)
    if teacher:
        seen = (np.arange(len(start))[:, None] + np.array([0, 100, 200, 300])).astype(np.float16)
    return Segment(
        recording_id=name,
        horse=horse,
        grid=grid,
        clips=seen,
        clip_start_s=start if teacher else start[:0],
        clip_stop_s=start + 2.0 if teacher else start[:0],
        windows=window_index(grid, clips=clips if teacher else None, bouts=bouts, spec=WindowSpec()),
        labels=WindowSpec().labels,
        window_steps=250,
        fingerprint=Fingerprint(
            film_key=f"film-{name}-{teacher['weights_sha256']}" if teacher else "",
            sensor_key=f"sensors-{name}",
            teacher=teacher or {},
            clip_spec=ClipSpec().model_dump(mode="json") if teacher else {},
        ),
        purity=WindowSpec().purity,
    )


def recipe(*overrides: str) -> Recipe:
    return load_recipe("default", overrides=["teacher.name=videomae-demo", "grid.sites=[withers, sacrum]", *overrides])


def cache_of(folder: Path, *segments: Segment) -> Path:
    store = open_store(folder)
    for segment in segments:
        commit(store, segment)
    return folder


def test_windows_are_cut_from_the_stream_channel_by_channel(tmp_path: Path) -> None:
    corpus = load_windows(cache_of(tmp_path, segment_of("b", horse="x", teacher=TEACHER)), settings=recipe())
    assert corpus.imu.shape == (5, 12, 250)  # of seven windows the last two reach past row 800
    assert corpus.imu[[2]][0, 3, :4].tolist() == [3250, 3251, 3252, 3253]
    assert corpus.start_seconds.tolist() == [3.0, 5.5, 8.0, 10.5, 13.0]
    assert [corpus.classes[label] if label >= 0 else int(label) for label in corpus.label] == [
        "walk",
        "walk",
        -2,
        "trot",
        "trot",
    ]
    assert corpus.sites == SITES
    assert corpus.teacher == TEACHER


def test_film_is_the_mean_of_the_clips_inside_and_nan_where_there_are_none(tmp_path: Path) -> None:
    corpus = load_windows(cache_of(tmp_path, segment_of("b", horse="x", teacher=TEACHER)), settings=recipe())
    # Clips start at 3, 4, ... 12 s and last 2 s: inside [3, 8) lie those that start at 3, 4, 5 and 6.
    assert corpus.film[0].tolist() == pytest.approx([1.5, 101.5, 201.5, 301.5])
    assert corpus.film[3].tolist() == pytest.approx([8.5, 108.5, 208.5, 308.5])  # clips at 11 and 12 s (10.5 is none)
    assert corpus.has_film.tolist() == [True, True, True, True, False]
    assert bool(corpus.film[4].isnan().all())
    assert len(corpus.filmed()) == 4


def test_recordings_follow_in_order_of_their_ids_and_keep_horse_and_name(tmp_path: Path) -> None:
    cache = cache_of(
        tmp_path,
        segment_of("b", horse="x", teacher=TEACHER),
        segment_of("a", horse="y", seconds=6.0, teacher=TEACHER),
        segment_of("c", horse="x"),
    )
    corpus = load_windows(cache, settings=recipe())
    assert corpus.recording == ("a", *["b"] * 5, *["c"] * 5)
    assert corpus.horse == ("y", *["x"] * 10)
    assert corpus.horses == ("x", "y")
    assert corpus.of(["y"]).recording == ("a",)
    assert not corpus.has_film[6:].any()  # a recording of sensors alone stays, without film


def test_a_cache_of_sensors_alone_has_windows_and_no_film(tmp_path: Path) -> None:
    corpus = load_windows(cache_of(tmp_path, segment_of("c", horse="x")), settings=recipe())
    assert len(corpus) == 5
    assert corpus.film.shape == (5, 0)
    assert not corpus.has_film.any()
    assert corpus.teacher == {}


def test_taking_rows_keeps_everything_together() -> None:
    corpus = synthetic_corpus(horses=3, windows=4)
    chosen = corpus.take(torch.tensor([7, 1]))
    assert chosen.horse == ("h01", "h00")
    assert torch.equal(chosen.imu[:], corpus.imu[[7, 1]])
    assert torch.equal(chosen.film, corpus.film[[7, 1]])
    assert chosen.start_seconds.tolist() == [7.5, 2.5]
    assert corpus.of(["h02", "h00"]).horse == ("h00",) * 4 + ("h02",) * 4
    assert len(corpus.take(torch.zeros(12, dtype=torch.bool))) == 0


@pytest.mark.parametrize(
    ("overrides", "parts"),
    [
        (["teacher.name=videomae-base"], ["another teacher", "videomae-demo", "videomae-base"]),
        (["clips.rate_hz=5"], ["another teacher", "rate_hz=7.5", "rate_hz=5"]),
        (["grid.sites=[withers]"], ["grid.sites", "withers, sacrum"]),
        (["grid.sites=[sacrum, withers]"], ["grid.sites withers, sacrum", "sacrum, withers as in the recipe"]),
        (["grid.rate_hz=100"], ["grid.rate_hz 50.0"]),
        (["windows.steps=200"], ["windows.steps 250", "200"]),
        (["windows.hop_steps=50"], ["windows.hop_steps 125", "50"]),
        (["windows.labels=[walk, trot, canter]"], ["windows.labels stand, walk"]),
        (["windows.purity=0.7"], ["windows.purity 0.8", "0.7 as in the recipe"]),
    ],
)
def test_a_cache_that_does_not_fit_is_refused_with_what_differs(
    tmp_path: Path, overrides: list[str], parts: list[str]
) -> None:
    cache = cache_of(tmp_path, segment_of("b", horse="x", teacher=TEACHER))
    with pytest.raises(BadInput) as caught:
        load_windows(cache, settings=recipe(*overrides))
    assert all(part in str(caught.value) for part in parts), str(caught.value)
    assert str(tmp_path) in str(caught.value)


def test_a_cache_that_does_not_say_how_pure_its_windows_are_fits_any_purity(tmp_path: Path) -> None:
    silent = replace(segment_of("b", horse="x", teacher=TEACHER), purity=None)
    assert len(load_windows(cache_of(tmp_path, silent), settings=recipe("windows.purity=0.7")))


def test_other_weights_than_the_recipes_are_another_teacher(tmp_path: Path) -> None:
    weights = tmp_path / "weights"
    weights.mkdir()
    (weights / "model.safetensors").write_bytes(b"other")
    cache = cache_of(tmp_path / "cache", segment_of("b", horse="x", teacher=TEACHER))
    with pytest.raises(BadInput, match="another teacher"):
        load_windows(cache, settings=recipe(f"teacher.weights={weights}"))


def test_two_versions_of_a_teacher_never_mix(tmp_path: Path) -> None:
    other = TEACHER | {"weights_sha256": "cd" * 32}
    first, second = segment_of("a", horse="x", teacher=TEACHER), segment_of("b", horse="y", teacher=other)
    with pytest.raises(BadInput, match="2 versions of videomae-demo"):
        load_windows(cache_of(tmp_path, first, second), settings=recipe())


def test_of_two_teachers_the_recipes_is_taken(tmp_path: Path) -> None:
    other = TEACHER | {"name": "videomae-base", "weights_sha256": "cd" * 32}
    mine = segment_of("a", horse="x", teacher=TEACHER)
    theirs = replace(segment_of("a", horse="x", teacher=other), clips=mine.clips + np.float16(1))
    corpus = load_windows(cache_of(tmp_path, mine, theirs), settings=recipe())
    assert corpus.teacher == TEACHER
    torch.testing.assert_close(corpus.film, windows_of([mine]).film, equal_nan=True)


def relabelled(segment: Segment, *, name: str, horse: str) -> Segment:
    """The same ride under another name, with labels that came later."""
    later = replace(segment.fingerprint, sensor_key="another for other labels")
    return replace(segment, recording_id=name, horse=horse, fingerprint=later)


def test_one_ride_under_two_names_is_refused_until_one_is_dropped(tmp_path: Path) -> None:
    ride = segment_of("a", horse="x", teacher=TEACHER)
    cache = cache_of(tmp_path, ride, replace(ride, recording_id="copy", horse="y"))
    with pytest.raises(BadInput) as refused:
        load_windows(cache, settings=recipe())
    assert "found a (horse x) and copy (horse y) with the same film and the same sensor samples" in str(refused.value)
    assert f"`equigait-cli gc {cache} --drop a` or `--drop copy`" in refused.value.remedy
    drop(open_store(cache), ["copy"])
    assert load_windows(cache, settings=recipe()).horses == ("x",)


def test_other_labels_do_not_hide_that_two_recordings_are_one_ride(tmp_path: Path) -> None:
    ride = segment_of("a", horse="x", teacher=TEACHER)
    cache = cache_of(tmp_path, ride, relabelled(ride, name="b", horse="y"))
    with pytest.raises(BadInput, match=r"a \(horse x\) and b \(horse y\) with the same film"):
        load_windows(cache, settings=recipe())


def test_rides_without_film_are_told_apart_by_their_samples(tmp_path: Path) -> None:
    ride = segment_of("a", horse="x")
    cache = cache_of(tmp_path, ride, relabelled(ride, name="b", horse="x"))
    with pytest.raises(BadInput, match=r"with the same sensor samples"):
        load_windows(cache, settings=recipe())


def test_two_horses_in_one_film_are_two_rides(tmp_path: Path) -> None:
    one, other = (segment_of(name, horse=name, teacher=TEACHER) for name in ("a", "b"))
    shared = replace(other.fingerprint, film_key=one.fingerprint.film_key)
    cache = cache_of(tmp_path, one, replace(other, fingerprint=shared))
    assert load_windows(cache, settings=recipe()).horses == ("a", "b")


def test_an_empty_cache_is_refused(tmp_path: Path) -> None:
    open_store(tmp_path / "cache")
    with pytest.raises(BadInput, match="no committed recording"):
        load_windows(tmp_path / "cache", settings=recipe())


@pytest.mark.parametrize("memory_gib", [None, 1e-9])
def test_windows_read_on_demand_are_those_in_memory(tmp_path: Path, memory_gib: float | None) -> None:
    segments = [segment_of(name, horse=name, teacher=TEACHER) for name in ("a", "b", "c")]
    segments.append(segment_of("d", horse="x"))
    cache, expected = cache_of(tmp_path, *segments), windows_of(segments)
    found = load_windows(cache, settings=recipe(), memory_gib=memory_gib)
    assert isinstance(found.imu.streams, MemoryStreams if memory_gib is None else StoredStreams)
    rows = torch.tensor([17, 3, 0, 3])
    torch.testing.assert_close(found.imu[:], expected.imu[:], rtol=0, atol=0)
    torch.testing.assert_close(found.take(rows).imu[1:], expected.imu[rows[1:]], rtol=0, atol=0)
    torch.testing.assert_close(found.film[:], expected.film[:], rtol=0, atol=0, equal_nan=True)
    torch.testing.assert_close(found.take(rows).film[:], expected.film[rows], rtol=0, atol=0, equal_nan=True)
    blind, nothing = found.without_film(), expected.without_film()
    assert torch.equal(blind.film[:], nothing.film[:])
    assert digest_of(found) == digest_of(expected)
    assert (found.recording, found.label.tolist()) == (expected.recording, expected.label.tolist())
    assert torch.equal(found.has_film, expected.has_film)


def test_recordings_read_on_demand_are_kept_up_to_a_bound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names = ("a", "b", "c", "d")
    cache = cache_of(tmp_path, *(segment_of(name, horse=name) for name in names))
    read: list[str] = []
    one = Recordings.read

    def counted(self: Recordings, entry: Entry, *, sensors: bool = True) -> Segment:
        read.append(entry.recording_id)
        return one(self, entry, sensors=sensors)

    monkeypatch.setattr(Recordings, "read", counted)
    room = 2 * stream_bytes(1000, channels=12)
    windows = stored_windows(open_recordings(cache, settings=recipe()), most_bytes=room)
    for number in (0, 1, 0, 1, 2, 1, 0):
        windows.imu[5 * number : 5 * number + 2]
    assert read == ["a", "b", "c", "a"]


def test_a_window_is_cut_from_a_stream_that_is_held_once() -> None:
    windows = windows_of([segment_of("a", horse="x")])
    streams = windows.imu.streams
    assert isinstance(streams, MemoryStreams)
    assert streams.imu.shape == (12, 1000)
    assert len(windows) * 250 > 1000  # they overlap
    assert windows.take(torch.tensor([1, 2])).imu.streams is streams
