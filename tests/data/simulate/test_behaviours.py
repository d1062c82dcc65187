"""Horses of the middle and the field yard: ways of going that overlap, circles, jumps, and physics that still holds."""

from functools import cache
from itertools import pairwise

import numpy as np
import pytest
from equigait.data.simulate import GaitBout, Ride, YardSpec, hoof_contacts, ideal_motion, make_ride, pose, stride_phase
from equigait.data.simulate.extras import AIRBORNE
from equigait.data.simulate.imu import Motion
from equigait.data.simulate.level import BEHAVIOURS, LEVELS
from equigait.data.simulate.rotations import body_to_world, from_vector, to_angles
from equigait.data.simulate.style import draw_behaviours
from pydantic import ValidationError

G = 9.81
RATE_HZ = 200
TIMES = np.arange(1.0, 11.0, 1.0 / RATE_HZ)


@cache
def motion_of(behaviour: str, horse: int) -> tuple[Ride, dict[str, Motion]]:
    """A ride of one behaviour as ideal sensors feel it."""
    ride = make_ride(YardSpec(difficulty="field", behaviours=(behaviour,), seconds=12.0), horse=horse)
    return ride, ideal_motion(ride, sites=("withers", "sacrum", "poll"), time_seconds=TIMES)


@pytest.mark.parametrize("behaviour", BEHAVIOURS)
def test_the_gyroscope_integrates_to_the_simulated_turning(behaviour: str) -> None:
    ride, motions = motion_of(behaviour, 1)
    body = pose(ride, time_seconds=TIMES)
    for site, angles in (("withers", body.withers_angles), ("poll", body.head_angles)):
        rate = motions[site].angular_rate
        turned = body_to_world(angles[:1])[0]
        for middle in 0.5 * (rate[1:401] + rate[:400]):
            turned = turned @ from_vector(middle / RATE_HZ)
        missed = turned.T @ body_to_world(angles[400:401])[0]
        assert np.degrees(np.arccos(np.clip((np.trace(missed) - 1.0) / 2.0, -1.0, 1.0))) < 1.0, site


@pytest.mark.parametrize("behaviour", BEHAVIOURS)
def test_the_accelerometer_is_the_specific_force_of_the_simulated_path(behaviour: str) -> None:
    ride, motions = motion_of(behaviour, 2)
    step = 0.004
    before, now, after = (pose(ride, time_seconds=TIMES[::7] + shift) for shift in (-step, 0.0, step))
    acceleration = (after.withers - 2.0 * now.withers + before.withers) / step**2
    expected = np.einsum("tji,tj->ti", body_to_world(now.withers_angles), acceleration + np.array([0.0, 0.0, G]))
    gap = np.abs(motions["withers"].specific_force[::7] - expected)
    assert np.percentile(gap, 95) < 0.05 * G


@pytest.mark.parametrize("behaviour", ["stand", "graze"])
def test_a_horse_that_stays_where_it_is_feels_gravity_alone(behaviour: str) -> None:
    for horse in range(3):
        _, motions = motion_of(behaviour, horse)
        for site in ("withers", "sacrum"):
            felt = np.linalg.norm(motions[site].specific_force, axis=1)
            assert felt.mean() == pytest.approx(G, rel=0.005)
            assert np.median(np.abs(felt - G)) < 0.01 * G


@pytest.mark.parametrize("behaviour", ["walk", "tolt", "trot", "canter-left", "canter-right"])
def test_on_a_circle_the_horse_leans_inwards_and_feels_the_sideways_force_of_its_speed(behaviour: str) -> None:
    for horse in range(6):
        ride, motions = motion_of(behaviour, horse)
        (bout,) = ride.bouts
        assert bout.style is not None
        curvature = bout.style.curvature_per_m
        if curvature == 0.0:
            continue
        body, speed = pose(ride, time_seconds=TIMES), ride.travel_m(TIMES, 1)
        force = np.einsum("tij,tj->ti", body_to_world(body.withers_angles), motions["withers"].specific_force)
        heading = ride.track.heading(TIMES) if ride.track else 0.0
        to_the_left = force[:, 1] * np.cos(heading) - force[:, 0] * np.sin(heading)
        whole = whole_strides(ride)
        needed = float((speed**2 * curvature)[whole].mean())
        # The withers go on a smaller circle than the hooves, by the lean: less than a tenth here.
        assert to_the_left[whole].mean() == pytest.approx(needed, rel=0.15, abs=0.08)
        assert np.sign(-ride.track.lean(5.0)) == np.sign(curvature)  # type: ignore[union-attr]  # every field ride has one
        assert abs(np.tan(ride.track.lean(5.0))) <= abs(speed**2 * curvature / G).max() * 1.01  # type: ignore[union-attr]


def whole_strides(ride: Ride) -> slice:
    edges = np.flatnonzero(np.diff(np.floor(stride_phase(ride, time_seconds=TIMES)))) + 1
    return slice(int(edges[0]), int(edges[-1]))


def test_turning_on_the_spot_turns_the_horse_around_wholly_and_takes_it_nowhere() -> None:
    reins = set()
    for horse in range(6):
        spec = YardSpec(difficulty="field", behaviours=("turn",), seconds=12.0, max_skew_seconds=0.0)
        ride = make_ride(spec, horse=horse)
        assert ride.track is not None
        turned = float(ride.track.facing(13.9) - ride.track.facing(-1.9))
        assert abs(turned) / (2 * np.pi) == pytest.approx(round(abs(turned) / (2 * np.pi)), abs=0.06)
        assert abs(turned) > 6.0
        reins.add(np.sign(turned))
        path = pose(ride, time_seconds=TIMES).sacrum[:, :2]
        assert np.ptp(path, axis=0).max() < 3.0
    assert reins == {-1.0, 1.0}


