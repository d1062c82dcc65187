"""Where a model card is written: beside the model as README.md, which the Hugging Face Hub shows."""

from pathlib import Path

from ...data.files import write_atomically

MARK = "<!-- Written by equigait, which writes this file anew. Take this line out to keep a text of your own. -->"
"""A line of every card: without it a README.md is someone's own, and stays."""


def write_card(card: str, *, folder: Path, otherwise: str) -> Path:
    """Writes the card to `folder/README.md`, in the place of an earlier card; returns its path.

    Where a README.md of another origin stands, the card is written to `folder/otherwise`.
    """
    readme = folder / "README.md"
    own = readme.is_file() and MARK not in readme.read_text(encoding="utf-8", errors="replace")
    path = folder / otherwise if own else readme
    write_atomically(path, card)
    return path
