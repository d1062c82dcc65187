"""The rein: circles to the left and to the right, a straight line, and a gyroscope that is biased."""

from dataclasses import replace

import numpy as np
import pytest
from equigait.data.recording import ImuStream
from equigait.data.simulate.gaits import GAITS
from equigait.pipeline.inference.site_motion import rated
from equigait.pipeline.inference.turning import resting_bias
from moving_horses import analysed, circling, ride_of

BIAS = np.array([0.0, 0.0, 0.3])


@pytest.mark.parametrize("site", ["sacrum", "withers", "poll"])
@pytest.mark.parametrize("gait", ["walk", "trot", "canter"])
@pytest.mark.parametrize(("radius_m", "rein"), [(8.0, "left"), (-8.0, "right"), (1000.0, "straight")])
def test_the_rein_is_that_of_the_circle(gait: str, site: str, radius_m: float, rein: str) -> None:
    ride = ride_of(gait, horse=3, seconds=15.0)
    speed = GAITS[ride.bouts[0].gait].speed_m_s
    found = analysed(ride, (circling(ride, site=site, radius_m=radius_m, speed_m_s=speed),))
    assert np.mean([each == rein for each in found.turning.rein]) >= 0.98
    assert found.turning.main_rein == rein


def test_the_heading_changes_by_as_much_as_the_circle_turns() -> None:
    ride = ride_of("trot", horse=5, seconds=15.0)
    found = analysed(ride, (circling(ride, site="withers", radius_m=8.0, speed_m_s=3.6),))
    bias = np.degrees(0.005)
    expected = (np.degrees(3.6 / 8.0) + bias) * found.strides.duration_seconds
    assert found.turning.degrees.mean() == pytest.approx(expected.mean(), rel=0.03)


def test_a_biased_gyroscope_is_corrected_by_what_it_reads_at_rest() -> None:
    ride = ride_of("trot", horse=5, seconds=20.0)
    stream = circling(ride, site="withers", radius_m=1e6, speed_m_s=3.6)
    rest = 400
    times = np.arange(rest + stream.time_seconds.size) / ride.imu_rate_hz + stream.time_seconds[0]
    still = np.random.default_rng(0).normal([0.0, 0.0, 9.81], 0.01, (rest, 3))
    force = np.concatenate([stream.specific_force, still])
    rate = np.concatenate([stream.angular_rate, np.zeros((rest, 3))]) + BIAS
    biased = ImuStream("withers", times, force, rate, stream.source)
    assert resting_bias(rated([biased])[0][0]) == pytest.approx(0.3, abs=1e-6)
    assert analysed(ride, (biased,)).turning.main_rein == "straight"
    never_at_rest = replace(stream, angular_rate=stream.angular_rate + BIAS)
    assert resting_bias(rated([never_at_rest])[0][0]) == 0.0
    assert analysed(ride, (never_at_rest,)).turning.main_rein == "left"
