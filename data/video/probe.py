"""Films: what their packets tell, and the frames that are needed, decoded in one pass.

Times are presentation times (PTS) in seconds, as the file states them; no frame rate is trusted. `probe_film` reads
the packets and decodes one frame; DECODERS are what can decode it; `decode_frames` decodes what the needed frames rest
on, once; `decode_pictures` does the same for those who need a part of each, `needed_frames` for those who take
frames as they are coded.
"""

import math
import struct
from pathlib import Path
from typing import cast

from av.video.frame import VideoFrame

from ..errors import BadInput
from ..recording import Video
from .scan import scan
from .steady_frames import quarters

ONE = 1 << 16
"""1 in a display matrix."""
OBLIQUE_DEGREES = 10.0
"""By so much a film may be off a quarter of a turn and count as one."""


def probe_film(path: Path, *, hashed: bool = False) -> Video:
    """Size, rotation and the time of every frame, from the packets; refuses what is not a whole, decodable film.

    With `hashed` also the file's SHA-256, from the same reading.
    """
    found = scan(path, hashed=hashed)
    _refuse_matrix(found.first_frame, path=path)
    return Video(
        path=path,
        width=found.first_frame.width,
        height=found.first_frame.height,
        rotation_degrees=quarters(found.first_frame),
        frame_seconds=found.frame_seconds,
        player_start_seconds=found.start_seconds,
        pixel_aspect=found.pixel_aspect,
        interlaced=found.interlaced,
        packets=found.packets,
        sha256=found.sha256,
    )


def _refuse_matrix(frame: VideoFrame, *, path: Path) -> None:
    """Refuses a film that its display matrix mirrors, as front cameras do (a left canter would be taken for a right),
    and one that it shows aslant or not at all."""
    matrix = cast("bytes | None", frame.side_data.get("DISPLAYMATRIX"))
    if matrix is None:
        return
    a, b, _, c, d = struct.unpack("=5i", bytes(matrix)[:20])
    turns_by = math.degrees(math.atan2(b, a)) % 90.0
    if a * d == b * c or OBLIQUE_DEGREES < turns_by < 90.0 - OBLIQUE_DEGREES:
        raise BadInput(
            path,
            found=f"a display matrix that is no turn by quarters ({a / ONE:g} {b / ONE:g} {c / ONE:g} {d / ONE:g})",
            expected="an upright film",
            remedy="Write it anew without the matrix: ffmpeg -noautorotate -i FILM -crf 18 upright.mp4",
        )
    if a * d - b * c < 0:
        raise BadInput(
            path,
            found="a film that is shown mirrored (by its display matrix)",
            expected="a film as the camera saw it",
            remedy="Write it anew, which applies the mirror: ffmpeg -i FILM -crf 18 upright.mp4",
        )
