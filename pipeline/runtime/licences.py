"""The licences of the packages that equigait stands on, as their own metadata states them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import Distribution, PackageNotFoundError, distribution

NAME = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._-]*")
LONGEST = 60
"""Letters of a licence that a package states as one line; more is a whole text."""
UNSTATED = "not stated"


@dataclass(frozen=True)
class Licence:
    """What one installed package says of itself."""

    package: str
    version: str
    licence: str
    """An SPDX expression, a name, or `not stated`."""


def dependency_licences(package: str = "equigait") -> tuple[Licence, ...]:
    """Every installed package that this one needs, directly or by another's need, extras included; by name."""
    found: dict[str, Licence] = {}
    waiting = [package]
    while waiting:
        name = waiting.pop()
        key = re.sub(r"[-_.]+", "-", name).lower()  # names are equal so: packaging.python.org, name normalization
        if key in found or (installed := _installed(name)) is None:
            continue
        found[key] = Licence(key, installed.version, stated_licence(installed))
        waiting += _needed(installed)
    return tuple(found[key] for key in sorted(found) if key != package)


def stated_licence(installed: Distribution) -> str:
    """The licence in a package's metadata: the expression, else a short text, else its classifiers."""
    metadata = installed.metadata
    expression = (metadata.get_all("License-Expression") or [""])[0]
    text = " ".join((metadata.get_all("License") or [""])[0].split())
    classifiers = [line for line in metadata.get_all("Classifier") or [] if line.startswith("License :: ")]
    names = ", ".join(line.rpartition(" :: ")[2] for line in classifiers)
    short = text if text and len(text) <= LONGEST and text != "UNKNOWN" else ""
    return expression or short or names or UNSTATED


def _installed(name: str) -> Distribution | None:
    try:
        return distribution(name)
    except PackageNotFoundError:
        return None


def _needed(installed: Distribution) -> Iterator[str]:
    """Names of all requirements; those that are not installed here are passed over by the caller."""
    for line in installed.requires or ():
        if match := NAME.match(line):
            yield match[0]
