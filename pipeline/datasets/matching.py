"""Which committed recordings fit the settings: one teacher, one grid, one way of cutting; others are refused."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ...cache.schema import Entry, Segment
from ...data.errors import BadInput
from ...data.files import file_digest
from ...data.sites import resolve_sites
from ..runtime.formatting import in_words
from ..teachers.settings import over_frames
from ..teachers.snapshot import WEIGHTS_FILE
from .settings import DatasetSettings


def matching_entries(entries: Sequence[Entry], *, settings: DatasetSettings, cache: str | Path) -> list[Entry]:
    """One entry a recording: those of the settings' teacher and clips, and recordings of sensors alone."""
    if not entries:
        remedy = "Run `extract-teacher` into it first, or check the path."
        raise BadInput(cache, found="no committed recording", expected="a cache", remedy=remedy)
    filmed = [entry for entry in entries if entry.fingerprint.teacher]
    kinds = {entry.teacher_key: entry for entry in filmed}
    wanted = {key for key, entry in kinds.items() if _same_teacher(entry, settings=settings)}
    fitting = [entry for entry in filmed if entry.teacher_key in wanted]
    if filmed and not fitting:
        there = sorted({_describe(entry) for entry in kinds.values()})
        raise BadInput(
            cache,
            found=f"a cache of another teacher: {'; '.join(there)}",
            expected=f"{settings.teacher.name}, {_clips(settings.clips.model_dump(mode='json'))}",
            remedy="Set teacher.name and clips to what the cache holds, or run `extract-teacher` with this recipe.",
        )
    if len(wanted) > 1:
        raise BadInput(
            cache,
            found=f"{len(wanted)} versions of {settings.teacher.name} (weights, libraries or settings differ)",
            expected="one: features of two versions never mix",
            remedy="Run `extract-teacher` again, into a new cache.",
        )
    filmed_ids = {entry.recording_id for entry in fitting}
    alone = [e for e in entries if not e.fingerprint.teacher and e.recording_id not in filmed_ids]
    return sorted([*fitting, *alone], key=lambda entry: entry.recording_id)


def check_fits(segment: Segment, *, settings: DatasetSettings, cache: str | Path) -> None:
    """Refuses a segment whose sensors were put on another grid or cut into other windows than the settings say."""
    starts = segment.windows.start_row
    hop = int(starts[1] - starts[0]) if len(starts) > 1 else settings.windows.hop_steps
    there, grid, spec = segment.grid, settings.grid, settings.windows
    compared: dict[str, tuple[object, object]] = {
        "grid.sites": (there.sites, resolve_sites(grid.sites)),
        "grid.rate_hz": (there.rate_hz, grid.rate_hz),
        "grid.signals": (there.signals, grid.signals),
        "windows.steps": (segment.window_steps, spec.steps),
        "windows.hop_steps": (hop, spec.hop_steps),
        "windows.labels": (segment.labels, spec.labels),
        "windows.purity": (spec.purity if segment.purity is None else segment.purity, spec.purity),
    }
    for name, (held, expected) in compared.items():
        if held != expected:
            raise BadInput(
                f"{cache}, {segment.recording_id}",
                found=f"{name} {in_words(held)}",
                expected=f"{in_words(expected)} as in the recipe",
                remedy=f"Set {name} to what the cache holds, or run `extract-teacher` with this recipe.",
            )


def check_same_kind(segment: Segment, *, settings: DatasetSettings, cache: str | Path) -> None:
    """Refuses a segment of other sites, rate or length of windows, whatever lies between its windows."""
    grid, names = settings.grid, ("sites", "rate in Hz", "signals", "steps of a window")
    here = (resolve_sites(grid.sites), grid.rate_hz, grid.signals, settings.windows.steps)
    there = (segment.grid.sites, segment.grid.rate_hz, segment.grid.signals, segment.window_steps)
    for name, expected, found in zip(names, here, there, strict=True):
        if found != expected:
            raise other_kind(segment.recording_id, cache=cache, name=name, found=found, expected=expected)


def other_kind(recording_id: str, *, cache: str | Path, name: str, found: object, expected: object) -> BadInput:
    """What is raised for a recording whose windows are of another kind."""
    return BadInput(
        f"{cache}, {recording_id}",
        found=f"{name}: {in_words(found)}",
        expected=in_words(expected),
        remedy="Run `extract-teacher` on these recordings with the grid and windows of the run's recipe.",
    )


def _same_teacher(entry: Entry, *, settings: DatasetSettings) -> bool:
    """Whether the settings' teacher embedded these clips: by name, clip spec, and options and weights as far as set."""
    teacher, wanted = entry.fingerprint.teacher, settings.teacher
    if teacher.get("name") != wanted.name:
        return False
    if dict(entry.fingerprint.clip_spec) != settings.clips.model_dump(mode="json"):
        return False
    if teacher.get("crop", "none") != wanted.crop:
        return False
    pooling = wanted.temporal_pooling
    if pooling is not None and not str(teacher.get("pooling")).endswith(f"; {over_frames(pooling)}"):
        return False
    weights = Path(wanted.weights or "") / WEIGHTS_FILE
    return not (wanted.weights and weights.is_file()) or file_digest(weights) == teacher.get("weights_sha256")


def _describe(entry: Entry) -> str:
    return f"{entry.fingerprint.teacher.get('name')}, {_clips(entry.fingerprint.clip_spec)}"


def _clips(spec: Mapping[str, Any]) -> str:
    return "clips of " + " ".join(f"{key}={value}" for key, value in spec.items())
