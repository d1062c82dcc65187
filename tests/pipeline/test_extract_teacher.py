"""Phase one on small simulated recordings: what is done, done again, reused, skipped and refused."""

import os
import shutil
from pathlib import Path
from unittest.mock import Mock

import numpy as np
import pytest
import yaml
from checkpoints import write_checkpoint
from equigait.cache import memo
from equigait.cache.fragment import fragment_path
from equigait.cache.reader import committed, read_segments
from equigait.cache.schema import Segment
from equigait.cache.status import read_statuses
from equigait.cache.store import open_store
from equigait.cache.verify import drop, repair, verify
from equigait.data.clips import ClipSpec, clip_grid
from equigait.data.errors import BadInput
from equigait.data.film import hardware
from equigait.data.simulate import YardSpec, simulate_yard
from equigait.data.video import Picture, decode_frames, probe_film
from equigait.pipeline import classroom
from equigait.pipeline import extract_teacher as phase
from equigait.pipeline.extract_teacher import ExtractSummary, extract_teacher
from equigait.pipeline.recipe import Recipe
from equigait.pipeline.teachers.settings import TeacherSettings
from equigait.pipeline.teachers.table import load_teacher

IDS = ("h000-r00", "h001-r00", "h002-r00")


@pytest.fixture(scope="module")
def yard(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three recordings of 12 s, small and at 15 fps."""
    folder = tmp_path_factory.mktemp("yard")
    spec = YardSpec(horses=3, seconds=12.0, fps=15.0, frame_width=96, frame_height=64, max_skew_seconds=0.5)
    simulate_yard(folder, spec=spec)
    shutil.rmtree(folder / "truth")
    return folder


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_checkpoint(tmp_path_factory.mktemp("teacher"))


@pytest.fixture
def data(yard: Path, tmp_path: Path) -> Path:
    """A copy of the recordings, to damage."""
    return shutil.copytree(yard, tmp_path / "data")


@pytest.fixture
def recipe(weights: Path) -> Recipe:
    return Recipe(teacher=TeacherSettings(name="videomae", weights=str(weights), device="cpu", batch_clips=3))


def run(data: Path, recipe: Recipe) -> ExtractSummary:
    return extract_teacher(data, cache=data / "cache", recipe=recipe)


def segments(data: Path) -> dict[str, Segment]:
    store = open_store(data / "cache")
    return {segment.recording_id: segment for segment in read_segments(store, committed(store))}


def edit_manifest(data: Path, recording: str, **changes: object) -> None:
    path = data / recording / "recording.yaml"
    values = {key: value for key, value in (yaml.safe_load(path.read_text()) | changes).items() if value is not None}
    path.write_text(yaml.safe_dump(values))


def forbid_teacher(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(classroom, "load_teacher", Mock(side_effect=AssertionError("the teacher was loaded")))


def test_each_recording_is_cached_with_what_the_teacher_sees_in_its_film(data: Path, recipe: Recipe) -> None:
    assert run(data, recipe).extracted == IDS
    assert verify(open_store(data / "cache")) == ()
    video = probe_film(data / IDS[1] / "film.mp4")
    clips = clip_grid(video.frame_seconds, spec=ClipSpec())
    teacher = load_teacher(recipe.teacher)
    everything = decode_frames(video, frame_index=np.arange(video.frame_seconds.size))
    shown = {i: teacher.preprocess(Picture.of_rgb(frame)) for i, frame in everything}
    by_hand = teacher.embed(np.stack([[shown[i] for i in members] for members in clips.frame_index.tolist()]))
    segment = segments(data)[IDS[1]]
    np.testing.assert_allclose(segment.clips, by_hand, atol=2e-3)
    np.testing.assert_array_equal(segment.clip_start_s, clips.start_seconds)
    assert segment.horse == "h001"
    assert segment.fingerprint.teacher == teacher.identity.to_json()
    assert segment.windows.clip_count.max() == 3


def test_a_second_run_changes_nothing_and_loads_no_teacher(
    data: Path, recipe: Recipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(data, recipe)
    forbid_teacher(monkeypatch)
    assert run(data, recipe) == ExtractSummary(cache=str(data / "cache"), unchanged=IDS)


def test_files_that_lie_untouched_are_not_even_read_again(
    data: Path, recipe: Recipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memo, "SETTLED_SECONDS", 0.0)
    run(data, recipe)
    monkeypatch.setattr(phase, "load_recording", Mock(side_effect=AssertionError("a recording was read")))
    assert run(data, recipe).unchanged == IDS
    touched = data / IDS[1] / "film.mp4"
    touched.write_bytes(touched.read_bytes())
    assert [name for name, _ in run(data, recipe).failed] == [IDS[1]]  # read again, which this test forbids


def test_other_bytes_under_an_old_date_are_noticed(data: Path, recipe: Recipe, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memo, "SETTLED_SECONDS", 0.0)
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
    monkeypatch.setattr(memo, "SETTLED_SECONDS", 0.0)
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
        monkeypatch.setattr(classroom, "LIBRARIES", ())
    read = Mock(side_effect=phase.load_recording)
    monkeypatch.setattr(phase, "load_recording", read)
    assert getattr(run(data, recipe), expected) == IDS
    assert read.call_count == len(IDS)


def test_the_choices_of_a_run_are_told_once_each(
    data: Path, recipe: Recipe, capsys: pytest.CaptureFixture[str]
) -> None:
    cpu = recipe.model_copy(update={"teacher": recipe.teacher.model_copy(update={"decode": "cpu"})})
    run(data, cpu)
    told = capsys.readouterr().err.splitlines()
    assert told.count("decode on cpu: as set") == 1
    assert sum(line.startswith("teacher: videomae in ") for line in told) == 1


def test_a_demand_for_the_gpus_decoder_without_one_fails_with_the_way_out(
    data: Path, recipe: Recipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hardware, "_cuda_fault", lambda _path: "no NVDEC here that takes it (test)")
    demanding = recipe.model_copy(update={"teacher": recipe.teacher.model_copy(update={"decode": "cuda"})})
    assert all("teacher.decode=auto" in why for _, why in run(data, demanding).failed)
    auto = recipe.model_copy(update={"teacher": recipe.teacher.model_copy(update={"decode": "auto"})})
    assert run(data, auto).extracted == IDS


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
    monkeypatch.setattr(memo, "SETTLED_SECONDS", 0.0)
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
    monkeypatch.setattr(memo, "SETTLED_SECONDS", 0.0)
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
    assert run(data, finer).extracted == (IDS[0], IDS[2])


def test_recordings_that_fail_or_are_too_short_do_not_stop_the_others(data: Path, recipe: Recipe) -> None:
    film = data / IDS[0] / "film.mp4"
    film.write_bytes(film.read_bytes()[:20_000])
    for site in (data / IDS[1]).glob("*.csv"):
        site.write_text("\n".join(site.read_text().splitlines()[:250]) + "\n")
    edit_manifest(data, IDS[1], labels=None)
    summary = run(data, recipe)
    assert summary.extracted == IDS[2:]
    ((failed, why),), ((skipped, reason),) = summary.failed, summary.skipped
    assert (failed, skipped) == (IDS[0], IDS[1])
    assert "film.mp4" in why
    assert "at least one window" in reason
    noted = read_statuses(open_store(data / "cache"))
    assert {name: (status.kind, status.reason) for name, status in noted.items()} == {
        failed: ("failed", why),
        skipped: ("skipped", reason),
    }
    assert f"failed {failed}: {why}" in str(summary)


def test_a_note_of_failure_goes_when_the_recording_succeeds(data: Path, recipe: Recipe) -> None:
    film = data / IDS[0] / "film.mp4"
    whole = film.read_bytes()
    film.unlink()
    assert [name for name, _ in run(data, recipe).failed] == [IDS[0]]
    film.write_bytes(whole)
    assert run(data, recipe).extracted == IDS[:1]
    assert read_statuses(open_store(data / "cache")) == {}


def test_sensors_alone_need_no_teacher(data: Path) -> None:
    for name in IDS:
        edit_manifest(data, name, film=None)
    unreachable = Recipe(teacher=TeacherSettings(name="videomae", weights="/no/such/teacher"))
    assert run(data, unreachable).extracted == IDS
    assert all(not segment.windows.clip_count.any() for segment in segments(data).values())
    assert run(data, unreachable).unchanged == IDS


@pytest.mark.parametrize(
    ("teacher", "message"),
    [
        (TeacherSettings(name="videomae", weights="/no/such/teacher"), "no such folder"),
        (TeacherSettings(name="nobody"), "one of videomae-base"),
    ],
)
def test_a_teacher_that_cannot_be_had_ends_the_run(data: Path, teacher: TeacherSettings, message: str) -> None:
    with pytest.raises(BadInput, match=message):
        run(data, Recipe(teacher=teacher))


def test_clips_of_a_length_that_the_teacher_does_not_take_end_the_run(data: Path, recipe: Recipe) -> None:
    with pytest.raises(BadInput, match=r"clips\.frames 8; expected 16"):
        run(data, recipe.model_copy(update={"clips": ClipSpec(frames=8)}))


def test_weights_that_do_not_fill_the_network_end_the_run(data: Path, tmp_path: Path) -> None:
    broken = write_checkpoint(tmp_path / "broken")
    shutil.copy(write_checkpoint(tmp_path / "tuned", fine_tuned=True) / "model.safetensors", broken)
    with pytest.raises(BadInput, match="missing"):
        run(data, Recipe(teacher=TeacherSettings(name="videomae", weights=str(broken), device="cpu")))


def test_two_recordings_of_one_id_are_not_cached_over_each_other(data: Path, recipe: Recipe) -> None:
    edit_manifest(data, IDS[1], id=IDS[0])
    summary = run(data, recipe)
    assert summary.extracted == (IDS[0], IDS[2])
    assert "a second time" in summary.failed[0][1]


def test_what_the_data_has_no_more_is_told_with_the_way_out(
    data: Path, recipe: Recipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memo, "SETTLED_SECONDS", 0.0)
    assert "not in DATA" not in str(run(data, recipe))
    edit_manifest(data, IDS[2], id="renamed")
    shutil.rmtree(data / IDS[1])
    cache, summary = data / "cache", run(data, recipe)
    assert summary.beside == IDS[1:]
    told = f"in the cache, and not in DATA: {IDS[1]}, {IDS[2]} (equigait-cli gc {cache} --drop RECORDING takes one out)"
    assert str(summary).splitlines()[-1] == told
    drop(open_store(cache), IDS[1:2])
    told = f"in the cache, and not in DATA: {IDS[2]} (equigait-cli gc {cache} --drop {IDS[2]} takes it out)"
    assert str(run(data, recipe)).splitlines()[-1] == told
    drop(open_store(cache), IDS[2:])
    assert run(data, recipe).beside == ()


def test_nothing_is_called_foreign_while_a_manifest_cannot_be_read_or_is_the_only_one_asked_for(
    data: Path, recipe: Recipe
) -> None:
    edit_manifest(data, IDS[1], id="of its own")
    run(data, recipe)
    edit_manifest(data, IDS[1], sensors=3)
    assert run(data, recipe).beside == ()
    one = extract_teacher(data / IDS[0] / "recording.yaml", cache=data / "cache", recipe=recipe)
    assert (one.unchanged, one.beside) == (IDS[:1], ())


def test_damaged_recordings_are_made_anew_once_they_were_repaired(data: Path, recipe: Recipe) -> None:
    run(data, recipe)
    store = open_store(data / "cache")
    broken, lost, _ = committed(store)
    store.delete(broken.objects[0].path)
    store.put(fragment_path(lost.key), b"")
    repair(store, verify(store))
    summary = run(data, recipe)
    assert (summary.extracted, summary.unchanged) == (IDS[:2], IDS[2:])
    assert {fault.kind for fault in verify(store)} == {"orphan"}


def test_after_an_interruption_the_next_run_does_only_the_rest(
    data: Path, recipe: Recipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    embed, calls = phase.embed_film, []

    def interrupted(*args: object, **options: object) -> np.ndarray:
        calls.append(1)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return embed(*args, **options)

    monkeypatch.setattr(phase, "embed_film", interrupted)
    with pytest.raises(KeyboardInterrupt):
        run(data, recipe)
    assert set(segments(data)) == {IDS[0]}
    summary = run(data, recipe)
    assert (summary.unchanged, summary.extracted) == (IDS[:1], IDS[1:])


def test_a_fault_of_ours_is_told_in_full_and_the_others_go_on(
    data: Path, recipe: Recipe, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    to_grid = phase.to_grid

    def faulty(recording: object, **options: object) -> object:
        if getattr(recording, "id", "") == IDS[1]:
            raise ZeroDivisionError("ours")
        return to_grid(recording, **options)

    monkeypatch.setattr(phase, "to_grid", faulty)
    summary = run(data, recipe)
    assert summary.failed == ((IDS[1], "ZeroDivisionError: ours"),)
    assert summary.extracted == (IDS[0], IDS[2])
    assert "Traceback" in capsys.readouterr().err


def test_an_empty_folder_is_refused(tmp_path: Path, recipe: Recipe) -> None:
    with pytest.raises(BadInput, match="no recording"):
        run(tmp_path, recipe)
