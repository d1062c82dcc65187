"""A recording to extract: its manifest, parsed once for all that is done with it."""

from dataclasses import dataclass, field
from pathlib import Path

from ...cache.change_index import Stamp
from ...data.errors import BadInput
from ...data.manifest.files import read_manifest
from ...data.manifest.schema import Manifest
from .change_detector import input_files


@dataclass(frozen=True, eq=False)
class ExtractionTask:
    """One manifest of a data set, as it was when it was read."""

    path: Path
    """Where it lies."""
    manifest: Manifest | None = field(default=None, repr=False)
    """What it says; None where it cannot be read."""
    fault: BadInput | None = field(default=None, repr=False)
    """Why it cannot be read."""
    files: tuple[Stamp, ...] = field(default=(), repr=False)
    """All that the recording is read from, stamped before any of it was read; empty where the manifest is not."""

    @property
    def recording_id(self) -> str:
        """The recording's id, or its folder's name where the manifest cannot be read."""
        return self.manifest.id if self.manifest else self.path.resolve().parent.name


def read_task(path: Path) -> ExtractionTask:
    """The task of a manifest; one that cannot be read keeps the reason."""
    try:
        manifest = read_manifest(path)
    except BadInput as error:
        return ExtractionTask(path, fault=error)
    return ExtractionTask(path, manifest, files=input_files(manifest, path=path))
