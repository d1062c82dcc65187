"""Pages: a template filled with data and written as one HTML file that fetches nothing."""

from functools import cache
from pathlib import Path
from typing import Any

import jinja2
import yaml
from markupsafe import Markup

from ... import __version__
from ...data.files import write_atomically
from ..runtime.formatting import counted
from . import formatting

FOLDER = Path(__file__).parent


def write_page(path: Path, template: str, **values: Any) -> Path:
    """Write `templates/TEMPLATE.html` filled with these values, whole or not at all; returns the path."""
    write_atomically(path, render_page(template, **values))
    return path


def render_page(template: str, **values: Any) -> str:
    """The text of `templates/TEMPLATE.html` filled with these values.

    Every value is escaped unless it is markup made by this package.
    """
    return _environment().get_template(f"{template}.html").render(values)


def render_text(template: str, **values: Any) -> str:
    """The text of `templates/TEMPLATE`, as `model_card.md`, filled with these values, which the template escapes."""
    return _environment().get_template(template).render(values)


@cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(FOLDER / "templates"),
        autoescape=lambda name: name is None or not name.endswith(".md"),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals |= {"asset": _asset, "version": __version__}
    environment.filters |= {
        "counted": counted,
        "percent": formatting.percent,
        "interval": formatting.interval,
        "plain_site": formatting.plain_site,
        "cell": formatting.markdown_cell,
        "yaml": lambda value: yaml.safe_dump(value, sort_keys=False),
    }
    return environment


def _asset(name: str) -> Markup:
    """A file of this package as it stands: style, script or vendored library."""
    return Markup((FOLDER / name).read_text(encoding="utf-8"))  # our own files, nothing from outside
