"""Columns that a program made are named as such: moving averages, and copies a moment later."""

from dataclasses import replace

import numpy as np
import pytest
from equigait.data.manifest.load import load_sensors
from equigait.data.readers.one_body import body_remarks
from equigait.data.recording import ImuStream
from equigait.data.simulate import YardSpec, simulate_yard


@pytest.fixture(scope="module")
def withers(tmp_path_factory: pytest.TempPathFactory) -> ImuStream:
    """A minute of a simulated horse, at 100 Hz."""
    spec = YardSpec(horses=1, seconds=60.0, seed=3, film=False, difficulty="field", imu_rate_hz=(100.0, 100.0))
    (manifest,) = simulate_yard(tmp_path_factory.mktemp("made"), spec=spec)
    return next(stream for stream in load_sensors(manifest).streams if stream.site == "withers")


@pytest.mark.parametrize(("width", "told"), [(8, "0.08"), (10, "0.1"), (25, "0.25"), (50, "0.1")])
def test_an_acceleration_averaged_over_some_samples_is_told(withers: ImuStream, width: int, told: str) -> None:
    sums = np.cumsum(np.concatenate([np.zeros((1, 3)), withers.specific_force]), axis=0)
    averages = np.round((sums[width:] - sums[:-width]) / width, 3)
    smooth = replace(
        withers,
        specific_force=averages,
        angular_rate=withers.angular_rate[width - 1 :],
        time_seconds=withers.time_seconds[width - 1 :],
    )
    (remark,) = [remark for remark in body_remarks(smooth) if "average over" in remark]
    assert remark.startswith(f"its acceleration is an average over {told} s or more")


@pytest.mark.parametrize("rows", [0, 3, -20])
def test_an_axis_that_is_another_one_earlier_or_later_is_told_with_the_time(withers: ImuStream, rows: int) -> None:
    force = withers.specific_force.copy()
    force[:, 2] = np.round(1.3 * np.roll(force[:, 0], rows), 3)
    (remark,) = [remark for remark in body_remarks(replace(withers, specific_force=force)) if "a copy?" in remark]
    late = f" {abs(rows) / withers.rate_hz:.3g} s later" if rows else ""
    first, second = ("ax", "az") if rows >= 0 else ("az", "ax")
    assert remark.startswith(f"{second} follows {first}{late}, but for a factor")


def test_an_acceleration_a_moment_later_in_place_of_the_gyroscope_is_told(withers: ImuStream) -> None:
    copies = np.round(0.3 * np.roll(withers.specific_force, 3, axis=0), 3)
    remarks = body_remarks(replace(withers, angular_rate=copies - copies.mean(axis=0)))
    assert any(remark.startswith("gx follows ax") for remark in remarks)


def test_a_blow_that_shows_in_two_axes_at_once_makes_none_a_copy(withers: ImuStream) -> None:
    force = withers.specific_force.copy()
    force[500, :2] = 150.0
    assert not [remark for remark in body_remarks(replace(withers, specific_force=force)) if "a copy?" in remark]
