"""The simulated horse goes as horses do: tempo, footfalls, amplitudes, rest and changes of gait, read off its pose."""

from functools import cache
from itertools import pairwise

import numpy as np
import pytest
from equigait.data.simulate import Pose, Ride, YardSpec, hoof_contacts, make_ride, pose, stride_phase
from equigait.data.simulate.gaits import GAITS

HORSES = range(8)
RATE_HZ = 200
TIMES = np.arange(3.0, 13.0, 1.0 / RATE_HZ)


@cache
def ride_of(gait: str, horse: int) -> tuple[Ride, Pose]:
    ride = make_ride(YardSpec(gaits=(gait,), seconds=16), horse=horse)
    return ride, pose(ride, time_seconds=TIMES)


def over_strides(ride: Ride, values: np.ndarray) -> np.ndarray:
    """Peak-to-peak of each whole stride."""
    strides = np.floor(stride_phase(ride, time_seconds=TIMES))
    whole = np.unique(strides)[1:-1]
    return np.array([np.ptp(values[strides == stride]) for stride in whole])


def planted(body: Pose, limb: int) -> np.ndarray:
    """Whether a hoof stands still on the ground."""
    hoof = body.limb_points[:, limb, 4]
    speed = np.hypot(np.gradient(hoof[:, 0], TIMES), np.gradient(hoof[:, 2], TIMES))
    trunk_speed = np.gradient(body.withers[:, 0], TIMES).mean()
    return (speed < 0.45 * trunk_speed) & (hoof[:, 2] < 0.03)


@pytest.mark.parametrize(("gait", "low", "high"), [("walk", 0.85, 1.0), ("trot", 1.28, 1.40), ("canter", 1.62, 1.78)])
def test_horses_stride_at_the_frequency_of_their_gait_and_differ_by_six_per_cent(
    gait: str, low: float, high: float
) -> None:
    rates = []
    for horse in range(40):
        ride = make_ride(YardSpec(gaits=(gait,), seconds=16), horse=horse)
        rates.append(np.ptp(stride_phase(ride, time_seconds=TIMES[[0, -1]])) / (TIMES[-1] - TIMES[0]))
    assert low <= np.mean(rates) <= high
    assert 0.045 <= np.std(rates) / np.mean(rates) <= 0.075


def test_stride_times_of_one_horse_wander_by_one_to_four_per_cent() -> None:
    for horse in HORSES:
        ride = make_ride(YardSpec(gaits=("trot",), seconds=60), horse=horse)
        times = np.arange(0.0, 60.0, 0.005)
        phase = stride_phase(ride, time_seconds=times)
        starts = np.interp(np.arange(np.ceil(phase[0]), phase[-1]), phase, times)
        lengths = np.diff(starts)
        assert 0.008 < lengths.std() / lengths.mean() < 0.04
        neighbours = np.corrcoef(lengths[:-1], lengths[1:])[0, 1]
        assert neighbours > 0.2, "the tempo wanders, it does not jitter from stride to stride"


@pytest.mark.parametrize("gait", ["walk", "trot", "canter"])
def test_hooves_meet_the_ground_in_the_order_and_at_the_phases_of_the_gait_and_lead(gait: str) -> None:
    leads = set()
    for horse in HORSES:
        ride, body = ride_of(gait, horse)
        name = ride.bouts[0].gait
        leads.add(name)
        phase = stride_phase(ride, time_seconds=TIMES)
        for limb, expected in enumerate(GAITS[name].footfall):
            on = planted(body, limb)
            contact = phase[1:][on[1:] & ~on[:-1]] % 1.0
            mean = np.angle(np.mean(np.exp(2j * np.pi * contact))) / (2 * np.pi)
            assert abs((mean - expected + 0.5) % 1.0 - 0.5) < 0.06, (name, limb)
    assert gait != "canter" or leads == {"canter_left", "canter_right"}


@pytest.mark.parametrize(("gait", "low", "high"), [("walk", 0.55, 0.68), ("trot", 0.33, 0.46), ("canter", 0.29, 0.43)])
def test_hooves_are_planted_for_the_duty_factor_of_the_gait(gait: str, low: float, high: float) -> None:
    shares = [planted(ride_of(gait, horse)[1], limb).mean() for horse in HORSES for limb in range(4)]
    assert low < np.mean(shares) < high


def test_the_listed_contacts_are_those_of_the_pose() -> None:
    ride, body = ride_of("canter", 1)
    for limb in range(4):
        on = planted(body, limb)
        seen = TIMES[1:][on[1:] & ~on[:-1]]
        listed = hoof_contacts(ride, start_seconds=float(TIMES[0]), stop_seconds=float(TIMES[-1]))
        times = np.array([contact.time_seconds for contact in listed if contact.limb == limb])
        nearest = np.abs(times[:, None] - seen[None, 1:-1]).min(axis=0)
        assert nearest.max() < 0.045


