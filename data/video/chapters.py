"""A film that a camera cut into several files: its chapters, held against each other and joined without copying them.

What joins them is a small text file beside the manifest, in the format of FFmpeg's concat demuxer (ffmpeg.org,
"Formats", section concat), which every program on FFmpeg opens like a film. Film time is 0 where the first file starts,
and runs on. Each file's SHA-256 stands in it, so that the text names the films' content as well as their order.
"""

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import Field, model_validator

from ..errors import BadInput
from ..files import refuse_link_away, write_atomically
from ..recording import Video
from ..settings import Settings
from .chapter_order import Placed, refuse_other_order, taken_at

FILE_NAME = "chapters.ffconcat"
PORTABLE = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*")
"""Paths that FFmpeg follows from such a file without an option that calls them safe."""
SAME_RATE = 0.02
"""Part by which the usual distance of frames may differ between files of one camera."""


class Chapter(Settings):
    """One file of a film; in a manifest its name alone will do."""

    path: str = Field(min_length=1)
    """The file, relative to the manifest."""
    start_seconds: float | None = Field(default=None, ge=0.0, allow_inf_nan=False)
    """Film time at which it starts; where the one before ends when left out."""

    @model_validator(mode="before")
    @classmethod
    def _a_name_will_do(cls, value: Any) -> Any:
        return {"path": value} if isinstance(value, str) else value


@dataclass(frozen=True)
class _File:
    """What joining needs to know of one file."""

    chapter: Chapter
    video: Video
    kind: tuple[str, int, int, int, float]
    """Codec, width, height, rotation, shape of a pixel."""
    begins: float
    """The container's start on the file's own clock: sound may begin before the first frame."""
    taken: datetime | None
    """When it was taken, by its own word."""

    def placed(self, folder: Path) -> Placed:
        """What it says of its place among the others."""
        return Placed(
            folder / self.chapter.path,
            start_is_stated=self.chapter.start_seconds is not None,
            sha256=self.video.sha256,
            begins=self.begins,
            ends=self.video.stop_seconds,
            taken=self.taken,
        )

    @property
    def seconds(self) -> float:
        """From the container's start to the end of the last frame."""
        return self.video.stop_seconds - self.begins

    @property
    def spacing(self) -> float:
        return float(np.median(np.diff(self.video.frame_seconds))) if self.video.frame_seconds.size > 1 else 0.0


def join_chapters(chapters: Sequence[Chapter], *, folder: Path) -> Path:
    """The text file that plays these files of a folder as one film; written anew only where something changed."""
    files = [_examined(chapter, folder=folder) for chapter in chapters]
    refuse_other_order([file.placed(folder) for file in files])
    starts = [0.0]
    for before, file in itertools.pairwise(files):
        _refuse_other_kind(files[0], file, folder=folder)
        starts.append(_start(file, before=before, before_start=starts[-1], folder=folder))
    if chapters[0].start_seconds:
        remedy = "Leave it out of the first: film time begins there."
        raise BadInput(folder / chapters[0].path, found="`start_seconds`", expected="0 or none", remedy=remedy)
    lines = ["ffconcat version 1.0", "# made by equigait from the manifest's chapters"]
    for number, file in enumerate(files):
        lines.append(f"# sha256 {file.video.sha256}")
        lines.append(f"file {file.chapter.path}")
        if number + 1 < len(files):
            lines.append(f"duration {starts[number + 1] - starts[number]:.6f}")
    return _written(folder / FILE_NAME, "\n".join(lines) + "\n")


def files_of(film: Path) -> tuple[tuple[Path, float], ...]:
    """The files that play as this film, and the film time at which each starts: of an ordinary film itself, at 0."""
    if film.name != FILE_NAME:
        return ((film, 0.0),)
    files, start = [], 0.0
    for line in film.read_text(encoding="utf-8").splitlines():
        word, _, value = line.partition(" ")
        if word == "file":
            files.append((film.parent / value, round(start, 6)))
        elif word == "duration":
            start += float(value)
    return tuple(files)


def _examined(chapter: Chapter, *, folder: Path) -> _File:
    from .container import opened
    from .probe import probe_film

    path = folder / chapter.path
    if not PORTABLE.fullmatch(chapter.path):
        expected = "chapters in or below the manifest's folder, named by letters, digits, . _ and -"
        raise BadInput(path, found=f"the name {chapter.path!r}", expected=expected, remedy="Rename or move the file.")
    video = probe_film(path, hashed=True)
    with opened(path) as (container, stream):
        begins = (container.start_time or 0) / 1e6
        codec, taken = stream.codec_context.name, taken_at(container)
    kind = (codec, video.width, video.height, video.rotation_degrees, round(video.pixel_aspect, 3))
    return _File(chapter, video=video, kind=kind, begins=begins, taken=taken)


def _refuse_other_kind(first: _File, file: _File, *, folder: Path) -> None:
    remedy = "List only files that one camera cut from one film."
    if file.kind != first.kind:
        words = "{}, {} x {}, rotated by {}, pixels {} times as wide as high"
        found, expected = (words.format(*kind) for kind in (file.kind, first.kind))
        raise BadInput(folder / file.chapter.path, found=found, expected=f"{expected} as before", remedy=remedy)
    if abs(file.spacing - first.spacing) > SAME_RATE * first.spacing:
        found, expected = (f"{1 / max(f.spacing, 1e-9):.3f} frames a second" for f in (file, first))
        raise BadInput(folder / file.chapter.path, found=found, expected=f"{expected} as before", remedy=remedy)


def _start(file: _File, *, before: _File, before_start: float, folder: Path) -> float:
    """Film time at which a file starts, in whole microseconds."""
    end = before_start + before.seconds
    start = file.chapter.start_seconds
    if start is None:
        return round(end, 6)
    if start < end - file.spacing / 2:
        raise BadInput(
            folder / file.chapter.path,
            found=f"`start_seconds: {start:g}` although {before.chapter.path} lasts until {end:.3f} s",
            expected="chapters that do not overlap",
            remedy="Correct `start_seconds`, or leave it out where one file follows the other without a gap.",
        )
    return round(start, 6)


def _written(path: Path, text: str) -> Path:
    """The file with this text. Left untouched where it has it already."""
    refuse_link_away(path)
    try:
        if path.is_file() and path.read_text(encoding="utf-8") == text:
            return path
        if path.is_file() and "# made by equigait" not in path.read_text(encoding="utf-8"):
            remedy = "Rename it: the manifest's chapters are joined under this name."
            raise BadInput(path, found="a file of someone else's", expected="none, or equigait's own", remedy=remedy)
        write_atomically(path, text)
    except (OSError, UnicodeDecodeError) as error:
        remedy = "Make the folder writable, or join the files: ffmpeg -f concat -i list.txt -c copy film.mp4."
        raise BadInput(path, found=str(error), expected="to write how chapters join", remedy=remedy) from None
    return path
