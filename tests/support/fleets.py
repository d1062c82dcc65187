"""Caches and data sets of very many recordings, made cheaply: entries written as commits write them, and no segments
behind them, or very small ones."""

import hashlib
import time
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from equigait.cache.arrays import encode_segment
from equigait.cache.change_index import IndexEntry, stamp
from equigait.cache.fingerprint import segment_key, teacher_key
from equigait.cache.manifest_entry import encode_entry, entry_path, listing_of, samples_digest
from equigait.cache.schema import Entry, Fingerprint
from equigait.cache.store import CacheStore
from equigait.data.manifest.schema import MANIFEST_NAME
from equigait.pipeline.extraction.context import ExtractionContext
from equigait.pipeline.recipe import load_recipe
from made_segments import made_segment

OBJECTS = 38
"""Objects of a segment of an hour, as many as the entry of one names."""
TEACHER = {"name": "videomae-demo", "weights_sha256": "ab" * 32, "dim": 16}
CLIP_SPEC = load_recipe("demo").clips.model_dump(mode="json")
SETTINGS = ("teacher.name=videomae-demo", "grid.sites=[poll, withers]")
"""Of the recipe that such caches fit."""


def name_of(number: int) -> str:
    return f"ride{number:06d}"


def fingerprint_of(number: int, *, film: bool = True) -> Fingerprint:
    """What would have gone into recording `number`."""
    digest = hashlib.sha256(b"%d" % number).hexdigest()
    return Fingerprint(digest, f"sensors {digest}", TEACHER, CLIP_SPEC) if film else Fingerprint("", digest)


def entry_of(number: int, *, film: bool = True) -> Entry:
    """The entry of an hour of recording `number`: 38 objects, each of a content of its own."""
    name, made = name_of(number), fingerprint_of(number, film=film)
    horse = f"horse{number % 1000:03d}"
    key = segment_key(name, horse=horse, fingerprint=made)
    names = [*(f"imu/c/{part}/0" for part in range(OBJECTS - 6)), *(f"clips/c/{part}/0" for part in range(6))]
    objects = [(each, 700_000, f"{key[:60]}{part:04d}") for part, each in enumerate(names)]
    return Entry(
        recording_id=name,
        horse=horse,
        key=key,
        attempt="0" * 32,
        generation=1,
        teacher_key=teacher_key(made.teacher, clip_spec=made.clip_spec),
        fingerprint=made,
        committed_at="2026-01-01T00:00:00.000000+00:00",
        rows=180_000,
        windows=1_439,
        clips=3_374,
        listing=listing_of(objects),
        samples_digest=samples_digest(listing_of(objects)),
        path=entry_path(name, key),
    )


def write_entries(store: CacheStore, numbers: Iterable[int], *, film: bool = True) -> None:
    """Makes these recordings visible without segments: for all that reads the manifest alone."""
    for number in numbers:
        entry = entry_of(number, film=film)
        store.put(entry.path, encode_entry(entry))


def write_segments(store: CacheStore, numbers: Iterable[int], *, seconds: float) -> None:
    """Commits short recordings without waiting for the disk."""
    spec = load_recipe("demo", overrides=SETTINGS).windows
    for number in numbers:
        template = made_segment(name_of(number), seconds=seconds, teacher=TEACHER, spec=spec)  # type: ignore[no-untyped-call]  # by tests of numpy alone
        segment = replace(template, horse=f"horse{number % 10}", fingerprint=fingerprint_of(number))
        key = segment_key(segment.recording_id, horse=segment.horse, fingerprint=segment.fingerprint)
        entry = replace(
            entry_of(number),
            horse=segment.horse,
            key=key,
            rows=len(segment.grid.imu),
            windows=len(segment.windows.start_row),
            clips=len(segment.clips),
            path=entry_path(segment.recording_id, key),
        )
        parts = encode_segment(segment)
        for path, data in parts.items():
            store.put(f"{entry.folder}/{path}", data)
        digests = ((path, len(data), hashlib.sha256(data).hexdigest()) for path, data in parts.items())
        listing = listing_of(digests)
        entry = replace(entry, listing=listing, samples_digest=samples_digest(listing))
        store.put(entry.path, encode_entry(entry))


def write_dataset(folder: Path, recordings: int) -> list[Path]:
    """Manifests of recordings of sensors alone, two files each; the manifests' paths."""
    manifests = []
    for number in range(recordings):
        ride = folder / f"{number // 1000:03d}" / name_of(number)
        ride.mkdir(parents=True)
        manifests.append(ride / MANIFEST_NAME)
        manifests[-1].write_text(f"horse: horse{number % 1000:03d}\n")
        (ride / "sensors.csv").write_text("t,ax,ay,az\n")
    return manifests


def know_dataset(folder: Path, store: CacheStore, *, manifests: Sequence[Path]) -> None:
    """Notes in the change index that `extract-teacher` with SETTINGS will open: all of them lie in the cache."""
    recipe = load_recipe("demo", overrides=SETTINGS)
    index = ExtractionContext(recipe, store=store, dataset=folder).index
    for number, manifest in enumerate(manifests):
        files = [stamp(path) for path in (manifest, manifest.with_name("sensors.csv"))]
        known = IndexEntry(name_of(number), entry_of(number, film=False).path, "", tuple(filter(None, files)))
        index.note(manifest, known, read_at_ns=time.time_ns() + 10**10)
    index.save()
