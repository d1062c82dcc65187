"""What became of recordings in phase one: of each by itself, and of all, as the command tells it."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from ...cache.change_index import Learned
from ...data.errors import shortened

KINDS = ("extracted", "repooled", "unchanged", "skipped", "failed")


@dataclass(frozen=True)
class Outcome:
    """What became of one recording."""

    recording_id: str
    """Its id, or its folder's name where the manifest cannot be read."""
    kind: str
    """One of KINDS."""
    note: str = ""
    """Why, of what was skipped or failed."""
    seconds: float = 0.0
    """How long it took."""
    learned: Learned = field(default_factory=Learned, repr=False)
    """What the next run may remember."""


@dataclass(frozen=True)
class ExtractSummary:
    """What became of each recording of a data set: every one is named once."""

    cache: str
    """Where the features lie."""
    extracted: tuple[str, ...] = ()
    """Seen by the teacher now (sensor-only recordings: cached now)."""
    repooled: tuple[str, ...] = ()
    """Horse, sensors, clock, labels or windows were new; what the teacher had seen was used again."""
    unchanged: tuple[str, ...] = ()
    """In the cache already."""
    skipped: tuple[tuple[str, str], ...] = ()
    """Sound, but of no use: recording and reason."""
    failed: tuple[tuple[str, str], ...] = ()
    """Recording and reason."""
    beside: tuple[str, ...] = ()
    """Recordings that the cache holds and the data set does not: deleted, renamed, or of another data set."""

    def __str__(self) -> str:
        counts = ", ".join(f"{len(getattr(self, kind))} {kind}" for kind in KINDS if getattr(self, kind))
        reasons = [f"skipped {name}: {reason}" for name, reason in self.skipped]
        reasons += [f"failed {name}: {reason}" for name, reason in self.failed]
        return "\n".join([f"{self.cache}: {counts or 'no recordings'}", *reasons, *self._beside_lines()])

    def _beside_lines(self) -> list[str]:
        """What is learned from although the data set does not have it, and how to be rid of it."""
        if not self.beside:
            return []
        name, what = (self.beside[0], "it") if len(self.beside) == 1 else ("RECORDING", "one")
        way_out = f"equigait-cli gc {self.cache} --drop {name} takes {what} out"
        return [f"in the cache, and not in DATA: {shortened(self.beside)} ({way_out})"]


def summary(outcomes: Sequence[Outcome], *, cache: str, beside: Sequence[str] = ()) -> ExtractSummary:
    """The outcomes by kind, and what the cache holds beside them."""

    def named(kind: str) -> tuple[str, ...]:
        return tuple(outcome.recording_id for outcome in outcomes if outcome.kind == kind)

    def reasoned(kind: str) -> tuple[tuple[str, str], ...]:
        return tuple((outcome.recording_id, outcome.note) for outcome in outcomes if outcome.kind == kind)

    return ExtractSummary(
        cache=cache,
        extracted=named("extracted"),
        repooled=named("repooled"),
        unchanged=named("unchanged"),
        skipped=reasoned("skipped"),
        failed=reasoned("failed"),
        beside=tuple(beside),
    )
