"""What phase one works with: recipe, cache, what earlier runs left, and the teacher, had only when a film needs it."""

import platform
import sys
from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

from tqdm import tqdm

from ...cache.change_index import Memo, Remembered, Stamp, stamp
from ...cache.fingerprint import json_digest
from ...cache.reader import has_entry
from ...cache.schema import SCHEMA_VERSION
from ...cache.store import CacheStore, open_store
from ...data.errors import BadInput
from ...data.manifest.files import read_manifest
from ..recipe import Recipe
from ..teachers.identity import TeacherIdentity
from ..teachers.lazy_teacher import ComingTeacher, in_background, refusal_of_teacher
from ..teachers.lazy_teacher import TeacherRefused as TeacherRefused
from ..teachers.table import Teacher, load_teacher, teacher_identity

CODE = ("cache", "data", "pipeline")
LIBRARIES = ("av", "numpy", "scipy", "pyarrow", "h5py")
"""What reads and resamples recordings: of another version nothing is taken for unchanged."""


class Classroom:
    """Recipe and store, the memo of earlier runs, and the teacher once it has been needed."""

    def __init__(self, recipe: Recipe, *, store: CacheStore, dataset: Path) -> None:
        self.recipe = recipe
        self.store = store
        self._dataset = dataset
        self._making = _making(recipe)
        self.memo = Memo(store, dataset=dataset, making=self._making)
        self._identity: TeacherIdentity | None = None
        self._asked: Future[TeacherIdentity] | None = None
        self._teacher: Teacher | None = None
        self._told: set[str] = set()

    def __reduce__(self) -> tuple[Any, ...]:
        """Travels as what it is made from: the teacher is loaded, and files are remembered, where the work is done."""
        return _opened, (self.recipe, str(self.store.folder or self.store.location), self._dataset.absolute())

    def ask_for_teacher(self) -> None:
        """Has a thread read who the teacher is: hashing its weights takes as long as reading a recording does."""
        if self._identity is None and self._asked is None:
            self._asked = in_background(lambda: teacher_identity(self.recipe.teacher))

    def identity(self) -> TeacherIdentity:
        """Who the teacher is: read from its files when the first film is met."""
        if self._identity is None:
            with refusal_of_teacher():
                self._identity = self._asked.result() if self._asked else teacher_identity(self.recipe.teacher)
                self._check_clips(self._identity)
        return self._identity

    def teacher(self) -> Teacher:
        """The teacher: its network begins to be loaded when the first film has to be looked at."""
        if self._teacher is None:
            identity = self.identity()
            with refusal_of_teacher():
                self._teacher = ComingTeacher(
                    self.recipe.teacher, identity=identity, load=lambda: self._loaded(identity)
                )
        return self._teacher

    def _loaded(self, identity: TeacherIdentity) -> Teacher:
        teacher = load_teacher(self.recipe.teacher, identity=identity)
        self.tell(f"teacher: {teacher}")
        return teacher

    def unchanged(self, manifest: Path) -> Remembered | None:
        """The recording of this manifest, if it is in the cache and nothing that it came from has changed since."""
        known = self.memo.recall(manifest)
        if known is None or (known.teacher and known.teacher != json_digest(self.identity().to_json())):
            return None
        return known if has_entry(self.store, known.key) else None

    def attempt_of(self, manifest: Path, *, read_at_ns: int) -> str:
        """Digest of all that an attempt at this recording depends on: of equal ones both fail, or neither.

        Empty where that is not certain: files that cannot be told, or had changed just before they were read.
        """
        try:
            files = input_files(manifest)
        except BadInput:
            return ""
        if not files or not all(file.is_settled(now_ns=read_at_ns) for file in files):
            return ""
        teacher = self.recipe.teacher.model_dump(mode="json", exclude={"threads"})  # engines share cores out otherwise
        return json_digest([[asdict(file) for file in files], self._making, teacher])

    def tell(self, line: str) -> None:
        """Says once how the work is done: a choice that stays the same is not told again for each film."""
        if line not in self._told:
            tqdm.write(line, file=sys.stderr)
            self._told.add(line)

    def _check_clips(self, identity: TeacherIdentity) -> None:
        if self.recipe.clips.frames != identity.clip_frames:
            found, expected = f"clips.frames {self.recipe.clips.frames}", f"{identity.clip_frames}"
            remedy = f"Set clips.frames={identity.clip_frames}, what {identity.name} takes."
            raise BadInput("recipe", found=found, expected=expected, remedy=remedy)


def _opened(recipe: Recipe, cache: str, dataset: Path) -> Classroom:
    return Classroom(recipe, store=open_store(cache), dataset=dataset)


def input_files(manifest: Path) -> tuple[Stamp, ...]:
    """Stamps of all that a recording is read from: its manifest, and every file that any value in it names."""
    values = _strings(read_manifest(manifest).model_dump(mode="json"))
    named = sorted({manifest.parent / value for value in values if len(value) < 4096})
    return tuple(found for found in map(stamp, (manifest, *named)) if found is not None)


def _strings(values: Any) -> Iterator[str]:
    if isinstance(values, str):
        yield values
    elif isinstance(values, dict):
        for value in values.values():
            yield from _strings(value)
    elif isinstance(values, list):
        for value in values:
            yield from _strings(value)


def _making(recipe: Recipe) -> dict[str, Any]:
    """All beside files and teacher that shapes a segment: settings, equigait's own code, the libraries that read."""
    house = Path(__file__).parents[2]
    code = sorted(file for part in CODE for file in (house / part).rglob("*.py"))
    return {
        "schema": SCHEMA_VERSION,
        "recipe": [part.model_dump(mode="json") for part in (recipe.grid, recipe.windows, recipe.clips)],
        "code": [[str(file.relative_to(house)), file.stat().st_size, file.stat().st_mtime_ns] for file in code],
        "versions": [platform.python_version(), *map(version, LIBRARIES)],
    }
