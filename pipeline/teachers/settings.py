"""Settings of the teacher. Light to import: nothing heavy is loaded before a teacher is needed."""

from typing import Annotated

from pydantic import Field

from ...data.settings import Settings

Count = Annotated[int, Field(ge=1)]


class TeacherSettings(Settings):
    """Which frozen video network looks at the films, and on what."""

    name: str = "videomae-base"
    """An entry of TEACHERS: `videomae-base`, `videomae-demo`, or `videomae` for any other VideoMAE checkpoint."""
    weights: str | None = None
    """A folder, or a name on the Hugging Face Hub, to take the weights from; null is the teacher's own place."""
    device: str = "auto"
    """`auto` takes a CUDA device where there is one; else a torch device name."""
    batch_clips: Count = 8
    """Clips embedded at once: a matter of speed and memory, never of results."""
    threads: Count | None = None
    """CPU threads of torch; null leaves them as they are."""
