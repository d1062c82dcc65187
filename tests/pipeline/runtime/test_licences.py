"""Licences of dependencies: read from metadata, each installed package once."""

from importlib.metadata import Distribution
from importlib.metadata._meta import SimplePath

import pytest
from equigait.pipeline.runtime.licences import UNSTATED, dependency_licences, stated_licence


class Stated(Distribution):
    """A package that is nothing but its metadata."""

    def __init__(self, text: str) -> None:
        self.text = text

    def read_text(self, filename: str) -> str | None:
        return self.text if filename == "METADATA" else None

    def locate_file(self, path: object) -> SimplePath:
        raise NotImplementedError


def package(*fields: tuple[str, str]) -> Distribution:
    return Stated("".join(f"{name}: {value}\n" for name, value in (("Name", "some"), *fields)) + "\n")


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
