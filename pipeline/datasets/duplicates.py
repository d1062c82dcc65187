"""Duplicates: recordings of one and the same sensor samples, such as those of a folder that was renamed or copied.

Horses are kept apart by name, so duplicates under two names would be learned from and scored at once. Two recordings
may well share a film, that of two horses side by side: their sensors differ.
"""

from collections.abc import Sequence
from pathlib import Path

from ...cache.schema import Entry
from ...data.errors import BadInput


def refuse_duplicates(entries: Sequence[Entry], *, cache: str | Path) -> None:
    """Refuses a cache in which two of these recordings have the same sensor samples, however each is labelled."""
    first: dict[str, Entry] = {}
    for entry in entries:
        for name in (entry.fingerprint.sensor_key, entry.samples_digest):  # sensors, clock and labels; samples alone
            duplicate = first.setdefault(name, entry)
            if duplicate.recording_id != entry.recording_id:
                raise _refusal(duplicate, entry, cache=cache)


def _refusal(one: Entry, other: Entry, *, cache: str | Path) -> BadInput:
    films = "the same film and the same" if one.fingerprint.film_key == other.fingerprint.film_key != "" else "the same"
    return BadInput(
        cache,
        found=f"{one.recording_id} (horse {one.horse}) and {other.recording_id} (horse {other.horse}) with {films} "
        "sensor samples",
        expected="each ride once: else one horse would be learned from and scored",
        remedy=f"Keep one: take the other's folder out of the data, if it is there, and the recording out of the cache "
        f"with `equigait-cli gc {cache} --drop {one.recording_id}` or `--drop {other.recording_id}`.",
    )
