"""Film shows the pose and nothing else: what is drawn follows the same movement that the sensors measure."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from equigait.data.simulate import Ride, Scene, YardSpec, ideal_motion, make_ride, make_scene, pose, render_frames
from equigait.data.simulate.body import FAR_TONE, horse_capsules
from equigait.data.simulate.rotations import body_to_world
from equigait.data.simulate.scene import HORSE_CENTRE_M, SHAKE_ROWS, STRIP_PIXELS

FPS = 30
TIMES = 2.0 + np.arange(60) / FPS


@cache
def ride_of(gait: str, horse: int = 0) -> Ride:
    return make_ride(YardSpec(gaits=(gait,), seconds=8, camera_variety=0.0), horse=horse)


def bare(scene: Scene) -> Scene:
    """The same scene over a plain bright green, against which the horse is found."""
    strips = np.zeros_like(scene.strips)
    strips[..., 1] = 255
    return replace(scene, strips=strips)


def silhouettes(ride: Ride, times: np.ndarray) -> np.ndarray:
    """Where the horse is: neither the green nor the shadow on it."""
    frames = render_frames(ride, time_seconds=times, scene=bare(make_scene(ride))).astype(int)
    return (frames[..., 0] > 8) | (frames[..., 2] > 8)


def back_rows(masks: np.ndarray, columns: slice) -> np.ndarray:
    """Topmost row of the horse over some columns, to a fraction of a row by their mean."""
    return np.argmax(masks[:, :, columns], axis=1).mean(axis=1)


@pytest.mark.parametrize("gait", ["walk", "trot", "canter"])
def test_the_back_in_the_film_rises_and_falls_with_the_pose(gait: str) -> None:
    ride = ride_of(gait)
    scene = make_scene(ride)
    body = pose(ride, time_seconds=TIMES)
    behind = (HORSE_CENTRE_M + 0.42) * ride.horse.scale * scene.pixels_per_m  # the croup, from the middle of the frame
    croup = int(ride.spec.frame_width / 2 + (behind if scene.faces_left else -behind))
    rows = back_rows(silhouettes(ride, TIMES), slice(croup - 6, croup + 6))
    seen = -(rows - rows.mean()) / scene.pixels_per_m
    true = body.sacrum[:, 2] - body.sacrum[:, 2].mean()
    assert np.corrcoef(seen, true)[0, 1] > 0.9
    assert np.abs(seen - true).max() < 1.5 / scene.pixels_per_m


def test_film_and_accelerometer_share_their_time() -> None:
    ride = ride_of("trot")
    rate = 240
    fine = np.arange(1.0, 5.0, 1 / rate)
    motion = ideal_motion(ride, sites=("withers", "sacrum"), time_seconds=fine)
    body = pose(ride, time_seconds=fine)
    up = [
        np.einsum("tij,tj->ti", body_to_world(angles), motion[site].specific_force)[:, 2]
        for site, angles in (("withers", body.withers_angles), ("sacrum", body.pelvis_angles))
    ]
    sensed = np.mean(up, axis=0) - 9.81
    middle = ride.spec.frame_width // 2 + (8 if make_scene(ride).faces_left else -8)
    rows = back_rows(silhouettes(ride, TIMES), slice(middle - 4, middle + 4))
    # In trot the trunk swings up and down almost purely, so that acceleration is height upside down.
    correlations = []
    lags = np.arange(-24, 25)
    for lag in lags:
        at_frames = np.interp(TIMES + lag / rate, fine, sensed)
        correlations.append(np.corrcoef(at_frames, rows - rows.mean())[0, 1])
    assert max(correlations) > 0.93
    assert abs(lags[int(np.argmax(correlations))]) / rate < 0.010


@pytest.mark.parametrize("gait", ["stand", "walk", "trot", "canter"])
def test_the_horse_fills_the_central_square_without_leaving_it(gait: str) -> None:
    shares = []
    for horse in range(8):
        ride = make_ride(YardSpec(gaits=(gait,), seconds=8), horse=horse)
        masks = silhouettes(ride, TIMES[::6])
        columns = np.flatnonzero(masks.any(axis=(0, 1)))
        square = ride.spec.frame_height
        left = (ride.spec.frame_width - square) // 2
        assert columns[0] >= left
        assert columns[-1] < left + square
        widths = [np.ptp(np.flatnonzero(mask.any(axis=0))) / square for mask in masks]
        shares.append(np.mean(widths))
        assert masks[:, 0].sum() == 0
        assert masks[:, -1].sum() == 0
    assert 0.60 < np.mean(shares) < 0.85
    assert min(shares) > 0.55


def test_the_camera_keeps_the_horse_through_changes_of_pace() -> None:
    ride = make_ride(YardSpec(seconds=40, gaits=("stand", "trot"), bout_seconds=(4, 6), camera_variety=2.0), horse=1)
    masks = silhouettes(ride, np.arange(0.0, 40.0, 0.5))
    columns = np.flatnonzero(masks.any(axis=(0, 1)))
    assert columns[0] >= 64
    assert columns[-1] < 256


def test_the_background_slides_by_the_way_that_the_horse_goes() -> None:
    for gait, horse in (("walk", 0), ("canter", 3), ("stand", 1)):
        ride = ride_of(gait, horse)
        scene = make_scene(ride)
        _, last, speed = scene.rows[-1]
        frames = render_frames(ride, time_seconds=TIMES[:4], scene=scene)[:, last - 8 : last].astype(float)
        way = np.diff(ride.travel_m(TIMES[:4]))[0] * scene.pixels_per_m * speed * (-1 if scene.faces_left else 1)
        errors = []
        shifts = np.arange(-24, 25)
        for shift in shifts:
            moved = np.roll(frames[1], shift, axis=1)
            errors.append(np.abs(moved[:, 30:-30] - frames[0][:, 30:-30]).mean())
        assert shifts[int(np.argmin(errors))] == pytest.approx(way, abs=1.1)


def test_nothing_in_the_scene_or_the_coat_tells_the_gait() -> None:
    scenes = [make_scene(make_ride(YardSpec(gaits=(gait,)), horse=4)) for gait in ("stand", "walk", "trot", "canter")]
    coats = {make_ride(YardSpec(gaits=(gait,)), horse=4).horse.coat for gait in ("stand", "walk", "trot", "canter")}
    assert len(coats) == 1
    for scene in scenes[1:]:
        assert np.array_equal(scene.strips, scenes[0].strips)
        assert (scene.faces_left, scene.pixels_per_m, scene.ground_row) == (
            scenes[0].faces_left,
            scenes[0].pixels_per_m,
            scenes[0].ground_row,
        )


def test_the_place_of_the_horse_in_the_frame_does_not_tell_its_pace() -> None:
    places = {}
    for gait in ("stand", "walk", "canter"):
        ride = make_ride(YardSpec(gaits=(gait,), seconds=8), horse=2)
        masks = silhouettes(ride, np.array([4.0]))[0]
        back = masks[: int(0.6 * ride.spec.frame_height)]  # head and trunk, without the legs
        places[gait] = np.flatnonzero(back.any(axis=0)).mean()
    assert max(places.values()) - min(places.values()) < 0.05 * 192


def test_horses_go_both_ways_and_turn_the_side_to_the_camera_that_is_near() -> None:
    ways = {make_scene(make_ride(YardSpec(seconds=2, gaits=("stand",)), horse=horse)).faces_left for horse in range(10)}
    assert ways == {True, False}
    ride = ride_of("walk")
    body = pose(ride, time_seconds=TIMES[:2])
    swing = np.zeros(2)
    for near_left in (True, False):
        parts = horse_capsules(body, horse=ride.horse, near_left=near_left, tail_swing=swing)
        pivot = body.limb_points[0, 1 if near_left else 3, 0, [0, 2]]
        found = np.all(parts.start[0] == pivot, axis=1)
        assert set(parts.away[found]) == {-1.0} or np.array_equal(*body.limb_points[0, [1, 3], 0][:, [0, 2]])


def test_far_legs_are_darker_than_near_ones() -> None:
    ride = ride_of("walk")
    parts = horse_capsules(pose(ride, time_seconds=TIMES[:1]), horse=ride.horse, near_left=True, tail_swing=np.zeros(1))
    near, far = (parts.colour[parts.away == away] for away in (-1.0, 1.0))
    np.testing.assert_allclose(far[0], FAR_TONE * near[0])  # thighs wear the same coat


def test_frames_do_not_depend_on_what_else_is_rendered() -> None:
    ride = ride_of("canter")
    together = render_frames(ride, time_seconds=TIMES[:20])
    alone = render_frames(ride, time_seconds=TIMES[13:14], scene=make_scene(ride))
    assert np.abs(together[13].astype(int) - alone[0].astype(int)).max() <= 1


def test_frames_come_in_the_asked_size() -> None:
    ride = make_ride(YardSpec(seconds=2, frame_width=160, frame_height=96), horse=0)
    frames = render_frames(ride, time_seconds=np.array([0.0, 1.0]))
    assert frames.shape == (2, 96, 160, 3)
    assert frames.dtype == np.uint8


def test_strips_repeat_without_a_seam() -> None:
    scene = make_scene(ride_of("stand"))
    width = ride_of("stand").spec.frame_width
    assert scene.strips.shape == (2, 192 + 2 * SHAKE_ROWS, STRIP_PIXELS + width, 3)
    assert np.array_equal(scene.strips[0, :, :width], scene.strips[0, :, STRIP_PIXELS : STRIP_PIXELS + width])
