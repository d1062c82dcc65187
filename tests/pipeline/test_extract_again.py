"""Phase one run again: what is left alone, pooled anew, looked at anew, and what is told of the rest."""

import os
import shutil
from pathlib import Path
from unittest.mock import Mock

import numpy as np
import pytest
import yaml
from checkpoints import write_checkpoint
from equigait.cache import change_index
from equigait.cache.reader import committed
from equigait.cache.store import open_store
from equigait.cache.verify import drop, repair, verify
from equigait.data.clips import ClipSpec
from equigait.pipeline.extract_teacher import ExtractionSummary, extract_teacher
from equigait.pipeline.extraction import change_detector
from equigait.pipeline.extraction import recording as phase
from equigait.pipeline.recipe import Recipe
from phase_one import IDS, edit_manifest, forbid_teacher, run, segments


def test_a_second_run_changes_nothing_and_loads_no_teacher(
    data: Path, recipe: Recipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(data, recipe)
    forbid_teacher(monkeypatch)
    assert run(data, recipe) == ExtractionSummary(cache=str(data / "cache"), unchanged=IDS)


def test_files_that_lie_untouched_are_not_even_read_again(
    data: Path, recipe: Recipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(change_index, "SETTLED_SECONDS", 0.0)
    run(data, recipe)
    monkeypatch.setattr(phase, "load_recording", Mock(side_effect=AssertionError("a recording was read")))
    assert run(data, recipe).unchanged == IDS
    touched = data / IDS[1] / "film.mp4"
    touched.write_bytes(touched.read_bytes())
    assert [name for name, _ in run(data, recipe).failed] == [IDS[1]]  # read again, which this test forbids


def test_other_bytes_under_an_old_date_are_noticed(data: Path, recipe: Recipe, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(change_index, "SETTLED_SECONDS", 0.0)
    run(data, recipe)
    film = data / IDS[0] / "film.mp4"
    dates, whole = film.stat(), bytearray(film.read_bytes())
    whole[len(whole) // 2] ^= 1
    film.write_bytes(whole)
    os.utime(film, ns=(dates.st_atime_ns, dates.st_mtime_ns))
    assert film.stat().st_size == dates.st_size
    assert IDS[0] not in run(data, recipe).unchanged


@pytest.mark.parametrize("change", ["windows", "teacher", "cache", "code"])
def test_what_is_remembered_counts_for_nothing_once_something_else_is_new(
    data: Path, recipe: Recipe, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, change: str
) -> None:
    monkeypatch.setattr(change_index, "SETTLED_SECONDS", 0.0)
    run(data, recipe)
    expected = {"windows": "repooled", "teacher": "extracted", "cache": "extracted", "code": "unchanged"}[change]
    if change == "windows":
        recipe = recipe.model_copy(update={"windows": recipe.windows.model_copy(update={"hop_steps": 50})})
    elif change == "teacher":
        weights = write_checkpoint(tmp_path / "tuned", fine_tuned=True)
        recipe = recipe.model_copy(update={"teacher": recipe.teacher.model_copy(update={"weights": str(weights)})})
    elif change == "cache":
        shutil.rmtree(data / "cache" / "man")
    else:
        monkeypatch.setattr(change_detector, "LIBRARIES", ())
    read = Mock(side_effect=phase.load_recording)
    monkeypatch.setattr(phase, "load_recording", read)
    assert getattr(run(data, recipe), expected) == IDS
    assert read.call_count == len(IDS)


def test_new_labels_or_another_clock_are_pooled_anew_without_the_teacher(
    data: Path, recipe: Recipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(data, recipe)
    before = segments(data)
    (data / IDS[0] / "labels.csv").write_text("start,end,label\n0.0,11.9,stand\n")
    edit_manifest(data, IDS[1], clock={"origin": "by-hand", "offset_seconds": 0.25})
    forbid_teacher(monkeypatch)
    summary = run(data, recipe)
    assert (summary.repooled, summary.unchanged) == (IDS[:2], IDS[2:])
    after = segments(data)
    assert set(after) == set(IDS)
    assert (after[IDS[0]].windows.label == recipe.windows.labels.index("stand")).all()
    np.testing.assert_array_equal(after[IDS[1]].clips, before[IDS[1]].clips)
    assert after[IDS[1]].grid.start_seconds != before[IDS[1]].grid.start_seconds


def test_a_corrected_horse_reaches_the_cache_without_the_teacher(
    data: Path, recipe: Recipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(change_index, "SETTLED_SECONDS", 0.0)
    run(data, recipe)
    before = segments(data)[IDS[1]]
    edit_manifest(data, IDS[1], horse="Vala")
    forbid_teacher(monkeypatch)
    summary = run(data, recipe)
    assert (summary.repooled, summary.unchanged) == (IDS[1:2], (IDS[0], IDS[2]))
    after = segments(data)
    assert [after[name].horse for name in IDS] == ["h000", "Vala", "h002"]
    np.testing.assert_array_equal(after[IDS[1]].clips, before.clips)
    assert run(data, recipe).unchanged == IDS


def test_another_map_of_labels_and_another_id_are_pooled_anew_without_the_teacher(
    data: Path, recipe: Recipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(change_index, "SETTLED_SECONDS", 0.0)
    run(data, recipe)
    names = dict.fromkeys(recipe.windows.labels, "stand")
    told = yaml.safe_load((data / IDS[0] / "recording.yaml").read_text())["labels"]
    edit_manifest(data, IDS[0], labels=told | {"map": names})
    edit_manifest(data, IDS[1], id="renamed")
    forbid_teacher(monkeypatch)
    assert run(data, recipe).repooled == (IDS[0], "renamed")
    after = segments(data)
    assert set(after[IDS[0]].windows.label.tolist()) <= {recipe.windows.labels.index("stand"), -1}
    assert set(after) == {*IDS, "renamed"}  # what went by the old name stays until it is dropped


def test_another_film_or_another_clip_spec_is_looked_at_anew(data: Path, recipe: Recipe) -> None:
    run(data, recipe)
    shutil.copy(data / IDS[1] / "film.mp4", data / IDS[0] / "film.mp4")
    assert run(data, recipe).repooled == IDS[:1]  # the teacher has seen this very film, in another recording
    finer = recipe.model_copy(update={"clips": ClipSpec(hop_frames=4)})
    summary = run(data, finer)
    assert len(summary.repooled) == 1  # one of the two with this film, whichever came second
    assert set(summary.extracted) | set(summary.repooled) == set(IDS)
    assert IDS[2] in summary.extracted


def test_what_the_data_has_no_more_is_told_with_the_way_out(
    data: Path, recipe: Recipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(change_index, "SETTLED_SECONDS", 0.0)
    assert "not in DATA" not in str(run(data, recipe))
    edit_manifest(data, IDS[2], id="renamed")
    shutil.rmtree(data / IDS[1])
    cache, summary = data / "cache", run(data, recipe)
    assert summary.orphaned == IDS[1:]
    told = f"in the cache, and not in DATA: {IDS[1]}, {IDS[2]} (equigait-cli gc {cache} --drop RECORDING takes one out)"
    assert str(summary).splitlines()[-1] == told
    drop(open_store(cache), IDS[1:2])
    told = f"in the cache, and not in DATA: {IDS[2]} (equigait-cli gc {cache} --drop {IDS[2]} takes it out)"
    assert str(run(data, recipe)).splitlines()[-1] == told
    drop(open_store(cache), IDS[2:])
    assert run(data, recipe).orphaned == ()


def test_nothing_is_called_foreign_while_a_manifest_cannot_be_read_or_is_the_only_one_asked_for(
    data: Path, recipe: Recipe
) -> None:
    edit_manifest(data, IDS[1], id="of its own")
    run(data, recipe)
    edit_manifest(data, IDS[1], sensors=3)
    assert run(data, recipe).orphaned == ()
    one = extract_teacher(data / IDS[0] / "recording.yaml", cache=data / "cache", recipe=recipe)
    assert (one.unchanged, one.orphaned) == (IDS[:1], ())


def test_damaged_recordings_are_made_anew_once_they_were_repaired(data: Path, recipe: Recipe) -> None:
    run(data, recipe)
    store = open_store(data / "cache")
    broken, lost, _ = committed(store)
    store.delete(broken.objects[0].path)
    store.put(lost.path, b"")
    repair(store, verify(store))
    summary = run(data, recipe)
    assert (summary.extracted, summary.unchanged) == (IDS[:2], IDS[2:])
    assert {fault.kind for fault in verify(store)} == {"orphan"}


def test_after_an_interruption_the_next_run_does_only_the_rest(
    data: Path, recipe: Recipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    embed, calls = phase.embed_video, []

    def interrupted(*args: object, **options: object) -> np.ndarray:
        calls.append(1)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return embed(*args, **options)

    monkeypatch.setattr(phase, "embed_video", interrupted)
    with pytest.raises(KeyboardInterrupt):
        run(data, recipe)
    done = set(segments(data)) if (data / "cache" / "man").exists() else set()
    assert len(done) < len(IDS)
    summary = run(data, recipe)
    assert set(summary.unchanged) == done
    assert set(summary.extracted) == set(IDS) - done


def test_what_is_known_of_files_is_saved_while_the_run_goes_on(
    data: Path, recipe: Recipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run is killed once its last recording is done: the index was never written whole."""
    monkeypatch.setattr(change_index, "SETTLED_SECONDS", 0.0)
    monkeypatch.setattr(change_index, "SAVE_SECONDS", 0.0)
    monkeypatch.setattr(change_index.ChangeIndex, "save", lambda _: None)
    run(data, recipe)
    monkeypatch.undo()
    monkeypatch.setattr(phase, "load_recording", None)  # nothing is read again
    monkeypatch.setattr(change_index, "file_digest", None)
    assert run(data, recipe).unchanged == IDS
    assert [one.path for one in open_store(data / "cache").list("memo")] == [one_index(data)]


def one_index(data: Path) -> str:
    """The whole index, into which the next run has taken all that the killed one saved bit by bit."""
    (path,) = (data / "cache" / "memo").glob("*.json")
    return f"memo/{path.name}"
