"""What is fuzzed: sound inputs of each family, and the use of one of them after a file of it was changed."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from . import pages, seeds, uses


@dataclass(frozen=True)
class Family:
    """Inputs of one kind."""

    plant: Callable[[Path], None]
    """Writes sound inputs, a folder each, below an empty folder."""
    targets: tuple[str, ...]
    """Patterns of the files that are changed."""
    use: Callable[[Path], object]
    """Uses one input, as a command does: it may refuse, and nothing else."""


FAMILIES = {
    "sensors": Family(seeds.sensors, ("w.*",), uses.sensors),
    "films": Family(seeds.films, ("ride.*",), uses.film),
    "manifests": Family(seeds.manifests, ("recording.yaml",), uses.manifest),
    "labels": Family(seeds.labels, ("labels.*",), uses.label_file),
    "words": Family(seeds.words, ("words.txt",), uses.words),
    "cache": Family(seeds.cache, ("cache/**/*",), uses.cache),
    "runs": Family(seeds.run, ("*",), uses.run),
    "pages": Family(pages.plant_words, ("words.txt",), pages.words_on_pages),
    "requests": Family(pages.plant_requests, ("request.txt",), pages.request),
}
"""By the name that `python -m tests.fuzz` takes."""
