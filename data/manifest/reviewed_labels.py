"""Labels that a person has reviewed, saved beside a recording; what was there before is kept."""

import os
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..files import refuse_link_away, write_atomically
from ..labels.bouts import Labels
from ..labels.table import Span
from ..labels.writers import labels_text
from .files import manifest_file, read_manifest
from .update import update_labels

REVIEWED_NAME = "labels-reviewed.csv"
"""The label file that a review writes, beside the manifest."""
_SAVING = threading.Lock()


@dataclass(frozen=True)
class SavedLabels:
    """What saving wrote."""

    path: Path
    """The label file, in film time."""
    kept: tuple[Path, ...]
    """Copies of the files as they were before: of an earlier label file, of the manifest; empty where neither
    changed."""


def save_labels(manifest: Path, *, spans: Sequence[Span]) -> SavedLabels:
    """Writes `labels-reviewed.csv` beside a manifest and names it there as the recording's labels, in film time.

    Each file is replaced whole or not at all, and its earlier text is kept under the first free name such as
    `labels-reviewed.1.csv`. The label file that the manifest named before stays as it is. Spans that overlap are
    refused.
    """
    text = labels_text(spans, format="csv")
    with _SAVING:
        manifest = manifest_file(manifest)
        path = manifest.resolve().parent / REVIEWED_NAME
        refuse_link_away(path)
        labels = Labels(path=REVIEWED_NAME, format="csv", time="film")
        kept = []
        if path.is_file() and path.read_text(encoding="utf-8") != text:
            kept.append(_keep(path))
        write_atomically(path, text)
        if read_manifest(manifest).labels != labels:
            kept.append(_keep(manifest))
            update_labels(manifest, labels=labels)
    return SavedLabels(path, tuple(kept))


def _keep(path: Path) -> Path:
    """A copy of a file under the first free name; no file is ever written over."""
    number = 1
    while True:
        copy = path.with_name(f"{path.stem}.{number}{path.suffix}")
        try:
            with copy.open("xb") as file:
                file.write(path.read_bytes())
                file.flush()
                os.fsync(file.fileno())
            return copy
        except FileExistsError:
            number += 1
