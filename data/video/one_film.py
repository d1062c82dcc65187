"""That a file holds one film: which of its pictures' streams is the film, and that no other film is joined to it."""

import mmap
from collections.abc import Sequence
from pathlib import Path
from typing import cast

from av.container import InputContainer
from av.stream import Disposition
from av.video.stream import VideoStream

from ..errors import BadInput
from .boxes import file_boxes

AS_THEY_WERE = "Give the films as they were: `film: [a.ts, b.ts]`, or join them with FFmpeg's concat demuxer."
READ_AT_LEAST = 0.9
"""Of a Flash video: its sound may go on a little longer than its frames."""
BEGINS_WITH = 16
"""Bytes that a file begins with, and which stand nowhere else in it: a key, or a signature and its first sizes."""
NO_FILM = Disposition.attached_pic | Disposition.timed_thumbnails | Disposition.still_image
"""Pictures that go with a film: its cover, its thumbnails."""


def film_stream(path: Path, container: InputContainer) -> VideoStream:
    """The stream that players show: neither a cover nor a single picture, the default one of several.

    A file of which two streams have an equal claim (two cameras, two programmes) is refused: which of them shows the
    horse is not for a reader to guess.
    """
    films = [stream for stream in container.streams.video if not stream.disposition & NO_FILM]
    films = [stream for stream in films if stream.frames != 1] or films[:1]
    default = [stream for stream in films if stream.disposition & Disposition.default]
    films = default or films
    if not films:
        remedy = "Point `film:` at the film, or leave it out for a recording of sensors alone."
        raise BadInput(path, found="no video stream", expected="a film", remedy=remedy)
    if len(films) > 1:
        raise _several(path, films, every=container.streams.video)
    if cast("object | None", films[0].codec_context) is None:
        remedy = "Convert it: ffmpeg -i FILM -crf 18 film.mp4. If that fails, copy it again from the camera."
        raise BadInput(path, found="pictures in a coding unknown here", expected="a decodable film", remedy=remedy)
    return films[0]


def _several(path: Path, films: Sequence[VideoStream], *, every: Sequence[VideoStream]) -> BadInput:
    places = [every.index(film) for film in films]
    found = f"{len(films)} video streams of equal claim (0:v:{', 0:v:'.join(map(str, places))})"
    remedy = f"Write the one that shows the horse alone: ffmpeg -i FILM -map 0:v:{places[0]} -map 0:a? -c copy film.mp4"
    return BadInput(path, found=found, expected="one film in a file", remedy=remedy)


def refuse_unread(path: Path, container: InputContainer, *, stop_byte: int) -> None:
    """Refuses a file behind whose film another one lies, joined to it byte by byte, which is not read."""
    size, found = path.stat().st_size, ""
    kinds = container.format.name.split(",")
    if "flv" in kinds and stop_byte < READ_AT_LEAST * size:
        found = f"a film that ends after {stop_byte} of {size} bytes"
    if "mp4" in kinds and (movies := sum(box.kind == b"moov" for box in file_boxes(path))) > 1:
        found = f"{movies} films, one behind the other, of which players show the first"
    if "avi" in kinds and (movies := _count_avi(path)) > 1:
        found = f"{movies} films, one behind the other, read at the rate of the first"
    # A transport stream repeats its first packet throughout; joined ones show by their stamps.
    runs_on = not stop_byte or "mpegts" in kinds
    if not found and not runs_on and _begins_again(path, after_byte=stop_byte):
        found = "another film behind the first, of which players show the first"
    if found:
        raise BadInput(path, found=found, expected="one film in a file", remedy=AS_THEY_WERE)


def _begins_again(path: Path, *, after_byte: int) -> bool:
    """Whether what the file begins with stands there again, behind all that was read of it."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        return data.find(data[:BEGINS_WITH], after_byte) >= 0


def _count_avi(path: Path) -> int:
    """How many AVI films stand one behind the other. Further lists of one large film are called `AVIX` (OpenDML)."""
    movies, at = 0, 0
    with path.open("rb", buffering=0) as file:
        while (head := file.read(12)) and len(head) == 12 and head[:4] == b"RIFF":
            movies += head[8:] == b"AVI "
            length = int.from_bytes(head[4:8], "little")
            at += 8 + length + length % 2
            file.seek(at)
    return movies
