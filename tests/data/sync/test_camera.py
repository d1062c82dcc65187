"""A camera's own motion sensors against loggers on the same body: the clock to milliseconds, or a refusal."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from camera_motion import Logger, logged, random_motion, shaken
from equigait.data.recording import ImuStream, Video
from equigait.data.sync import recording as by_files
from equigait.data.sync.camera import align_camera, sync_camera
from equigait.data.sync.inertial import lag_scores, motion_of
from equigait.data.sync.result import SyncResult, Verdict
from equigait.data.sync.settings import SyncSpec

SPEC = SyncSpec()
FILM = Video(Path("film.mp4"), 64, 48, 0, np.arange(3) / 30.0)


def error_seconds(result: SyncResult, *, logger: Logger) -> float:
    """By how much the clock found is off the true one where it is exact."""
    assert result.offset_s is not None
    assert result.reference_s is not None
    return result.reference_s + result.offset_s - logger.film_seconds(result.reference_s)


@pytest.mark.parametrize("rate_hz", [50.0, 100.0, 200.0])
def test_a_logger_on_the_camera_gets_its_clock_to_two_milliseconds_however_it_is_mounted(rate_hz: float) -> None:
    camera = random_motion(40.0, seed=1)
    logger = logged(camera, seed=2, rate_hz=rate_hz)
    result = align_camera([logger.stream], camera=camera, spec=SPEC)
    assert result.verdict is Verdict.ACCEPT
    assert abs(error_seconds(result, logger=logger)) < 0.002
    assert result.units[0].note.startswith("moves with the camera: turning correlates ")


def test_drift_shows_in_a_long_recording() -> None:
    camera = random_motion(240.0, seed=3)
    logger = logged(camera, seed=4)
    result = align_camera([logger.stream], camera=camera, spec=SPEC)
    assert result.drift_ppm == pytest.approx(logger.drift_ppm, abs=15.0)


def test_the_score_is_the_best_that_any_rotation_gives() -> None:
    """At the lag 0 of equal signals it is 1; by hand at another: trace of R C over the signals' sizes, R by SVD."""
    camera = motion_of(random_motion(20.0, seed=5), turning=True)
    assert camera is not None
    offsets, scores = lag_scores(camera, camera)
    assert scores[np.argmin(np.abs(offsets))] == pytest.approx(1.0)
    at = int(np.argmin(np.abs(offsets - 0.5)))
    a, b = camera.values[50:], camera.values[:-50]
    left, _, right = np.linalg.svd(a.T @ b)
    rotation = left @ np.diag([1.0, 1.0, np.sign(np.linalg.det(left @ right))]) @ right
    expected = np.sum(a * (b @ rotation.T)) / np.sqrt(np.sum(a**2) * np.sum(b**2))
    assert scores[at] == pytest.approx(expected, rel=1e-6)


def test_specific_force_serves_where_a_logger_has_no_gyroscope() -> None:
    camera = random_motion(40.0, seed=6)
    logger = logged(camera, seed=7)
    alone = replace(logger.stream, angular_rate=np.full_like(logger.stream.angular_rate, np.nan))
    result = align_camera([alone], camera=camera, spec=SPEC)
    assert result.verdict is Verdict.ACCEPT
    assert abs(error_seconds(result, logger=logger)) < 0.002
    assert "specific force correlates" in result.units[0].note


@pytest.mark.parametrize("gyroscope", [True, False])
def test_a_vehicle_that_turns_slowly_and_shakes_its_camera_gives_a_clock(gyroscope: bool) -> None:
    car = random_motion(100.0, seed=20, highest_hz=0.4)
    logger = logged(car, seed=21, rate_hz=25.0)
    nothing = np.full_like(logger.stream.angular_rate, np.nan)
    stream = logger.stream if gyroscope else replace(logger.stream, angular_rate=nothing)
    result = align_camera([stream], camera=shaken(car, seed=22, share=1.0), spec=SPEC)
    assert result.verdict is Verdict.ACCEPT, result.reasons
    assert abs(error_seconds(result, logger=logger)) < 0.02
    other = logged(random_motion(100.0, seed=23, highest_hz=0.4), seed=21, rate_hz=25.0)
    assert align_camera([other.stream], camera=shaken(car, seed=22, share=1.0), spec=SPEC).verdict is Verdict.REFUSE


def test_half_a_minute_that_film_and_logger_share_is_enough_however_long_each_runs() -> None:
    body = random_motion(190.0, seed=24, rate_hz=100.0)
    logger = logged(body, seed=25, part=(80 / 190, 1.0))
    result = align_camera([logger.stream], camera=first_seconds(body, 112.0), spec=SPEC)
    assert result.verdict is Verdict.ACCEPT, result.reasons
    assert abs(error_seconds(result, logger=logger)) < 0.002


