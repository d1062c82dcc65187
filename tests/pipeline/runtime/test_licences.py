"""Licences of dependencies: read from metadata, each installed package once."""

from email.message import Message
from importlib.metadata import Distribution
from types import SimpleNamespace
from typing import cast

import pytest
from equigait.pipeline.runtime.licences import UNSTATED, dependency_licences, stated_licence


def package(*fields: tuple[str, str]) -> Distribution:
    metadata = Message()
    for name, value in fields:
        metadata[name] = value
    return cast(Distribution, SimpleNamespace(metadata=metadata))


@pytest.mark.parametrize(
    ("fields", "licence"),
    [
        ((("License-Expression", "BSD-3-Clause"), ("License", "a text")), "BSD-3-Clause"),
        ((("License", "MIT"),), "MIT"),
        (
            (("License", "Permission is " * 20), ("Classifier", "License :: OSI Approved :: MIT License")),
            "MIT License",
        ),
        ((("License", "UNKNOWN"),), UNSTATED),
        ((), UNSTATED),
    ],
)
def test_a_licence_is_its_expression_its_short_name_or_its_classifier(
    fields: tuple[tuple[str, str], ...], licence: str
) -> None:
    assert stated_licence(package(*fields)) == licence


def test_every_installed_dependency_is_listed_once() -> None:
    found = dependency_licences("typer")
    names = [each.package for each in found]
    assert names == sorted(set(names))
    assert "typer" not in names
    assert all(each.version and each.licence for each in found)
