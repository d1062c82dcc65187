"""Upward velocity from specific force: signed by gravity, in phase, whatever the mount."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from equigait.data.recording import ImuStream
from equigait.data.sync.alignment_features import RATE_HZ, band_pass
from equigait.data.sync.sensors import UnitSignals, channel_of, sensor_features, unit_signals
from posed_motion import turned

HEIGHT_M, FREQUENCY_HZ = 0.035, 2.7
OMEGA = 2 * np.pi * FREQUENCY_HZ


def bouncing(*, site: str = "withers", gravity: float = 9.81) -> ImuStream:
    """z = HEIGHT_M sin(OMEGA t): the force is gravity and its second derivative."""
    time = 3.0 + np.arange(0.0, 40.0, 1 / 120)
    force = np.zeros((len(time), 3))
    force[:, 2] = gravity - HEIGHT_M * OMEGA**2 * np.sin(OMEGA * time)
    return ImuStream(site, time, force, 0.1 * np.cos(OMEGA * time)[:, None] * np.ones(3), Path("bounce.csv"))


def true_velocity(unit: UnitSignals) -> np.ndarray:
    time = unit.start_seconds + np.arange(len(unit.velocity)) / RATE_HZ
    return HEIGHT_M * OMEGA * np.cos(OMEGA * time)


def test_velocity_is_the_derivative_of_height_in_size_and_phase():
    unit = unit_signals(bouncing())
    middle = slice(400, -400)
    np.testing.assert_allclose(unit.velocity[middle], true_velocity(unit)[middle], atol=0.02 * HEIGHT_M * OMEGA)


def test_a_unit_of_a_few_samples_a_second_is_of_no_use_and_says_why():
    stream = bouncing()
    few = {name: getattr(stream, name)[::30] for name in ("time_seconds", "specific_force", "angular_rate")}
    assert (
        unit_signals(replace(stream, **few))
        == "withers: its samples lie more than 0.1 s apart, too far to follow a step"
    )


@pytest.mark.parametrize("tilt_degrees", [35.0, 90.0, 180.0])
def test_the_mount_does_not_turn_up_into_down(tilt_degrees: float):
    angle = np.deg2rad(tilt_degrees)
    rotation = np.array([[1, 0, 0], [0, np.cos(angle), -np.sin(angle)], [0, np.sin(angle), np.cos(angle)]])
    upright, tilted = unit_signals(bouncing()), unit_signals(turned(bouncing(), rotation=rotation))
    np.testing.assert_allclose(tilted.velocity, upright.velocity, atol=1e-9)


def test_a_sensor_without_gravity_or_motion_gives_its_reason():
    assert "gravity is missing" in unit_signals(bouncing(gravity=0.0))
    flat = bouncing()
    flat.specific_force[:] = [0.0, 0.0, 9.81]
    assert "does not move" in unit_signals(flat)


def test_a_hole_is_not_measured_and_neither_are_its_edges():
    whole = bouncing()
    kept = (whole.time_seconds < 20.0) | (whole.time_seconds > 21.0)
    stream = ImuStream(
        "withers", whole.time_seconds[kept], whole.specific_force[kept], whole.angular_rate[kept], whole.source
    )
    unit = unit_signals(stream)
    time = unit.start_seconds + np.arange(len(unit.valid)) / RATE_HZ
    assert not unit.valid[(time > 19.9) & (time < 21.1)].any()
    assert unit.valid[(time < 19.5) | (time > 21.5)].mean() > 0.99


def test_sites_move_with_parts_of_the_horse():
    sites = ("poll", "withers", "tuber_coxae_left", "Girth", "cannon_fore_left", "pocket")
    assert [channel_of(s) for s in sites] == ["head", "fore", "hind", "fore", None, "trunk"]
    units = [unit_signals(bouncing(site=s)) for s in ("poll", "withers", "sacrum", "tuber_coxae_left")]
    assert sensor_features(units).channels == ("head", "fore", "hind")


def test_the_band_holds_the_gaits_and_keeps_their_phase():
    time = np.arange(0.0, 20.0, 1 / RATE_HZ)
    for frequency, gain in ((0.2, 0.0), (1.0, 1.0), (2.7, 1.0), (5.5, 1.0), (10.0, 0.0)):
        wave = np.sin(2 * np.pi * frequency * time)
        np.testing.assert_allclose(band_pass(wave, rate_hz=RATE_HZ)[250:-250], gain * wave[250:-250], atol=0.03)
