"""Films of GoPro cameras against copies of their own telemetry and against motion that is not theirs."""

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from camera_motion import logged
from equigait.data.recording import ImuStream
from equigait.data.sync.camera import align_camera, camera_stream
from equigait.data.sync.result import Verdict
from equigait.data.sync.settings import SyncSpec

FOLDER = Path(os.environ.get("EQUIGAIT_REAL_DATA", "")) / "camera_imu"
FILMS = ("karma", "max-heromode")
RATES_HZ = (50.0, 58.82, 100.0, 104.0, 200.0)

pytestmark = [pytest.mark.real, pytest.mark.skipif(not (FOLDER / "karma.mp4").is_file(), reason="no such films here")]


@pytest.fixture(scope="module")
def cameras() -> dict[str, ImuStream]:
    streams = {name: camera_stream(FOLDER / f"{name}.mp4") for name in FILMS}
    return {name: stream for name, stream in streams.items() if stream is not None}


def test_turned_resampled_noisy_and_drifted_copies_get_their_clock_within_five_milliseconds(
    cameras: dict[str, ImuStream],
) -> None:
    for name, camera in cameras.items():
        errors = []
        for seed in range(20):
            logger = logged(camera, seed=seed, rate_hz=RATES_HZ[seed % 5], noise=1.0 + 2.0 * (seed % 2))
            result = align_camera([logger.stream], camera=camera, spec=SyncSpec())
            assert result.verdict is Verdict.ACCEPT, (name, seed, result.reasons)
            assert result.reference_s is not None
            assert result.offset_s is not None
            errors.append(abs(result.reference_s + result.offset_s - logger.film_seconds(result.reference_s)))
        assert np.median(errors) <= 0.005, name


def test_of_a_hundred_loggers_that_were_elsewhere_none_is_accepted(cameras: dict[str, ImuStream]) -> None:
    accepted = []
    for seed in range(100):
        name, other = FILMS[seed % 2], FILMS[1 - seed % 2]
        camera, kind = cameras[name], seed // 2 % 3
        if kind == 0:
            logger = logged(cameras[other], seed=seed)
        elif kind == 1:
            logger = logged(camera, seed=seed, backwards=True)
        else:  # the film shows the first half, the logger has the second
            logger = logged(camera, seed=seed, part=(0.5, 1.0))
            camera = first_half(camera)
        if align_camera([logger.stream], camera=camera, spec=SyncSpec()).verdict is Verdict.ACCEPT:
            accepted.append((name, seed))
    assert accepted == []


def first_half(stream: ImuStream) -> ImuStream:
    rows = slice(0, len(stream.time_seconds) // 2)
    parts = {name: getattr(stream, name)[rows] for name in ("time_seconds", "specific_force", "angular_rate")}
    return replace(stream, **parts)
