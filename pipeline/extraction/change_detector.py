"""Whether a recording is in the cache as it is now: by its files, by equigait's own code, and by the teacher."""

import platform
from collections.abc import Mapping
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any

from ...cache.change_index import ChangeIndex, IndexEntry
from ...cache.fingerprint import json_digest
from ...cache.reader import Committed
from ...cache.schema import SCHEMA_VERSION
from ...cache.store import CacheStore
from ..teachers.loader import TeacherLoader
from .settings import ExtractionSettings
from .task import ExtractionTask

CODE = ("cache", "data", "pipeline")
LIBRARIES = ("av", "numpy", "scipy", "pyarrow", "h5py")
"""What reads and resamples recordings: with another version nothing counts as unchanged."""


class ChangeDetector:
    """Compares recordings with what the change index and the cache hold."""

    def __init__(
        self, index: ChangeIndex, *, store: CacheStore, inputs: Mapping[str, Any], teacher: TeacherLoader
    ) -> None:
        """`inputs` are those of `segment_inputs`."""
        self._index, self._store, self._inputs, self._teacher = index, store, inputs, teacher

    @cached_property
    def committed(self) -> Committed:
        """What the cache holds, as it was when this was first asked for."""
        return Committed(self._store)

    def unchanged(self, manifest: str) -> IndexEntry | None:
        """The recording of this manifest, if it is in the cache and nothing that it came from has changed since."""
        known = self._index.recall(manifest)
        if known is None or (known.teacher and known.teacher != self._teacher_digest):
            return None
        return known if self.committed.has(known.entry) else None

    @cached_property
    def _teacher_digest(self) -> str:
        """Of the teacher's identity, which stays: it is asked for with each recording."""
        return json_digest(self._teacher.identity().to_json())

    def attempt_digest(self, task: ExtractionTask) -> str:
        """Digest of all that an attempt at a recording depends on: of equal ones both fail, or neither.

        Empty where that is not certain: without files, or when one had changed just before it was read.
        """
        if not task.files or not all(file.is_settled(now_ns=task.read_at_ns) for file in task.files):
            return ""
        teacher = self._teacher.settings.model_dump(mode="json", exclude={"threads"})  # executors share cores out
        return json_digest([[file._asdict() for file in task.files], dict(self._inputs), teacher])


def segment_inputs(settings: ExtractionSettings) -> dict[str, Any]:
    """All beside files and teacher that shapes a segment: settings, equigait's own code, the libraries that read."""
    root = Path(__file__).parents[2]
    code = sorted(file for part in CODE for file in (root / part).rglob("*.py"))
    return {
        "schema": SCHEMA_VERSION,
        "recipe": [part.model_dump(mode="json") for part in (settings.grid, settings.windows, settings.clips)],
        "code": [[str(file.relative_to(root)), file.stat().st_size, file.stat().st_mtime_ns] for file in code],
        "versions": [platform.python_version(), *map(version, LIBRARIES)],
    }
