"""Phase one on small simulated recordings: what is done, done again, reused, skipped and refused."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from checkpoints import write_checkpoint
from equigait.cache.status import read_statuses
from equigait.cache.store import open_store
from equigait.cache.verify import verify
from equigait.data.clips import ClipSpec, clip_grid
from equigait.data.errors import BadInput
from equigait.data.video.decode import decode_frames
from equigait.data.video.pixels import Picture
from equigait.data.video.probe import probe_film
from equigait.pipeline.extraction import recording as phase
from equigait.pipeline.recipe import Recipe
from equigait.pipeline.teachers.settings import TeacherSettings
from equigait.pipeline.teachers.table import load_teacher
from phase_one import IDS, edit_manifest, run, segments


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


def test_the_choices_of_a_run_are_told_once_each(data: Path, recipe: Recipe, caplog: pytest.LogCaptureFixture) -> None:
    cpu = recipe.model_copy(update={"teacher": recipe.teacher.model_copy(update={"decode": "cpu"})})
    with caplog.at_level("INFO"):
        run(data, cpu)
    told = caplog.messages
    assert told.count("decode on cpu: as set") == 1
    assert sum(line.startswith("teacher: videomae in ") for line in told) == 1


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
