"""Names of horses, recordings, sites and labels: they stand in tables that a spreadsheet opens, and on a terminal."""

import re
from typing import Annotated

from pydantic import AfterValidator

from .errors import COMMANDS

FORMULA = ("=", "+", "-", "@")
"""A spreadsheet takes a cell that begins with one of these for a formula, which may start programs."""

NUMBER = re.compile(r"[-+]?[0-9]*")
"""What begins like a formula and is none: a number, a dash."""


def plain_name(name: str) -> str:
    """The name; ValueError where a spreadsheet or terminal would obey it in place of showing it."""
    if name.startswith(FORMULA) and not NUMBER.fullmatch(name):
        raise ValueError(f"a name that begins with none of {' '.join(FORMULA)}, which spreadsheets take for a formula")
    if COMMANDS.search(name) or "\t" in name or "\n" in name:
        raise ValueError("a name without control characters")
    return name


PlainName = Annotated[str, AfterValidator(plain_name)]
