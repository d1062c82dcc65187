"""Phase one: the frozen teacher sees each film once; its features are cached beside the sensors, cut into windows.

Running it again does only what is new: a recording whose content is in the cache is left alone (not even read when its
files lie untouched), one of which only horse, sensors, clock, labels or windows changed is pooled anew without the
teacher. Killed at any moment it loses at most the recordings it was at.
"""

from pathlib import Path

from ..cache.collector import collector_paused
from ..cache.reader import index_entries
from ..cache.store import open_store
from ..data.manifest.files import manifest_paths
from .extraction.context import ExtractionContext
from .extraction.dataset import extract_dataset, orphaned_recordings
from .extraction.executors.settings import ExecutorSettings
from .extraction.results import ExtractionSummary, summary
from .extraction.settings import ExtractionSettings

LOCAL = ExecutorSettings()
"""This process does the work unless another executor is named."""


def extract_teacher(
    dataset: Path,
    *,
    cache: str | Path,
    recipe: ExtractionSettings,
    executor: ExecutorSettings = LOCAL,
    retry_failed: bool = False,
) -> ExtractionSummary:
    """Caches every recording of a data set, and says what became of each; one that fails does not stop the others.

    What failed before and is still the same in every file and setting is not tried again unless `retry_failed`.
    Workers that share a machine compute on one core each, unless `teacher.threads` says otherwise.
    """
    with collector_paused():
        manifests = manifest_paths(dataset.absolute())
        settings = recipe if executor.name == "local" else recipe.with_teacher_threads(1)
        context = ExtractionContext(settings, store=open_store(cache), dataset=dataset)
        results = extract_dataset(manifests, context=context, executor=executor, retry_failed=retry_failed)
        new = sum(result.kind in ("extracted", "repooled") for result in results.values())
        index_entries(context.store, new=new, of=len(results))
        orphaned = () if dataset.is_file() else orphaned_recordings(results, context=context)
        return summary(list(results.values()), cache=str(cache), orphaned=orphaned)
