"""Phase one as its tests run it: on a folder of three small recordings, into a cache below it."""

import functools
import shutil
from pathlib import Path
from unittest.mock import Mock

import pytest
import yaml
from equigait.cache.reader import committed, read_segments
from equigait.cache.schema import Segment
from equigait.cache.store import open_store
from equigait.data.simulate import YardSpec, simulate_yard
from equigait.pipeline.extract_teacher import ExtractionSummary, extract_teacher
from equigait.pipeline.recipe import Recipe
from equigait.pipeline.teachers import loader
from rides import kept_folder

IDS = ("h000-r00", "h001-r00", "h002-r00")


def filmed_yard(folder: Path) -> Path:
    """A copy, to be written into, of three recordings of 12 s with small films at 15 fps: rendered once."""
    return Path(shutil.copytree(_rendered(), folder))


def run(data: Path, recipe: Recipe) -> ExtractionSummary:
    return extract_teacher(data, cache=data / "cache", recipe=recipe)


def segments(data: Path) -> dict[str, Segment]:
    store = open_store(data / "cache")
    return {segment.recording_id: segment for segment in read_segments(store, committed(store))}


def edit_manifest(data: Path, recording: str, **changes: object) -> None:
    path = data / recording / "recording.yaml"
    values = {key: value for key, value in (yaml.safe_load(path.read_text()) | changes).items() if value is not None}
    path.write_text(yaml.safe_dump(values))


def forbid_teacher(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loader, "load_teacher", Mock(side_effect=AssertionError("the teacher was loaded")))


@functools.cache
def _rendered() -> Path:
    yard = kept_folder("yard")
    spec = YardSpec(horses=3, seconds=12.0, fps=15.0, frame_width=96, frame_height=64, max_skew_seconds=0.5)
    simulate_yard(yard, spec=spec)
    shutil.rmtree(yard / "truth")
    return yard
