"""Fingerprints: equal content, equal name; any difference in what went in, another name."""

from dataclasses import replace

import numpy as np
import pytest
from equigait.cache.fingerprint import canonical_json, film_key, segment_key, sensor_key, teacher_key
from equigait.cache.schema import Fingerprint
from equigait.data.recording import Bout, ClockMap, Grid
from equigait.data.windows import WindowSpec

BOUTS = (Bout(0.0, 4.0, "walk"), Bout(4.0, 9.0, "trot"))
CLOCK = ClockMap(offset_seconds=1.25, drift_ppm=12.0)


def grid():
    imu = np.random.default_rng(0).normal(size=(500, 12)).astype(np.float32)
    imu[3] = np.nan
    return Grid(1.5, 50.0, ("poll", "withers"), imu, np.isfinite(imu[:, :2]))


def changed(array, index):
    other = array.copy()
    other[index] = 0
    return other


def key(of=None, *, clock=CLOCK, bouts=BOUTS, **spec):
    return sensor_key(of or grid(), clock=clock, bouts=bouts, spec=WindowSpec(**spec))


def test_canonical_json_has_one_text_for_a_value_and_refuses_nan():
    assert canonical_json({"b": (1, 2.5), "a": "é"}) == '{"a":"\\u00e9","b":[1,2.5]}'
    with pytest.raises(ValueError, match="JSON"):
        canonical_json(float("nan"))


def test_the_film_key_changes_with_film_teacher_and_clip_spec_and_not_with_their_order():
    teacher, spec = {"name": "a", "dim": 768}, {"frames": 16, "rate_hz": 7.5}
    once = film_key("00ff", teacher=teacher, clip_spec=spec)
    assert film_key("00ff", teacher={"dim": 768, "name": "a"}, clip_spec=dict(reversed(spec.items()))) == once
    others = {
        film_key("00fe", teacher=teacher, clip_spec=spec),
        film_key("00ff", teacher=teacher | {"dim": 384}, clip_spec=spec),
        film_key("00ff", teacher=teacher, clip_spec=spec | {"rate_hz": 8.0}),
    }
    assert len(others | {once}) == 4


@pytest.mark.parametrize(
    "other",
    [
        lambda: key(replace(grid(), imu=changed(grid().imu, (7, 3)))),
        lambda: key(replace(grid(), imu=grid().imu.reshape(250, 24))),
        lambda: key(replace(grid(), imu_valid=changed(grid().imu_valid, (7, 1)))),
        lambda: key(replace(grid(), start_seconds=1.52)),
        lambda: key(replace(grid(), sites=("withers", "poll"))),
        lambda: key(clock=replace(CLOCK, offset_seconds=1.26)),
        lambda: key(clock=replace(CLOCK, origin="sync")),
        lambda: key(bouts=BOUTS[:1]),
        lambda: key(bouts=(BOUTS[0], Bout(4.0, 9.0, "canter"))),
        lambda: key(hop_steps=50),
        lambda: key(labels=("walk", "trot")),
    ],
)
def test_the_sensor_key_changes_with_everything_that_shapes_windows(other):
    assert key() == key()
    assert other() != key()


def test_the_segment_key_joins_recording_horse_film_and_sensors():
    made = Fingerprint("f", "s")
    others = [("b", "x", made), ("a", "y", made), ("a", "x", Fingerprint("s", "f")), ("a", "x", Fingerprint("fs", ""))]
    names = [segment_key(name, horse=horse, fingerprint=of) for name, horse, of in [("a", "x", made), *others]]
    assert len(set(names)) == 5
    retaught = replace(made, teacher={"name": "x"})
    assert segment_key("a", horse="x", fingerprint=retaught) == names[0]  # the teacher is in the film key


def test_no_film_has_no_teacher_key():
    assert teacher_key({}, clip_spec={}) == ""
    assert teacher_key({"name": "a"}, clip_spec={"hop": 8}) != teacher_key({"name": "a"}, clip_spec={"hop": 4})
