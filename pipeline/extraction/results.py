"""What became of recordings in phase one: of each by itself, and of all, as the command tells it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from ...cache.change_index import IndexUpdate
from ...cache.status import write_status
from ...data.errors import shortened
from .context import ExtractionContext
from .task import ExtractionTask

KINDS = ("extracted", "repooled", "unchanged", "skipped", "failed")


class ExtractionResult(NamedTuple):
    """What became of one recording: one of very many."""

    recording_id: str
    """Its id, or its folder's name where the manifest cannot be read."""
    kind: str
    """One of KINDS."""
    note: str = ""
    """Why, of what was skipped or failed."""
    seconds: float = 0.0
    """How long it took."""
    update: IndexUpdate | None = None
    """What it adds to the change index."""


def note_failure(
    task: ExtractionTask, reason: str, *, context: ExtractionContext, kind: str = "failed", attempt_digest: str = ""
) -> ExtractionResult:
    """Notes in the cache why there is no segment of this recording."""
    write_status(context.store, task.recording_id, reason=reason, kind=kind, of=attempt_digest)
    return ExtractionResult(task.recording_id, kind, reason)


@dataclass(frozen=True)
class ExtractionSummary:
    """What became of each recording of a data set: every one is named once."""

    cache: str
    """Where the features lie."""
    extracted: tuple[str, ...] = ()
    """Embedded by the teacher now (sensor-only recordings: cached now)."""
    repooled: tuple[str, ...] = ()
    """Horse, sensors, clock, labels or windows were new; what the teacher had seen was used again."""
    unchanged: tuple[str, ...] = ()
    """In the cache already."""
    skipped: tuple[tuple[str, str], ...] = ()
    """Sound, but of no use: recording and reason."""
    failed: tuple[tuple[str, str], ...] = ()
    """Recording and reason."""
    orphaned: tuple[str, ...] = ()
    """Recordings that the cache holds and the data set does not: deleted, renamed, or of another data set."""

    @property
    def done(self) -> int:
        """Recordings that need no more: those in the cache, and those that are sound but of no use."""
        return len(self.extracted) + len(self.repooled) + len(self.unchanged) + len(self.skipped)

    def __str__(self) -> str:
        counts = ", ".join(f"{len(getattr(self, kind))} {kind}" for kind in KINDS if getattr(self, kind))
        reasons = [f"skipped {name}: {reason}" for name, reason in self.skipped]
        reasons += [f"failed {name}: {reason}" for name, reason in self.failed]
        return "\n".join([f"{self.cache}: {counts or 'no recordings'}", *reasons, *self._orphaned_lines()])

    def _orphaned_lines(self) -> list[str]:
        """What is learned from although the data set does not have it, and how to be rid of it."""
        if not self.orphaned:
            return []
        name, what = (self.orphaned[0], "it") if len(self.orphaned) == 1 else ("RECORDING", "one")
        way_out = f"equigait-cli gc {self.cache} --drop {name} takes {what} out"
        return [f"in the cache, and not in DATA: {shortened(self.orphaned)} ({way_out})"]


def summary(results: Sequence[ExtractionResult], *, cache: str, orphaned: Sequence[str] = ()) -> ExtractionSummary:
    """The results by kind, and what the cache holds of other recordings."""

    def named(kind: str) -> tuple[str, ...]:
        return tuple(result.recording_id for result in results if result.kind == kind)

    def reasoned(kind: str) -> tuple[tuple[str, str], ...]:
        return tuple((result.recording_id, result.note) for result in results if result.kind == kind)

    return ExtractionSummary(
        cache=cache,
        extracted=named("extracted"),
        repooled=named("repooled"),
        unchanged=named("unchanged"),
        skipped=reasoned("skipped"),
        failed=reasoned("failed"),
        orphaned=tuple(orphaned),
    )
