"""Labels that a person has corrected, put in the place of those that a cache holds."""

import csv
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Generic

import numpy as np

from ...data.errors import BadInput, shortened
from ...data.labels.bouts import Labels, read_bouts
from ...data.labels.text import lines_of, read_label_text
from ...data.manifest.files import read_manifest
from ...data.manifest.schema import MANIFEST_NAME
from ...data.recording import Bout, ClockMap
from ...data.splits import Split
from ...data.windows import window_labels
from ..datasets.dataset_split import split_windows
from .inputs import ProbeInputs, SettingsT

Corrections = Mapping[str, tuple[Bout, ...]]
"""Bouts in film time by the id of their recording: all that it is labelled as."""


@dataclass(frozen=True)
class Corrected(Generic[SettingsT]):
    """What a probe learns from once labels were corrected."""

    inputs: ProbeInputs[SettingsT]
    """With the labels that hold now; the corrected horses are training horses, whatever they were before."""
    recordings: tuple[str, ...]
    """Those that were corrected, sorted."""
    horses: tuple[str, ...]
    """Whose recordings these are, sorted."""
    changed: int
    """Windows that have another label now, or one more or none."""


def read_corrections(files: Iterable[Path]) -> Corrections:
    """Label files of reviews, in film time. A file names its recording in the column `recording`, or lies beside its
    manifest; two files of one recording are refused."""
    found: dict[str, tuple[Bout, ...]] = {}
    for file in files:
        path = file.resolve()
        recording = _recording_of(path)
        labels = Labels(path=path.name, format="csv", time="film")
        bouts = read_bouts(labels, folder=path.parent, clock=ClockMap(0.0), vocabulary=None)
        if recording in found:
            expected, remedy = "one file a recording", "Give the last one alone."
            raise BadInput(file, found=f"corrections of {recording} again", expected=expected, remedy=remedy)
        found[recording] = bouts
    return found


def correct(inputs: ProbeInputs[SettingsT], *, corrections: Corrections) -> Corrected[SettingsT]:
    """The inputs as if the recordings had been labelled so before they were cached.

    Horses of corrected recordings leave the test and validation horses: what was learned from is not scored.
    Recordings that are not in the cache and labels that are none of its own are refused.
    """
    windows, settings = inputs.windows, inputs.settings
    missing = sorted(set(corrections) - set(windows.recording))
    if missing:
        there = f"recordings of the cache: {shortened(sorted(set(windows.recording)))}"
        remedy = "Run `equigait-cli extract-teacher` on these recordings first; sensors alone will do."
        raise BadInput("corrections", found=f"no window of {shortened(missing)}", expected=there, remedy=remedy)
    label, recording = windows.label.copy(), np.array(windows.recording)
    start = windows.start_seconds.numpy()
    spec = settings.windows.model_copy(update={"labels": windows.classes})
    for name, bouts in corrections.items():
        rows = np.flatnonzero(recording == name)
        label[rows] = window_labels(start[rows], start[rows] + settings.window_seconds, bouts=bouts, spec=spec)
    changed = int((label != windows.label).sum())
    horses = {horse for horse, name in zip(windows.horse, windows.recording, strict=True) if name in corrections}
    windows, split = replace(windows, label=label), _as_training(inputs.split, horses=horses)
    parts = split_windows(windows, classes=settings.probe.classes, **vars(split))
    inputs = replace(inputs, windows=windows, split=split, parts=parts)
    return Corrected(inputs, tuple(sorted(corrections)), tuple(sorted(horses)), changed)


def _as_training(split: Split, *, horses: Collection[str]) -> Split:
    kept = {name: tuple(horse for horse in vars(split)[name] if horse not in horses) for name in ("validation", "test")}
    return Split(train=tuple(sorted({*split.train, *horses})), **kept)


def _recording_of(path: Path) -> str:
    """The recording that a label file is of."""
    if not path.is_file():
        raise BadInput(path, found="no such file", expected="the labels of a review", remedy="Check the path.")
    rows = csv.DictReader(lines_of(read_label_text(path)))
    names = sorted({row["recording"].strip() for row in rows if row.get("recording")})
    if len(names) == 1:
        return names[0]
    manifest = path.parent / MANIFEST_NAME
    if not names and manifest.is_file():
        return read_manifest(manifest).id
    raise BadInput(
        path,
        found=f"labels of {len(names)} recordings" if names else f"no column `recording`, and no {MANIFEST_NAME} here",
        expected="labels of one recording",
        remedy=f"Take the file as the review page wrote it, or lay it beside its {MANIFEST_NAME}.",
    )
