"""The shipped teacher: small, loadable, and one whose features tell gaits of horses that it has never seen."""

from pathlib import Path

import numpy as np
import pytest
from artifacts import train_demo
from equigait.data.simulate import YardSpec, make_ride, make_scene, render_frames
from equigait.data.video.pixels import Picture
from equigait.pipeline.teachers.settings import TeacherSettings
from equigait.pipeline.teachers.snapshot import DEMO_FOLDER
from equigait.pipeline.teachers.table import Teacher, load_teacher
from jaxtyping import UInt8
from numpy import ndarray as Array
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

GAITS = ("walk", "trot", "canter")
HORSES = 10
"""Of each gait; the first half teaches the probe."""
CLIPS = 4


def clips_of(teacher: Teacher, *, gait: str, horse: int) -> UInt8[Array, "clips 16 3 64 64"]:
    """Clips of one horse in one gait, as the teacher takes them."""
    ride = make_ride(YardSpec(seed=77, seconds=20.0, gaits=(gait,), frame_width=192), horse=horse)
    times = 1.0 + np.arange(16 * CLIPS) / 7.5
    frames = render_frames(ride, time_seconds=times, scene=make_scene(ride))
    small = np.stack([teacher.preprocess(Picture.of_rgb(frame)) for frame in frames])
    return small.reshape(CLIPS, 16, *small.shape[1:])


@pytest.fixture(scope="module")
def teacher() -> Teacher:
    return load_teacher(TeacherSettings(name="videomae-demo"))


@pytest.fixture(scope="module")
def film(teacher: Teacher) -> dict[tuple[str, int], Array]:
    return {(gait, horse): clips_of(teacher, gait=gait, horse=horse) for gait in GAITS for horse in range(HORSES)}


def macro_f1(teacher: Teacher, film: dict[tuple[str, int], Array]) -> float:
    """Of a linear probe that learned from the first half of the horses, on the mean feature of the second half."""
    features = {key: np.asarray(teacher.embed(clips)).mean(0) for key, clips in film.items()}
    learn = [key for key in features if key[1] < HORSES // 2]
    score = [key for key in features if key[1] >= HORSES // 2]
    probe = make_pipeline(StandardScaler(), LogisticRegression(C=0.1, max_iter=500))
    probe.fit([features[key] for key in learn], [gait for gait, _ in learn])
    told = probe.predict([features[key] for key in score])
    return float(f1_score([gait for gait, _ in score], told, average="macro"))


def test_the_shipped_weights_are_at_most_8_megabytes_of_16_bit_floats() -> None:
    assert (DEMO_FOLDER / "model.safetensors").stat().st_size <= 8e6
    assert (DEMO_FOLDER / "PROVENANCE.md").exists()


def test_shipped_features_tell_gaits_of_unseen_horses_and_random_ones_do_not(
    teacher: Teacher, film: dict[tuple[str, int], Array], tmp_path: Path
) -> None:
    train_demo.save_teacher(train_demo.build_network(train_demo.Training()).videomae, tmp_path)
    untrained = load_teacher(TeacherSettings(name="videomae", weights=str(tmp_path)))
    shipped, random = macro_f1(teacher, film), macro_f1(untrained, film)
    print(f"macro-F1: shipped {shipped:.3f}, random {random:.3f}")
    assert shipped >= 0.9
    assert shipped >= random + 0.3
