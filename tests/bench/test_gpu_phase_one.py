"""The bench of phase one on a GPU, as far as a processor can show: every clip counts, and what cannot be is told."""

import time
from pathlib import Path

import pytest
from bench import gpu_phase_one
from bench.films import FilmRecipe, film
from bench.gpu import best
from equigait.data.clips import ClipSpec, clip_grid
from equigait.data.video.decoders import DecoderChoice
from equigait.data.video.probe import probe_film
from equigait.pipeline.teachers.settings import TeacherSettings
from equigait.pipeline.teachers.table import load_teacher


def test_clips_of_all_films_count_and_a_decoder_that_is_not_there_hides_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    small = FilmRecipe("small", options="preset=ultrafast", width=96, height=64, rate_hz=15, seconds=10)
    video = probe_film(film(small))
    teacher = load_teacher(TeacherSettings(name="videomae-demo", device="cpu", threads=1))
    clips = len(clip_grid(video.frame_seconds, spec=ClipSpec()).frame_index)
    clock = iter([0.0, 2.0] * 16)
    monkeypatch.setattr(time, "perf_counter", lambda: next(clock))
    for work in (gpu_phase_one.fed, gpu_phase_one.embedded):
        assert work(video, teacher=teacher, decoder=DecoderChoice("cpu")) == clips
        rate = gpu_phase_one.clips_a_second(work, video=video, teacher=teacher, device="cpu", films=3)
        assert rate == pytest.approx(3 * clips / 2.0)
    monkeypatch.setattr(gpu_phase_one, "FILMS_AT_ONCE", (1,))
    found = gpu_phase_one.rates(gpu_phase_one.fed, video=video, teacher=teacher)
    assert isinstance(found["1 at once, cuda"], str)
    assert best(found) == found["1 at once, cpu"]
