"""A manifest given another clock or other labels: a few words of its text change, and what a person wrote stays."""

import copy
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from ..errors import BadInput
from ..files import write_atomically
from ..labels.bouts import Labels
from ..settings import parse_yaml, read_yaml
from .files import read_manifest, write_manifest
from .schema import Clock, Manifest
from .yaml_text import put

Changes = dict[tuple[str | int, ...], object]
"""Values by their path."""


def update_manifest(path: Path, *, clock: Clock, shifts: Mapping[str, float]) -> bool:
    """Gives a manifest this clock, and the sensors at these sites their `shift_seconds`: whether comments were kept.

    They are, unless YAML is used in a way (aliases, say) in which editing its text does not give exactly these values:
    the manifest is written anew then. Whole or not at all either way.
    """
    manifest, values = _read(path)
    changes = _changes(manifest, clock=clock, shifts=shifts, old=values.get("clock"))
    return _write(path, values, changes=changes, anew=_anew(manifest, clock=clock, shifts=shifts))


def update_labels(path: Path, *, labels: Labels) -> bool:
    """Gives a manifest this section `labels:`, in the same way: whether comments were kept."""
    manifest, values = _read(path)
    section = labels.model_dump(mode="json", exclude_defaults=True)
    anew = manifest.model_copy(update={"labels": labels})
    return _write(path, values, changes={("labels",): section}, anew=anew)


def _read(path: Path) -> tuple[Manifest, dict[str, Any]]:
    manifest, values = read_manifest(path), read_yaml(path)
    assert isinstance(values, dict)  # or it had been refused
    return manifest, values


def _write(path: Path, values: dict[str, Any], *, changes: Changes, anew: Manifest) -> bool:
    edited = _edited(path, changes=changes, wanted=_changed(values, changes=changes))
    if edited is None:
        write_manifest(anew if "id" in values else anew.model_copy(update={"id": ""}), path)
    else:
        write_atomically(path, edited)
    return edited is not None


def _changes(manifest: Manifest, *, clock: Clock, shifts: Mapping[str, float], old: object) -> Changes:
    """What must become other than it stands there; of the clock also the defaults that were written out."""
    there = old if isinstance(old, Mapping) else {}
    new = {name: value for name, value in clock if name in there or value != Clock.model_fields[name].default}
    changes: Changes = {("clock", name): value for name, value in new.items()} if there else {("clock",): new}
    for row, sensor in enumerate(manifest.sensors):
        if shifts.get(sensor.site, sensor.shift_seconds) != sensor.shift_seconds:
            changes["sensors", row, "shift_seconds"] = shifts[sensor.site]
    return changes


def _changed(values: dict[str, Any], *, changes: Changes) -> dict[str, Any]:
    """What the edited text must read as."""
    wanted = copy.deepcopy(values)
    for path, value in changes.items():
        section: Any = wanted
        for part in path[:-1]:
            section = section[part]
        section[path[-1]] = value
    return wanted


def _edited(path: Path, *, changes: Changes, wanted: dict[str, Any]) -> str | None:
    """The manifest's text with these changes and no others; None where it cannot be had so."""
    text = path.read_bytes().decode("utf-8")
    try:
        for at, value in changes.items():
            text = put(text, at=at, value=value)
        return text if parse_yaml(text, where=path) == wanted else None
    except (LookupError, BadInput, yaml.YAMLError):
        return None


def _anew(manifest: Manifest, *, clock: Clock, shifts: Mapping[str, float]) -> Manifest:
    sensors = tuple(
        sensor.model_copy(update={"shift_seconds": shifts.get(sensor.site, sensor.shift_seconds)})
        for sensor in manifest.sensors
    )
    return manifest.model_copy(update={"clock": clock, "sensors": sensors})
