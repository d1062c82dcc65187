"""Known pairs: points of the fit, held against each other, and a clock where motion tells nothing."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from equigait.data.errors import BadInput
from equigait.data.recording import ImuStream
from equigait.data.sync import KnownPair, SyncSpec, Verdict, synchronise, write_sync
from equigait.data.sync.anchor_events import clock_of_pairs, parse_pair
from posed_motion import error_seconds, make_posed


@pytest.fixture(scope="module")
def trot():
    return make_posed(1210, seconds=60.0, gaits=("trot",), max_skew_seconds=4.0)


def pair_at(ride, film_seconds: float, *, off: float = 0.0) -> KnownPair:
    imu_seconds = float(ride.clock.to_imu(np.array([film_seconds]))[0])
    return KnownPair(film_seconds=film_seconds + off, imu_seconds=imu_seconds)


@pytest.mark.parametrize("text", ["film:12.48,imu:407.2", "imu:407.2, film:12.48", " film: 12.48 , imu: 407.2 "])
def test_a_pair_is_read_in_either_order(text: str):
    assert parse_pair(text) == KnownPair(film_seconds=12.48, imu_seconds=407.2)


@pytest.mark.parametrize("text", ["film:3", "3,4", "film:nan,imu:2", "film:1,film:2", "film:1;imu:2", ""])
def test_anything_else_is_refused_with_what_to_write(text: str):
    with pytest.raises(BadInput, match=r"film:12\.48,imu:407\.2"):
        parse_pair(text)


def test_two_pairs_far_apart_give_offset_and_drift_by_hand_calculation():
    pairs = (KnownPair(film_seconds=110.0, imu_seconds=100.0), KnownPair(film_seconds=10110.5, imu_seconds=10100.0))
    clock = clock_of_pairs(pairs, spec=SyncSpec())
    assert clock.reference_seconds == 5100.0
    assert clock.offset_seconds == pytest.approx(10.25)
    assert clock.drift_ppm == pytest.approx(50.0, abs=1.0)  # half a second in ten thousand
    assert clock.origin == "by-hand"


def test_pairs_close_together_say_nothing_about_drift():
    pairs = (KnownPair(film_seconds=10.0, imu_seconds=0.0), KnownPair(film_seconds=15.04, imu_seconds=5.0))
    assert abs(clock_of_pairs(pairs, spec=SyncSpec()).drift_ppm) < 1.0


def test_a_pair_tells_one_stride_of_a_steady_trot_from_the_next(trot):
    ride, streams, motion = trot
    result = synchronise(
        streams, motion=motion, spec=SyncSpec(events=(pair_at(ride, 30.0, off=0.03),), event_within=0.15)
    )
    assert abs(error_seconds(ride, result.clock, film_seconds=30.0)) < 0.03
    assert "1 known pair given by hand" in result.reasons
    assert not any("one steady gait" in reason for reason in result.reasons)


def test_a_pair_that_lies_off_the_motion_is_doubted_and_written_down(tmp_path: Path):
    ride, streams, motion = make_posed(1200, seconds=100.0, max_skew_seconds=4.0)
    result = synchronise(
        streams, motion=motion, spec=SyncSpec(events=(pair_at(ride, 30.0, off=0.18),), event_within=0.2)
    )
    assert result.verdict is not Verdict.ACCEPT
    assert any("known pair" in reason and "off what the motion says" in reason for reason in result.reasons)
    (event,) = json.loads(write_sync(result, tmp_path / "sync.json").read_text())["events"]
    assert event["residual_s"] == pytest.approx(0.18, abs=0.04)


def test_pairs_alone_make_a_clock_to_review_where_the_sensors_rest(trot):
    _, streams, motion = trot
    still = [replace(s, specific_force=np.tile([0.0, 0.0, 9.81], (len(s.time_seconds), 1))) for s in streams]
    pairs = (KnownPair(film_seconds=10.0, imu_seconds=8.0), KnownPair(film_seconds=50.0, imu_seconds=48.02))
    result = synchronise(still, motion=motion, spec=SyncSpec(events=pairs))
    assert result.verdict is Verdict.REVIEW
    assert result.clock.offset_seconds == pytest.approx(1.99)
    assert result.clock.origin == "by-hand"
    assert "the clock rests on them alone" in result.reasons


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        ({"events": [(10.0, 20.0), (50.0, 58.0)]}, "offsets lie 2.000 s apart"),
        ({"events": [(10.0, 20.0)], "offset": 3.0}, "beside --offset 3"),
        ({"events": [(10.0, 20.0)], "expect_offset": 3.0}, "beside --expect-offset 3"),
        ({"events": [(10.0, 500.0)]}, "a moment of the sensors"),
        ({"events": [(300.0, 20.0)]}, "a moment of the film"),
    ],
)
def test_pairs_that_cannot_be_true_are_refused(trot, spec: dict[str, object], words: str):
    _, streams, motion = trot
    pairs = [KnownPair(film_seconds=film, imu_seconds=imu) for film, imu in spec["events"]]
    with pytest.raises(BadInput, match=words):
        synchronise(streams, motion=motion, spec=SyncSpec(**spec | {"events": pairs}))


def test_drift_brings_pairs_together_only_within_its_bound():
    streams = [_silence()]
    _, _, motion = make_posed(1211, seconds=20.0, max_skew_seconds=1.0)
    pairs = (KnownPair(film_seconds=0.0, imu_seconds=0.0), KnownPair(film_seconds=19.2, imu_seconds=20.0))
    with pytest.raises(BadInput, match="drift of 200 ppm included"):
        synchronise(streams, motion=motion, spec=SyncSpec(events=pairs))


def _silence() -> ImuStream:
    time = np.arange(0.0, 20.0, 0.01)
    force = np.tile([0.0, 0.0, 9.81], (len(time), 1))
    return ImuStream("withers", time, force, np.zeros((len(time), 3)), Path("still.csv"))
