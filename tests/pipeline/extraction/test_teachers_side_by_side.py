"""Each kind of teacher with several recordings at a time: the bytes of one after the other, and no more memory."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
import yaml
from equigait.cache.reader import committed
from equigait.cache.store import CacheStore, open_store
from equigait.data.clips import ClipSpec
from equigait.pipeline.extract_teacher import extract_teacher
from equigait.pipeline.extraction import video_embedding
from equigait.pipeline.extraction.executors.settings import ExecutorSettings
from equigait.pipeline.recipe import Recipe
from equigait.pipeline.teachers.frozen_network import FrozenNetwork
from equigait.pipeline.teachers.settings import KeypointSettings, TeacherSettings
from made_segments import content
from phase_one import IDS
from teacher_checkpoints import write_teacher

KINDS = ("clip", "crop", "keypoints")


def told(store: CacheStore) -> list[tuple[str, str, object]]:
    """What entries say beside their objects."""
    return [(entry.recording_id, entry.key, entry.fingerprint) for entry in committed(store)]


def write_joints(folder: Path, *, frames: int, seed: int) -> None:
    """Joints that move at random, beside the film of a recording."""
    places = np.random.default_rng(seed).uniform(0, 90, (frames, 4)).round(3).tolist()
    heads = ["scorer" + ",net" * 6, "bodyparts" + ",withers" * 3 + ",croup" * 3, "coords" + ",x,y,likelihood" * 2]
    rows = [f"{number},{a},{b},0.9,{c},{d},0.9" for number, (a, b, c, d) in enumerate(places)]
    (folder / "joints.csv").write_text("\n".join([*heads, *rows]) + "\n")
    path = folder / "recording.yaml"
    path.write_text(yaml.safe_dump(yaml.safe_load(path.read_text()) | {"keypoints": "joints.csv"}))


def recipe_of(kind: str, *, data: Path, recipe: Recipe, folder: Path) -> Recipe:
    """A recipe with a small teacher of this kind."""
    teacher, clips = recipe.teacher.model_copy(update={"crop": "motion"}), recipe.clips
    if kind == "keypoints":
        for number, name in enumerate(IDS):
            write_joints(data / name, frames=180, seed=number)
        joints = KeypointSettings(joints=("withers", "croup"), trunk=("withers", "croup"))
        teacher = TeacherSettings(name=kind, keypoints=joints)
    elif kind != "crop":
        weights = str(write_teacher(kind, folder))
        teacher, clips = TeacherSettings(name=kind, weights=weights, device="cpu", batch_clips=2), ClipSpec(frames=4)
    return recipe.model_copy(update={"teacher": teacher, "clips": clips})


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_teacher_gives_the_same_bytes(data: Path, recipe: Recipe, tmp_path: Path, kind: str) -> None:
    own = recipe_of(kind, data=data, recipe=recipe, folder=tmp_path / "teacher")
    stores = []
    for at_once in (1, 3):
        cache, executor = tmp_path / f"cache-{at_once}", ExecutorSettings(at_once=at_once)
        summary = extract_teacher(data, cache=cache, recipe=own, executor=executor)
        assert summary.extracted == IDS
        stores.append(open_store(cache))
    one, three = stores
    assert content(one) == content(three)
    assert told(one) == told(three)


def test_recordings_of_one_film_come_out_alike_whichever_was_first(data: Path, recipe: Recipe, tmp_path: Path) -> None:
    for name in IDS[1:]:
        (data / name / "film.mp4").write_bytes((data / IDS[0] / "film.mp4").read_bytes())
    for at_once in (1, 3):
        extract_teacher(data, cache=tmp_path / f"{at_once}", recipe=recipe, executor=ExecutorSettings(at_once=at_once))
    assert content(open_store(tmp_path / "1")) == content(open_store(tmp_path / "3"))


@pytest.mark.parametrize("kind", ["videomae", "clip"])
def test_films_share_the_passes_that_one_film_would_have(
    data: Path, recipe: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    own = recipe if kind == "videomae" else recipe_of(kind, data=data, recipe=recipe, folder=tmp_path / "teacher")
    one = own.model_copy(update={"teacher": own.teacher.model_copy(update={"threads": 1})})
    counting, inside, most = threading.Lock(), [0], [0]

    @contextmanager
    def counted(_: FrozenNetwork) -> Iterator[None]:
        with counting:
            inside[0] += 1
            most[0] = max(most[0], inside[0])
        time.sleep(0.005)
        yield
        with counting:
            inside[0] -= 1

    monkeypatch.setattr(FrozenNetwork, "_stream", counted)  # what each pass is computed in
    extract_teacher(data, cache=tmp_path / "cache", recipe=one, executor=ExecutorSettings(at_once=3))
    assert most[0] == 1


def test_one_film_at_a_time_is_watched_for_the_horse(
    data: Path, recipe: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    squares, inside, most = video_embedding.horse_squares, [0], [0]

    def watched(*args: object, **options: object) -> np.ndarray:
        inside[0] += 1
        most[0] = max(most[0], inside[0])
        time.sleep(0.05)
        found = squares(*args, **options)
        inside[0] -= 1
        return found

    monkeypatch.setattr(video_embedding, "horse_squares", watched)
    own = recipe_of("crop", data=data, recipe=recipe, folder=tmp_path / "teacher")
    extract_teacher(data, cache=tmp_path / "cache", recipe=own, executor=ExecutorSettings(at_once=3))
    assert most[0] == 1
