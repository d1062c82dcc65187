"""All recordings of a data set: which need work, each done by an executor, and what became of every one."""

import logging
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from functools import partial
from pathlib import Path

from tqdm import tqdm

from ...cache.collector import collector_running
from ...cache.status import read_statuses
from ...data.errors import BadInput
from ..runtime.prefetch import one_core_each, usable_cores
from ..teachers.keypoints import NAME as KEYPOINTS
from .context import ExtractionContext
from .executors.settings import ExecutorSettings, Lost
from .executors.table import EXECUTORS
from .results import ExtractionResult, note_failure
from .task import ExtractionTask, read_task

logger = logging.getLogger(__name__)


def extract_dataset(
    manifests: Sequence[str], *, context: ExtractionContext, executor: ExecutorSettings, retry_failed: bool
) -> dict[str, ExtractionResult]:
    """What became of each recording, in the order of the manifests, whose absolute paths are given."""
    try:
        with tqdm(total=len(manifests), unit="recording", disable=not sys.stderr.isatty()) as bar:
            results, tasks = survey(manifests, context=context, retry_failed=retry_failed)
            bar.update(len(results))
            for number, result in enumerate(results.values(), start=1):
                _log(result, number=number, of=len(manifests))
            with _done(tasks, context=context, executor=executor) as done:
                for task, end in done:
                    results[str(task.path)] = result = _settled(task, end, context)
                    bar.update()
                    if result.update is not None:
                        context.index.merge(result.update)
                    _log(result, number=len(results), of=len(manifests))
    finally:
        context.index.save()
    return {path: results[path] for path in manifests}


@contextmanager
def _done(
    tasks: Sequence[ExtractionTask], *, context: ExtractionContext, executor: ExecutorSettings
) -> Iterator[Iterable[tuple[ExtractionTask, ExtractionResult | Lost]]]:
    """Each task with its end, as they come; at an interruption what is under way ends, too."""
    if not tasks:
        yield ()
        return
    from .recording import attempt  # with all that reads, decodes and embeds: not before there is work

    context.recordings_at_once = executor.recordings_at_once(tasks=len(tasks), cores=usable_cores())
    with collector_running(), _one_core_each(tasks, context=context):
        done = EXECUTORS[executor.name](partial(attempt, context=context), tasks, settings=executor)
        with closing(done):
            yield done


def survey(
    manifests: Sequence[str], *, context: ExtractionContext, retry_failed: bool
) -> tuple[dict[str, ExtractionResult], list[ExtractionTask]]:
    """What is known already of some recordings, and the tasks of the others."""
    notes = {} if retry_failed else read_statuses(context.store)
    known: dict[str, ExtractionResult] = {}
    tasks: list[ExtractionTask] = []
    names: set[str] = set()
    for path in manifests:
        entry = context.changes.unchanged(path)
        if entry and entry.recording_id not in names:
            names.add(entry.recording_id)
            known[path] = ExtractionResult(entry.recording_id, "unchanged")
            continue
        task = read_task(Path(path))
        name = entry.recording_id if entry else task.recording_id
        note = notes.get(name)
        if name in names:
            remedy = "Give each recording an `id:` of its own."
            bad = BadInput(path, found=f"id {name} a second time", expected="ids that differ", remedy=remedy)
            context.index.forget(path)
            known[path] = note_failure(task, str(bad), context=context)
        elif note and note.of and note.of == context.changes.attempt_digest(task):
            known[path] = ExtractionResult(name, note.kind, f"{note.reason} (as before; --retry-failed tries again)")
        else:
            context.index.forget(path)
            tasks.append(task)
        names.add(name)
    return known, tasks


def orphaned_recordings(results: Mapping[str, ExtractionResult], *, context: ExtractionContext) -> tuple[str, ...]:
    """Recordings that the cache holds and the data set does not; none while a manifest that cannot be read hides an id.

    Only entries of recordings that the data set does not have are read: after most runs none.
    """
    if any(result.kind == "failed" and read_task(Path(path)).manifest is None for path, result in results.items()):
        return ()
    there = {result.recording_id for result in results.values()}
    return context.changes.committed.orphaned(there)


def _log(result: ExtractionResult, *, number: int, of: int) -> None:
    if result.kind == "unchanged":  # a hundred thousand lines that nothing is new are no news
        return
    note = result.note or f"{result.seconds:.1f} s"
    logger.info("[%d/%d] %s %s (%s)", number, of, result.kind, result.recording_id, note)


def _one_core_each(tasks: Sequence[ExtractionTask], *, context: ExtractionContext) -> AbstractContextManager[None]:
    """`one_core_each` for all threads together, where several of them may embed films."""
    films = any(task.manifest is not None and task.manifest.film_name is not None for task in tasks)
    several = context.recordings_at_once > 1 and context.settings.teacher.name != KEYPOINTS
    return one_core_each() if films and several else nullcontext()


def _settled(task: ExtractionTask, end: ExtractionResult | Lost, context: ExtractionContext) -> ExtractionResult:
    """The result of a task; one that killed its workers is not tried again until something about it changes."""
    if not isinstance(end, Lost):
        return end
    return note_failure(task, end.reason, attempt_digest=context.changes.attempt_digest(task), context=context)
