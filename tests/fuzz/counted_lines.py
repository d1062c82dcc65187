"""The package, imported so that atheris sees which of its lines are run: before anything else imports it."""

import importlib
import pkgutil

import atheris

READ_BY = ("equigait.data", "equigait.cache", "equigait.pipeline.reporting")
"""The packages whose lines are counted: those that read what is fuzzed."""


def import_counted() -> None:
    """Imports these packages so that their lines are counted."""
    with atheris.instrument_imports(include=list(READ_BY)):
        for name in READ_BY:
            package = importlib.import_module(name)
            for module in pkgutil.walk_packages(package.__path__, prefix=f"{name}."):
                importlib.import_module(module.name)
