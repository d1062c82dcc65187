"""Film and sensors brought onto one clock, or refused: the yard's truth is the judge."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from equigait.data.recording import ImuStream
from equigait.data.simulate import YardSpec, imu_streams, make_ride
from equigait.data.simulate.film import write_film
from equigait.data.sync import KnownPair, SyncSpec, Verdict, synchronise, write_sync
from equigait.data.video.motion import film_motion
from equigait.data.video.probe import probe_film
from posed_motion import error_seconds, make_posed, posed_motion, turned

UPSIDE_DOWN = np.diag([1.0, -1.0, -1.0])
MIXED_HORSE = 0


@pytest.fixture(scope="module")
def posed():
    return make_posed(1200, horse=MIXED_HORSE)


@pytest.fixture(scope="module")
def found(posed):
    _, streams, motion = posed
    return synchronise(streams, motion=motion)


def test_offset_and_drift_of_a_mixed_ride_are_found(posed, found):
    ride, _, _ = posed
    assert found.verdict is Verdict.ACCEPT, found.reasons
    assert abs(error_seconds(ride, found.clock, film_seconds=70.0)) < 0.005
    # A drift that 2 min cannot tell must not put their ends out of step either.
    assert abs(error_seconds(ride, found.clock, film_seconds=138.0)) < 0.010
    assert found.clock.origin == "sync"


def test_drift_is_found_over_five_minutes():
    ride, streams, motion = make_posed(1200, horse=2, seconds=300.0)
    result = synchronise(streams, motion=motion)
    assert result.verdict is Verdict.ACCEPT, result.reasons
    assert abs(result.drift_ppm - ride.clock.drift_ppm) < 15


def test_a_rendered_film_and_its_sensors_are_brought_together(tmp_path: Path):
    spec = YardSpec(seed=1201, seconds=60.0, fps=15.0, frame_width=160, frame_height=96, max_skew_seconds=20.0)
    ride = make_ride(spec, horse=0)
    write_film(ride, path=tmp_path / "film.mp4")
    motion = film_motion(probe_film(tmp_path / "film.mp4"))
    result = synchronise(imu_streams(ride), motion=motion)
    assert result.verdict is not Verdict.REFUSE, result.reasons
    assert abs(error_seconds(ride, result.clock, film_seconds=30.0)) < 1 / 25


def test_a_mount_turned_upside_down_changes_nothing(posed):
    ride, streams, motion = posed
    result = synchronise([turned(s, rotation=UPSIDE_DOWN) for s in streams], motion=motion)
    assert result.verdict is Verdict.ACCEPT, result.reasons
    assert abs(error_seconds(ride, result.clock, film_seconds=70.0)) < 0.005


def test_a_film_upside_down_is_not_accepted(posed):
    _, streams, motion = posed
    result = synchronise(streams, motion=replace(motion, up=-motion.up))
    assert result.verdict is not Verdict.ACCEPT


@pytest.mark.parametrize("horse", [3, 4, 5])
def test_film_and_sensors_of_different_rides_are_refused(posed, horse: int):
    _, streams, _ = posed
    _, _, other = make_posed(1202, horse=horse)
    result = synchronise(streams, motion=other)
    assert result.verdict is Verdict.REFUSE
    assert result.clock is None
    assert result.reasons


@pytest.mark.parametrize("gait", ["walk", "trot", "canter"])
def test_one_steady_gait_is_never_accepted_at_a_wrong_stride(gait: str):
    for horse in range(2):
        ride, streams, motion = make_posed(1203, horse=horse, seconds=60.0, gaits=(gait,))
        result = synchronise(streams, motion=motion)
        right = result.clock is not None and abs(error_seconds(ride, result.clock, film_seconds=30.0)) < 0.1
        assert result.verdict is not Verdict.ACCEPT or right


def test_a_clock_that_jumps_is_refused_with_its_place_and_size(posed):
    ride, streams, motion = posed
    middle = float(ride.clock.to_imu(np.array([70.0]))[0])
    jumped = [replace(s, time_seconds=s.time_seconds + 0.5 * (s.time_seconds > middle)) for s in streams]
    result = synchronise(jumped, motion=motion)
    assert result.verdict is Verdict.REFUSE
    assert result.clock_step is not None
    # Stamps half a second late afterwards: film minus sensors is half a second less.
    assert result.clock_step.step_seconds == pytest.approx(-0.5, abs=0.06)
    assert result.clock_step.film_seconds == pytest.approx(70.0, abs=20.0)


def test_a_dead_sensor_is_left_out_and_named(posed):
    ride, streams, motion = posed
    still = np.broadcast_to([0.0, 0.0, 9.81], streams[1].specific_force.shape).copy()
    dead = replace(streams[1], specific_force=still)
    result = synchronise([streams[0], dead, *streams[2:]], motion=motion)
    assert abs(error_seconds(ride, result.clock, film_seconds=70.0)) < 0.02
    assert any(dead.site in reason for reason in result.reasons)


def test_stamps_hours_off_are_found_by_motion_alone(posed):
    ride, streams, motion = posed
    late = [replace(s, time_seconds=s.time_seconds + 7200.0) for s in streams]
    result = synchronise(late, motion=motion)
    assert result.verdict is Verdict.ACCEPT, result.reasons
    shifted = replace(
        result.clock, offset_seconds=result.offset_s + 7200.0, reference_seconds=result.reference_s - 7200.0
    )
    assert abs(error_seconds(ride, shifted, film_seconds=70.0)) < 0.005


def test_an_expectation_far_from_the_truth_finds_nothing_to_accept(posed):
    ride, streams, motion = posed
    wrong = SyncSpec(expect_offset=ride.clock.offset_seconds + 30.0, expect_within=3.0)
    assert synchronise(streams, motion=motion, spec=wrong).verdict is not Verdict.ACCEPT


def test_an_offset_by_hand_is_kept_and_said_so(posed):
    _, streams, motion = posed
    result = synchronise(streams, motion=motion, spec=SyncSpec(offset=1.25))
    assert result.clock.offset_seconds == 1.25
    assert result.clock.origin == "by-hand"
    assert result.verdict is Verdict.REVIEW
    assert "offset set by hand" in result.reasons


def test_a_known_pair_keeps_the_search_beside_it(posed):
    ride, streams, motion = posed
    imu_seconds = float(ride.clock.to_imu(np.array([100.0]))[0])
    pair = KnownPair(film_seconds=100.1, imu_seconds=imu_seconds)
    result = synchronise(streams, motion=motion, spec=SyncSpec(events=(pair,)))
    assert abs(error_seconds(ride, result.clock, film_seconds=70.0)) < 0.005
    offsets = result.plot.offset_s[np.isfinite(result.plot.score)]
    assert np.ptp(offsets) < 1.2


def test_nothing_usable_is_refused_and_never_zero():
    time = np.arange(0.0, 60.0, 0.01)
    still = ImuStream(
        "withers", time, np.tile([0.0, 0.0, 9.81], (len(time), 1)), np.zeros((len(time), 3)), Path("still.csv")
    )
    _, _, motion = make_posed(1204, seconds=40.0, max_skew_seconds=3.0)
    result = synchronise([still], motion=motion)
    assert result.verdict is Verdict.REFUSE
    assert result.clock is None
    assert result.offset_s is None


def test_missing_bursts_and_uneven_frames_do_not_mislead(posed):
    ride, streams, _ = posed
    rng = np.random.default_rng(5)
    kept = np.ones(len(streams[0].time_seconds), bool)
    for start in rng.integers(0, len(kept) - 60, len(kept) // 1000):
        kept[start : start + 50] = False
    lossy = [
        replace(
            s,
            time_seconds=s.time_seconds[kept],
            specific_force=s.specific_force[kept],
            angular_rate=s.angular_rate[kept],
        )
        for s in streams
    ]
    uneven = np.sort(rng.choice(np.arange(0.0, 140.0, 1 / 60), 3600, replace=False))
    result = synchronise(lossy, motion=posed_motion(ride, frame_seconds=uneven))
    assert abs(error_seconds(ride, result.clock, film_seconds=70.0)) < 0.01


def test_the_written_file_holds_what_was_found(found, tmp_path: Path):
    content = json.loads(write_sync(found, tmp_path / "sync.json").read_text())
    assert {"offset_s", "drift_ppm", "sigma_s", "gap", "verdict", "reasons", "windows"} <= content.keys()
    assert content["offset_s"] == pytest.approx(found.offset_s, abs=1e-6)
    assert content["verdict"] == "ACCEPT"
    assert len(content["windows"]) == len(found.windows)
