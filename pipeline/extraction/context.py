"""What extraction works with, wherever it runs: settings, cache, teacher, and what is known of files."""

import logging
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from threading import Lock
from typing import Any

from ...cache.change_index import ChangeIndex
from ...cache.store import CacheStore, open_store
from ..teachers.loader import TeacherLoader
from .change_detector import ChangeDetector, segment_inputs
from .decoder_choice import DecoderChooser
from .settings import ExtractionSettings

logger = logging.getLogger(__name__)


class ExtractionContext:
    """Everything that the extraction of a recording needs. A worker of another process makes its own from a pickle."""

    def __init__(self, settings: ExtractionSettings, *, store: CacheStore, dataset: Path) -> None:
        self.settings = settings
        """Which grid, windows, clips, and whose features."""
        self.store = store
        """The cache."""
        inputs = segment_inputs(settings)
        self.index = ChangeIndex(store, dataset=dataset, making=inputs)
        """Recordings and files as earlier runs have seen them."""
        self.teacher = TeacherLoader(settings.teacher, clips=settings.clips)
        """The teacher, loaded when a film has to be embedded."""
        self.decoders = DecoderChooser(settings.teacher)
        """What decodes each film."""
        self.changes = ChangeDetector(self.index, store=store, inputs=inputs, teacher=self.teacher)
        """Which recordings need work."""
        self._dataset = dataset.absolute()
        self.recordings_at_once = 1
        """How many recordings this process works on at the same time."""
        self._logged: set[str] = set()
        self._films: dict[str, Lock] = {}
        self._lock = Lock()

    def log_once(self, line: str) -> None:
        """Logs how the work is done: a choice that stays the same is not logged again for each film."""
        with self._lock:
            if line not in self._logged:
                logger.info("%s", line)
                self._logged.add(line)

    def alone_with(self, film_key: str) -> AbstractContextManager[Any]:
        """Recordings of one film wait for each other: the first has it embedded, the others find that done."""
        if not film_key:
            return nullcontext()
        with self._lock:
            return self._films.setdefault(film_key, Lock())

    def __reduce__(self) -> tuple[Any, ...]:
        return _opened, (self.settings, str(self.store.folder or self.store.location), self._dataset)


def _opened(settings: ExtractionSettings, cache: str, dataset: Path) -> ExtractionContext:
    return ExtractionContext(settings, store=open_store(cache), dataset=dataset)
