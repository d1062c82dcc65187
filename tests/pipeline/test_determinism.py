"""The same recipe and data give the same cache, the same training and the same scores, to the last digit."""

import json
import shutil
from pathlib import Path
from typing import Any

from equigait.cache.store import open_store
from equigait.pipeline.evaluate import evaluate
from equigait.pipeline.extract_teacher import extract_teacher
from equigait.pipeline.pretrain import pretrain
from equigait.pipeline.probe import probe
from equigait.pipeline.recipe import Recipe
from made_segments import content
from phase_one import IDS
from rides import ride_cache, ride_recipe

TIMES = ("seconds", "windows_per_second")
LIGHT = ("evaluate.baselines=[spectral]", "evaluate.classifiers=[]", "evaluate.few_shot.shots=[]")


def rows(run: Path) -> list[dict[str, Any]]:
    """What was written of each step, without how long it took."""
    lines = (run / "train.jsonl").read_text().splitlines()
    return [{key: value for key, value in json.loads(line).items() if key not in TIMES} for line in lines]


def test_the_same_recordings_give_the_same_objects_wherever_they_lie(data: Path, recipe: Recipe) -> None:
    elsewhere = shutil.copytree(data, data.parent / "schöne neue Daten")
    for folder in (data, elsewhere):
        extract_teacher(folder, cache=folder / "cache", recipe=recipe)
    one, other = (content(open_store(folder / "cache")) for folder in (data, elsewhere))
    assert set(one) == set(IDS)
    assert one == other


def test_the_same_cache_gives_the_same_training_and_the_same_scores(tmp_path: Path) -> None:
    scores = []
    for name in ("one", "other"):
        run = pretrain(ride_cache(), run=tmp_path / name, recipe=ride_recipe("train.steps=20"))
        probe(ride_cache(), run=run)
        scores.append(evaluate(ride_cache(), run=run, overrides=LIGHT))
    one, other = tmp_path / "one", tmp_path / "other"
    assert len(rows(one)) > 0
    assert rows(one) == rows(other)
    assert scores[0] == scores[1]
    for path in (path.relative_to(one) for path in one.rglob("*.safetensors")):
        assert (one / path).read_bytes() == (other / path).read_bytes(), path