def test_a_slow_logger_is_compared_with_what_it_resolves_of_the_camera_s_motion() -> None:
    body = random_motion(40.0, seed=26, highest_hz=12.0)
    logger = logged(body, seed=27, rate_hz=20.0)
    result = align_camera([logger.stream], camera=body, spec=SPEC)
    assert result.verdict is Verdict.ACCEPT, result.reasons
    assert abs(error_seconds(result, logger=logger)) < 0.01


def first_seconds(stream: ImuStream, seconds: float) -> ImuStream:
    rows = slice(0, int(np.searchsorted(stream.time_seconds, stream.time_seconds[0] + seconds)))
    parts = {name: getattr(stream, name)[rows] for name in ("time_seconds", "specific_force", "angular_rate")}
    return replace(stream, **parts)


@pytest.mark.parametrize("backwards", [False, True])
def test_motion_of_another_body_or_one_that_never_was_is_refused(backwards: bool) -> None:
    camera = random_motion(40.0, seed=8)
    logger = logged(camera if backwards else random_motion(40.0, seed=9), seed=10, backwards=backwards)
    result = align_camera([logger.stream], camera=camera, spec=SPEC)
    assert result.verdict is Verdict.REFUSE
    assert result.clock is None
    assert any("correlates" in reason for reason in result.reasons)


def test_a_motion_that_repeats_itself_is_not_accepted() -> None:
    camera = random_motion(40.0, seed=15)
    wave = np.sin(2 * np.pi * 1.5 * camera.time_seconds)[:, None] * np.array([1.0, 0.3, 0.2])
    steady = replace(camera, specific_force=wave + np.array([0.0, 0.0, 9.81]), angular_rate=wave)
    result = align_camera([logged(steady, seed=16).stream], camera=steady, spec=SPEC)
    assert result.verdict is not Verdict.ACCEPT
    assert any("another offset fits nearly as well" in reason for reason in result.reasons)


def test_the_search_stays_where_it_is_asked_to() -> None:
    camera = random_motion(40.0, seed=17)
    logger = logged(camera, seed=18)
    near = SyncSpec(expect_offset=logger.offset_seconds + 1.0, expect_within=2.0)
    assert align_camera([logger.stream], camera=camera, spec=near).verdict is Verdict.ACCEPT
    far = SyncSpec(expect_offset=logger.offset_seconds + 10.0, expect_within=2.0)
    assert align_camera([logger.stream], camera=camera, spec=far).verdict is Verdict.REFUSE


def test_of_several_loggers_the_one_on_the_camera_gives_the_clock() -> None:
    camera = random_motion(40.0, seed=19)
    logger = logged(camera, seed=20)
    other = replace(logged(random_motion(40.0, seed=21), seed=22).stream, site="sacrum")
    result = align_camera([other, logger.stream], camera=camera, spec=SPEC)
    assert result.verdict is Verdict.ACCEPT
    assert [unit.site for unit in result.units] == ["logger"]


def test_a_stream_too_short_to_compare_is_refused() -> None:
    camera = random_motion(40.0, seed=27)
    short = logged(camera, seed=28, part=(0.0, 0.1)).stream
    assert align_camera([short], camera=camera, spec=SPEC).reasons == (
        "the camera's own sensors and the loggers share no lag with enough motion",
    )


def test_a_film_without_telemetry_has_no_such_clock(tmp_path: Path) -> None:
    (tmp_path / "film.mp4").write_bytes(b"no film")
    assert sync_camera([], film=tmp_path / "film.mp4", spec=SPEC) is None


def test_pictures_decide_where_the_camera_does_not_and_its_reasons_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    camera = random_motion(40.0, seed=23)
    logger = logged(camera, seed=24)
    taken = align_camera([logger.stream], camera=camera, spec=SPEC)
    refused = align_camera([logged(random_motion(40.0, seed=25), seed=26).stream], camera=camera, spec=SPEC)
    monkeypatch.setattr(by_files, "film_motion", lambda _: None)
    monkeypatch.setattr(by_files, "synchronise", lambda *_, **__: replace(taken, reasons=("by pictures",)))
    for found, reasons in ((taken, ()), (refused, ("by pictures", "the camera's own sensors give no clock: "))):
        monkeypatch.setattr(by_files, "sync_camera", lambda *_, found=found, **__: found)
        result = by_files._by_camera_or_pictures((logger.stream,), video=FILM, spec=SPEC)
        assert len(result.reasons) == len(reasons)
        assert all(own.startswith(begins) for own, begins in zip(result.reasons, reasons, strict=True))
