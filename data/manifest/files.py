"""Manifest files: found in a data set, read, written."""

import os
import reprlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from ..errors import BadInput
from ..files import write_atomically
from ..names import plain_name
from ..settings import parse_settings, read_yaml
from .schema import MANIFEST_NAME, Manifest
from .yaml_text import scalar_as_written

SUFFIXES = (".yaml", ".yml")
"""Of manifests: other files were meant for something else."""
NOT_DATA = ("cache",)
"""Folders in which no recordings are looked for."""


def find_recordings(dataset: Path) -> list[Path]:
    """The manifests of a data set, by path: of a folder and all below it but `cache`, or the one manifest given."""
    return list(map(Path, manifest_paths(dataset)))


def manifest_paths(dataset: Path) -> list[str]:
    """The same as text: of a hundred thousand recordings paths take longer to make than to find."""
    if dataset.is_file():
        return [str(dataset)]
    found = sorted(_manifests_below(str(dataset)), key=lambda path: path.replace(os.sep, "\0"))  # as their parts sort
    if not found:
        there = "no such folder" if not dataset.exists() else f"no {MANIFEST_NAME} in it or below"
        expected = "a data set: a folder for each recording, with its manifest"
        raise BadInput(dataset, found=there, expected=expected, remedy="Check the path, or write the manifests.")
    return found


def _manifests_below(dataset: str) -> list[str]:
    """Paths of manifests, in no order: `os.walk` at a third of its cost, for data sets of very many recordings."""
    folders, found = [dataset], []
    while folders:
        folder = folders.pop()
        try:
            with os.scandir(folder) as entries:
                for entry in entries:
                    name = entry.name
                    if name == MANIFEST_NAME and not entry.is_dir():
                        found.append(entry.path)
                    elif entry.is_dir(follow_symlinks=False) and name not in NOT_DATA:
                        folders.append(entry.path)
        except OSError:
            continue
    return found


def read_manifest(path: Path) -> Manifest:
    """The manifest at this path, or in this folder. Its `id` is filled in. Unknown keys are refused with their path."""
    path = manifest_file(path)
    try:
        values = read_yaml(path)
    except BadInput:
        if path.suffix in SUFFIXES or not path.is_file():
            raise
        values = path.name
    if not isinstance(values, Mapping):
        remedy = "Write one; the README shows how." if path.suffix in SUFFIXES else "Name the folder with its manifest."
        found = "an empty file" if values is None else reprlib.repr(values)
        expected = "a manifest: `horse:`, `sensors:`, and what else there is of `film:`, `clock:`, `labels:`"
        raise BadInput(path, found=found, expected=expected, remedy=remedy)
    manifest = parse_settings(Manifest, _names_as_written(values, path=path), where=path)
    return manifest if manifest.id else manifest.model_copy(update={"id": _folder_name(path)})


def _folder_name(path: Path) -> str:
    """The id of a recording that has none of its own."""
    name = path.resolve().parent.name
    try:
        return plain_name(name)
    except ValueError as fault:
        found, remedy = f"no `id:`, and a folder called {name}", "Give the recording an `id:`, or rename its folder."
        raise BadInput(path, found=found, expected=str(fault), remedy=remedy) from None


def write_manifest(manifest: Manifest, path: Path) -> None:
    """Writes a manifest that reads back equal, whole or not at all; defaults are left out."""
    values = {"version": manifest.version} | manifest.model_dump(mode="json", exclude_defaults=True)
    write_atomically(path, yaml.safe_dump(values, sort_keys=False, allow_unicode=True))


def _names_as_written(values: Mapping[str, Any], *, path: Path) -> Mapping[str, Any]:
    """Names that YAML takes for numbers, letter by letter: it reads the horse 010 as eight."""
    numbers = [key for key in ("id", "horse", "subject") if type(values.get(key)) is int]
    if not numbers:
        return values
    text = path.read_text(encoding="utf-8")
    return {**values, **{key: scalar_as_written(text, key=key) for key in numbers}}


def manifest_file(path: Path) -> Path:
    """The manifest at this path, or in this folder."""
    return path / MANIFEST_NAME if path.is_dir() else path
