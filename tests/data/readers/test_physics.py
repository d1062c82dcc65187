"""Units and axes against gravity and turning, at rest and in every gait."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from equigait.data.errors import BadInput
from equigait.data.readers.physics import check_units
from equigait.data.readers.sensor import Sensor
from equigait.data.recording import ImuStream
from sensor_files import GRAVITY, sensor_entry, walking


def moving(gait_g: float, *, turns: float = 1.0, seconds: float = 20.0, stride_hz: float = 1.7) -> ImuStream:
    """A trunk that bounces with this amplitude in g twice a stride and turns with this amplitude in rad/s."""
    times = np.arange(round(seconds * 100)) / 100
    noise = np.random.default_rng(3).normal(0.0, 0.1, (times.size, 6))
    wave = np.sin(4 * np.pi * stride_hz * times)[:, None]
    force = GRAVITY * wave * [0.3 * gait_g, 0.1 * gait_g, gait_g] + [0, 0, GRAVITY] + noise[:, :3]
    return ImuStream("withers", times, force, turns * wave * [0.3, 1.0, 0.2] + 0.01 * noise[:, 3:], Path("withers.csv"))


def scaled(stream: ImuStream, *, force: float = 1.0, rate: float = 1.0) -> ImuStream:
    return ImuStream(
        stream.site, stream.time_seconds, stream.specific_force * force, stream.angular_rate * rate, stream.source
    )


def check(
    stream: ImuStream, *, acceleration: str = "m/s^2", rate: str = "rad/s", axes: tuple[str, ...] | None = None
) -> None:
    sensor = Sensor.model_validate(sensor_entry(axes=axes))
    check_units(stream, sensor=sensor, acceleration_unit=acceleration, rate_unit=rate)


GAITS_G = {"stand": 0.0, "walk": 0.3, "trot": 1.0, "canter": 1.4}


@pytest.mark.parametrize("gait_g", GAITS_G.values(), ids=GAITS_G)
def test_true_units_pass_at_rest_and_in_every_gait(gait_g: float) -> None:
    check(moving(gait_g, turns=0.2 + gait_g))


def test_a_sensor_that_froze_in_the_middle_of_a_stride_is_judged_by_when_it_moved() -> None:
    stream = moving(1.0)
    frozen = stream.specific_force.copy()
    frozen[len(frozen) // 2 :] = [0.0, 0.0, 0.1 * GRAVITY]  # falling, as in the suspension of a trot
    check(replace(stream, specific_force=frozen))
    with pytest.raises(BadInput, match="gravity"):
        check(replace(stream, specific_force=np.broadcast_to(frozen[-1:], frozen.shape).copy()))


@pytest.mark.parametrize("gait_g", GAITS_G.values(), ids=GAITS_G)
@pytest.mark.parametrize(
    ("declared", "true", "factor"),
    [
        ("m/s^2", "g", 1 / GRAVITY),
        ("g", "m/s^2", GRAVITY),
        ("mg", "m/s^2", GRAVITY / 1000),
        ("m/s^2", "mg", 1000 / GRAVITY),
        ("g", "mg", 1000.0),
    ],
)
def test_a_wrong_unit_is_told_by_gravity_in_every_gait(gait_g: float, declared: str, true: str, factor: float) -> None:
    with pytest.raises(BadInput) as refusal:
        check(scaled(moving(gait_g), force=factor), acceleration=declared)
    assert refusal.value.remedy == f"Declare `unit: {true}`."


@pytest.mark.parametrize("gait_g", GAITS_G.values(), ids=GAITS_G)
def test_acceleration_without_gravity_is_refused(gait_g: float) -> None:
    stream = moving(gait_g)
    linear = ImuStream(
        stream.site, stream.time_seconds, stream.specific_force - [0, 0, GRAVITY], stream.angular_rate, stream.source
    )
    with pytest.raises(BadInput, match="Gravity was subtracted"):
        check(linear)


def test_a_dead_accelerometer_is_refused() -> None:
    with pytest.raises(BadInput, match="dead"):
        check(scaled(moving(0.3), force=0.0))


@pytest.mark.parametrize("factor", [0.5, 2.0, 4.0])
def test_a_wrong_range_of_counts_shows_at_rest(factor: float) -> None:
    with pytest.raises(BadInput, match="per_unit"):
        check(scaled(moving(0.0), force=factor), acceleration="counts")


def test_degrees_declared_as_radians_are_refused() -> None:
    with pytest.raises(BadInput, match="Declare `unit: deg/s`"):
        check(scaled(moving(0.3), rate=180 / np.pi))


def test_radians_declared_as_degrees_are_refused_when_the_body_moves() -> None:
    with pytest.raises(BadInput, match="Declare `unit: rad/s`"):
        check(scaled(moving(0.3, turns=0.6), rate=np.pi / 180), rate="deg/s")


@pytest.mark.parametrize("gait_g", [0.3, 1.0, 1.4])
def test_radians_of_fast_turning_declared_as_degrees_are_refused_by_how_much_the_body_shakes(gait_g: float) -> None:
    stream = moving(gait_g, turns=0.5 + 2.0 * gait_g)
    check(stream)
    with pytest.raises(BadInput, match="Declare `unit: rad/s`"):
        check(scaled(stream, rate=np.pi / 180), rate="deg/s")


def test_a_gyroscope_may_be_silent_when_the_horse_stands() -> None:
    check(moving(0.0, turns=0.0))


def test_a_few_spikes_do_not_make_the_unit_wrong() -> None:
    stream = moving(0.3)
    force, rate = stream.specific_force.copy(), stream.angular_rate.copy()
    force[::300], rate[::300] = 300.0, 40.0
    check(ImuStream(stream.site, stream.time_seconds, force, rate, stream.source))


def test_axes_upside_down_or_on_their_side_are_refused_with_the_axis_that_points_up() -> None:
    walk = moving(0.3)
    check(walk, axes=("x", "y", "z"))
    upside_down = ImuStream(
        walk.site, walk.time_seconds, walk.specific_force * [1, -1, -1], walk.angular_rate, walk.source
    )
    with pytest.raises(BadInput, match="its third entry is likely -z"):
        check(upside_down, axes=("x", "y", "z"))
    on_its_side = ImuStream(
        walk.site, walk.time_seconds, walk.specific_force[:, [0, 2, 1]], walk.angular_rate, walk.source
    )
    with pytest.raises(BadInput, match="its third entry is likely -y"):
        check(on_its_side, axes=("x", "-y", "-z"))


def test_nothing_is_said_about_axes_that_nobody_declared() -> None:
    times, signals = walking()
    check(ImuStream("shin", times, signals[:, [2, 0, 1]], signals[:, 3:], Path("shin.csv")))


def test_samples_that_are_nan_tell_nothing() -> None:
    walk = moving(0.3)
    nothing = np.full_like(walk.specific_force, np.nan)
    check(ImuStream(walk.site, walk.time_seconds, nothing, nothing, walk.source))
    half = walk.specific_force.copy()
    half[::2] = np.nan
    check(ImuStream(walk.site, walk.time_seconds, half, walk.angular_rate, walk.source))


def test_a_stream_shorter_than_a_stretch_is_checked_too() -> None:
    check(moving(0.0, seconds=0.3))
    with pytest.raises(BadInput):
        check(scaled(moving(0.0, seconds=0.3), force=1 / GRAVITY))


def test_single_samples_that_no_sensor_reads_are_refused_and_hard_blows_are_not() -> None:
    stream = moving(1.0)
    force, rate = stream.specific_force.copy(), stream.angular_rate.copy()
    force[700], rate[700] = 390 * GRAVITY, np.deg2rad(7900.0)
    check(replace(stream, specific_force=force, angular_rate=rate))
    force[800, 1] = -9999.0
    with pytest.raises(BadInput, match=r"up to 1e\+04 m/s\^2 in 1 of 2000 samples.*missing"):
        check(replace(stream, specific_force=force))
    rate[900, 2] = 200.0
    with pytest.raises(BadInput, match="up to 200 rad/s in 1 of 2000 samples"):
        check(replace(stream, angular_rate=rate))


def test_single_samples_that_no_sensor_reads_are_refused_without_gravity_too() -> None:
    whole = moving(1.0)
    force = whole.specific_force - [0, 0, GRAVITY]
    stream = replace(whole, specific_force=force, angular_rate=np.full_like(force, np.nan), gravity_removed=True)
    check(stream)
    force[800, 1] = 1e6
    with pytest.raises(BadInput, match=r"up to 1e\+06 m/s\^2 in 1 of 2000 samples.*missing"):
        check(stream)
