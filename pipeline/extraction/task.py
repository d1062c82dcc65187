"""A recording to extract: its manifest, parsed once for all that is done with it."""

import time
from dataclasses import dataclass, field
from pathlib import Path

from ...cache.change_index import Stamp, stamp
from ...data.errors import BadInput
from ...data.manifest.files import read_manifest
from ...data.manifest.schema import Manifest


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
    read_at_ns: int = 0
    """When reading began, as `time.time_ns` has it: what changed just before then is not noted."""

    @property
    def recording_id(self) -> str:
        """The recording's id, or its folder's name where the manifest cannot be read."""
        return self.manifest.id if self.manifest else self.path.resolve().parent.name


def read_task(path: Path) -> ExtractionTask:
    """The task of a manifest; one that cannot be read keeps the reason."""
    read_at_ns, own = time.time_ns(), stamp(path)
    try:
        manifest = read_manifest(path)
    except BadInput as error:
        return ExtractionTask(path, fault=error)
    named = map(stamp, sorted({path.parent / name for name in manifest.files()}))
    files = (own, *(found for found in named if found)) if own else ()
    return ExtractionTask(path, manifest, files=files, read_at_ns=read_at_ns)