def test_in_a_jump_the_trunk_falls_freely_above_the_ground_and_no_hoof_meets_it() -> None:
    ride, motions = motion_of("jump", 3)
    assert ride.extras is not None
    air = ride.extras(TIMES)[:, AIRBORNE] > 0.999
    assert 0.03 < air.mean() < 0.4
    trunk = 0.5 * (motions["withers"].specific_force + motions["sacrum"].specific_force)
    felt = np.linalg.norm(trunk, axis=1) / G
    assert np.median(felt[air]) < 0.3
    assert felt[~air].max() > 1.5
    body = pose(ride, time_seconds=TIMES)
    hooves = body.limb_points[:, :, 4, 2]
    assert hooves[air].min(axis=1).mean() > 0.2
    flying = np.interp([c.time_seconds for c in hoof_contacts(ride, start_seconds=1.5, stop_seconds=10.5)], TIMES, air)
    assert np.mean(flying > 0.5) < 0.02


def test_a_slow_trot_has_the_tempo_of_a_quick_walk_and_a_collected_canter_that_of_a_trot() -> None:
    tempo = {}
    for behaviour in ("walk", "trot", "canter-left"):
        rows = []
        for horse in range(12):
            ride = make_ride(YardSpec(difficulty="field", behaviours=(behaviour,), seconds=4.0), horse=horse)
            rows.append(float(np.ptp(stride_phase(ride, time_seconds=np.array([0.0, 4.0])))) / 4.0)
        tempo[behaviour] = np.array(rows)
    for slower, quicker in pairwise(("walk", "trot", "canter-left")):
        assert np.percentile(tempo[slower], 90) > np.percentile(tempo[quicker], 10)
        assert tempo[slower].mean() < tempo[quicker].mean()


def test_horses_range_from_ponies_to_warmbloods_and_stay_the_same_in_all_their_rides() -> None:
    spec = YardSpec(difficulty="field", behaviours=("stand",), seconds=2.0)
    heights = [make_ride(spec, horse=horse).horse.height_m for horse in range(24)]
    assert min(heights) < 1.25
    assert max(heights) > 1.65
    assert all(1.10 <= height <= 1.75 for height in heights)
    first, second = (vars(make_ride(spec, horse=4, recording=recording).horse) for recording in (0, 1))
    assert all(np.array_equal(first[name], second[name]) for name in first)


def bouts_of(difficulty: str, *, rides: int) -> list[tuple[GaitBout, ...]]:
    """What horses do in five minutes."""
    spec = YardSpec(difficulty=difficulty)
    assert spec.level is not None
    rng = np.random.default_rng(0)
    return [draw_behaviours(rng, spec=spec, level=spec.level, span=(0.0, 300.0)) for _ in range(rides)]


def test_a_ride_of_some_minutes_holds_most_behaviours_each_with_its_label() -> None:
    for bouts in bouts_of("field", rides=20):
        assert len({bout.label for bout in bouts}) >= 8
        assert {bout.label for bout in bouts} <= set(BEHAVIOURS)
        assert len({bout.style.ridden for bout in bouts if bout.style}) == 1
        assert all(0.5 <= after.start_seconds - bout.stop_seconds <= 1.5 for bout, after in pairwise(bouts))


def test_horses_go_on_both_reins_and_mostly_on_the_lead_of_the_rein() -> None:
    bouts = [bout for ride in bouts_of("field", rides=60) for bout in ride]
    for gait in ("walk", "trot", "tolt"):
        curved = [bout.style.curvature_per_m for bout in bouts if bout.gait == gait and bout.style]
        assert min(curved) < 0.0 < max(curved)
        assert all(3.0 <= 1.0 / abs(curvature) <= 12.0 for curvature in curved if curvature)
    canters = [bout for bout in bouts if bout.style and bout.style.curvature_per_m and bout.gait.startswith("canter")]
    true = [(bout.style.curvature_per_m > 0.0) == (bout.gait == "canter_left") for bout in canters if bout.style]
    assert 0.6 < np.mean(true) < 0.9


def test_the_middle_yard_calls_both_leads_canter() -> None:
    bouts = [bout for ride in bouts_of("middle", rides=5) for bout in ride]
    assert {bout.label for bout in bouts} == {"stand", "walk", "tolt", "trot", "canter"}
    assert {bout.gait for bout in bouts} == {"stand", "walk", "tolt", "trot", "canter_left", "canter_right"}


def test_only_gaited_horses_tolt_and_pace() -> None:
    gaited = [{"tolt", "pace"} & {bout.label for bout in bouts} for bouts in bouts_of("field", rides=40)]
    assert 0.4 < np.mean([bool(found) for found in gaited]) < 0.95


def test_behaviours_belong_to_their_difficulty() -> None:
    with pytest.raises(ValidationError, match="do not occur at difficulty easy"):
        YardSpec(behaviours=("paw",))
    with pytest.raises(ValidationError, match="do not occur at difficulty middle"):
        YardSpec(difficulty="middle", behaviours=("pace",))
    with pytest.raises(ValidationError, match="easy yard's"):
        YardSpec(difficulty="field", gaits=("walk",))


def test_angles_come_back_from_their_rotation() -> None:
    angles = np.random.default_rng(0).uniform(-1.4, 1.4, (50, 3))
    np.testing.assert_allclose(to_angles(body_to_world(angles)), angles, atol=1e-12)


def test_versions_name_their_difficulty() -> None:
    assert {name: level.version for name, level in LEVELS.items()} == {"middle": "middle-1", "field": "field-1"}