@pytest.mark.parametrize(
    ("gait", "withers_mm", "sacrum_mm", "poll_mm", "pitch_degrees", "pelvis_roll_degrees"),
    [
        ("walk", (30, 45), (45, 62), (80, 180), (5, 9), (11, 15)),
        ("trot", (52, 74), (58, 82), (47, 83), (2.8, 4.9), (3.1, 5.8)),
        ("canter", (80, 130), (80, 135), (100, 200), (8, 14), (6, 10)),
    ],
)
def test_the_average_horse_moves_by_the_amplitudes_of_the_literature(
    gait: str,
    withers_mm: tuple[float, float],
    sacrum_mm: tuple[float, float],
    poll_mm: tuple[float, float],
    pitch_degrees: tuple[float, float],
    pelvis_roll_degrees: tuple[float, float],
) -> None:
    measured: list[list[float]] = []
    for horse in HORSES:
        ride, body = ride_of(gait, horse)
        heights = [1000 * body.withers[:, 2], 1000 * body.sacrum[:, 2], 1000 * body.poll[:, 2]]
        angles = [np.degrees(body.withers_angles[:, 1]), np.degrees(body.pelvis_angles[:, 0])]
        measured.append([float(np.median(over_strides(ride, values))) for values in heights + angles])
    means = np.mean(measured, axis=0)
    ranges = (withers_mm, sacrum_mm, poll_mm, pitch_degrees, pelvis_roll_degrees)
    for mean, (low, high) in zip(means, ranges, strict=True):
        assert low <= mean <= high, (means, ranges)


def test_amplitudes_differ_between_horses_as_published() -> None:
    trunk, head = [], []
    for horse in range(40):
        ride = make_ride(YardSpec(gaits=("trot",), seconds=16), horse=horse)
        body = pose(ride, time_seconds=TIMES[:RATE_HZ])
        for values, into in ((body.withers[:, 2], trunk), (body.poll[:, 2], head)):
            into.append(np.ptp(values[: int(RATE_HZ / 1.2)]))
    assert 0.11 < np.std(trunk) / np.mean(trunk) < 0.21
    assert 0.20 < np.std(head) / np.mean(head) < 0.36


def test_a_standing_horse_sways_by_less_than_three_millimetres() -> None:
    for horse in HORSES:
        _, body = ride_of("stand", horse)
        sway = np.concatenate([body.withers, body.sacrum], axis=1)
        assert np.ptp(sway[: 4 * RATE_HZ], axis=0).max() < 0.010
        assert np.std(sway[:, [1, 2, 4, 5]], axis=0).max() < 0.003
        assert np.ptp(body.limb_points[:, :, 4], axis=0).max() < 0.012


def test_changes_of_gait_are_smooth_and_bounded() -> None:
    for horse in HORSES:
        ride = make_ride(YardSpec(seconds=60), horse=horse)
        for bout, following in pairwise(ride.bouts):
            assert 0.5 <= following.start_seconds - bout.stop_seconds <= 1.5
            times = np.arange(bout.stop_seconds - 0.2, following.start_seconds + 0.2, 0.002)
            times = times[(times > 0.0) & (times < 60.0)]
            if times.size < 100:
                continue
            body = pose(ride, time_seconds=times)
            acceleration = np.diff(body.withers, 2, axis=0) / 0.002**2
            assert np.abs(acceleration).max() < 25.0
            assert np.abs(np.diff(body.cannon_angles[:, :, 1], axis=0)).max() / 0.002 < np.radians(1500.0)


def test_the_pose_does_not_depend_on_which_times_are_asked_together() -> None:
    ride = make_ride(YardSpec(seconds=30), horse=2)
    times = np.linspace(0.0, 30.0, 50)
    together = pose(ride, time_seconds=times)
    backwards = pose(ride, time_seconds=times[::-1].copy())
    np.testing.assert_allclose(together.limb_points, backwards.limb_points[::-1], rtol=0, atol=1e-12)


def test_leads_are_mirror_images() -> None:
    left, right = GAITS["canter_left"], GAITS["canter_right"]
    assert left.footfall == (right.footfall[2], right.footfall[3], right.footfall[0], right.footfall[1])
    assert [h.amplitude for h in left.roll_withers] == [-h.amplitude for h in right.roll_withers]
    assert left.withers_z == right.withers_z
