"""Joints as a teacher: the normalisation by hand, gaps and masks, and phase one from files of joints alone."""

import shutil
from pathlib import Path

import numpy as np
import pytest
import yaml
from equigait.data.errors import BadInput
from equigait.data.keypoints.tracks import JointTracks
from equigait.pipeline.recipe import Recipe
from equigait.pipeline.teachers.keypoints import clip_feature
from equigait.pipeline.teachers.settings import KeypointSettings, TeacherSettings
from phase_one import run, segments

JOINTS = ("poll", "withers", "croup", "hoof")
SETTINGS = KeypointSettings(joints=("withers", "hoof"), trunk=("withers", "croup"), steps=4)
MEMBERS = np.arange(4)


def horse(frames: int = 4, *, scale: float = 1.0, shift: tuple[float, float] = (0.0, 0.0)) -> np.ndarray:
    """A trunk of 2 units with its front at the right; the hoof hangs 1 below the middle and swings by 0.25 a frame."""
    position = np.zeros((frames, 4, 2))
    position[:, 0] = (2.0, -2.0)
    position[:, 1], position[:, 2] = (1.0, -1.0), (-1.0, -1.0)
    position[:, 3, 0] = 0.25 * np.arange(frames)
    return position * scale + shift


def feature(position: np.ndarray, likelihood: np.ndarray | None = None, **changes: object) -> np.ndarray:
    tracks = JointTracks.of(JOINTS, position, likelihood)
    return clip_feature(tracks, members=MEMBERS, settings=SETTINGS.model_copy(update=changes))


def test_positions_are_from_the_middle_of_the_trunk_in_its_lengths_forward_and_up() -> None:
    found = feature(horse())
    by_hand = [[(0.5, 0.0), (0.125 * frame, -0.5)] for frame in range(4)]  # withers, hoof; image rows run down
    np.testing.assert_allclose(found, [*np.ravel(by_hand), 1.0, 1.0], atol=1e-6)


def test_size_place_and_side_of_the_horse_do_not_matter() -> None:
    expected = feature(horse())
    np.testing.assert_allclose(feature(horse(scale=70.0, shift=(300.0, 200.0))), expected, atol=1e-6)
    np.testing.assert_allclose(feature(horse() * (-1.0, 1.0)), expected, atol=1e-6)


def test_a_gap_is_interpolated_and_an_unsure_joint_counts_as_one() -> None:
    position, sure = horse(), np.ones((4, 4))
    position[1, 3] = np.nan
    sure[3, 3] = 0.4  # the last frame: the nearest one before it is repeated
    found = feature(position, sure).reshape(-1)
    hoof = found[:16].reshape(4, 2, 2)[:, 1]
    np.testing.assert_allclose(hoof[:, 0], [0.0, 0.125, 0.25, 0.25], atol=1e-6)
    np.testing.assert_allclose(found[16:], [1.0, 0.5])


def test_a_joint_seldom_found_is_masked_and_a_clip_without_trunk_is_zeros() -> None:
    position = horse()
    position[1:, 3] = np.nan
    found = feature(position)
    np.testing.assert_array_equal(found[:16].reshape(4, 2, 2)[:, 1], 0.0)
    np.testing.assert_allclose(found[16:], [1.0, 0.25])
    position[1:, 2] = np.nan
    assert not feature(position).any()


def csv_of(position: np.ndarray) -> str:
    parts, axes = ",".join(joint for joint in JOINTS for _ in range(3)), ",".join(["x,y,likelihood"] * len(JOINTS))
    rows = [f"{number}," + ",".join(f"{x},{y},0.9" for x, y in frame) for number, frame in enumerate(position.tolist())]
    return "\n".join(["scorer" + ",net" * 12, f"bodyparts,{parts}", f"coords,{axes}", *rows]) + "\n"


@pytest.fixture
def joint_recipe() -> Recipe:
    joints = KeypointSettings(joints=("withers", "hoof"), trunk=("withers", "croup"))
    return Recipe(teacher=TeacherSettings(name="keypoints", keypoints=joints))


@pytest.fixture
def data_with_joints(yard: Path, tmp_path: Path) -> Path:
    """The small yard: two recordings with joints of 180 frames, as many as their films have, and one without."""
    folder = shutil.copytree(yard, tmp_path / "data")
    for recording in ("h000-r00", "h001-r00"):
        path = folder / recording / "recording.yaml"
        (path.parent / "joints.csv").write_text(csv_of(horse(180, scale=50.0)))
        path.write_text(yaml.safe_dump(yaml.safe_load(path.read_text()) | {"keypoints": "joints.csv"}))
    return folder


def test_phase_one_takes_joints_for_film_and_notices_when_they_change(
    data_with_joints: Path, joint_recipe: Recipe
) -> None:
    first = run(data_with_joints, joint_recipe)
    assert set(first.extracted) == {"h000-r00", "h001-r00"}
    assert "no `keypoints:`" in dict(first.failed)["h002-r00"]
    segment = segments(data_with_joints)["h000-r00"]
    assert segment.clips.shape[1] == 2 * (2 * 16 + 1)
    np.testing.assert_allclose(segment.clips[0, :2], [0.5, 0.0], atol=1e-3)
    assert run(data_with_joints, joint_recipe).unchanged == first.extracted
    (data_with_joints / "h000-r00" / "joints.csv").write_text(csv_of(horse(180, scale=50.0)[::-1]))
    assert run(data_with_joints, joint_recipe).extracted == ("h000-r00",)


def test_joints_of_another_film_and_joints_of_other_names_are_refused(
    data_with_joints: Path, joint_recipe: Recipe
) -> None:
    (data_with_joints / "h000-r00" / "joints.csv").write_text(csv_of(horse(90)))
    path = data_with_joints / "h001-r00" / "joints.csv"
    path.write_text(path.read_text().replace("hoof", "paw"))
    failed = dict(run(data_with_joints, joint_recipe).failed)
    assert "joints of 90 frames" in failed["h000-r00"]
    assert "no joint hoof among poll, withers, croup, paw" in failed["h001-r00"]


def test_settings_of_joints_are_refused_for_teachers_that_see_pixels() -> None:
    settings = TeacherSettings(name="videomae-demo", keypoints=KeypointSettings(steps=8))
    from equigait.pipeline.teachers.table import teacher_identity

    with pytest.raises(BadInput, match=r"teacher\.keypoints with videomae-demo"):
        teacher_identity(settings)
