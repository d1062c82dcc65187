"""Films: what their packets tell, and the frames that are needed, decoded in one pass.

Times are presentation times (PTS) in seconds, as the file states them; no frame rate is trusted. `probe_film` reads
the packets and decodes one frame; `choose_decoder` says what decodes it; `decode_frames` decodes what the needed frames
rest on, once; `decode_pictures` does the same for those who need a part of each, `needed_frames` for those who take
frames as they are coded.
"""

from pathlib import Path

from ..recording import Video
from .scan import scan


def probe_film(path: Path) -> Video:
    """Size, rotation and the time of every frame, from the packets; refuses what is not a whole, decodable film."""
    found = scan(path)
    return Video(
        path=path,
        width=found.first_frame.width,
        height=found.first_frame.height,
        rotation_degrees=round(found.first_frame.rotation / 90) * 90 % 360,
        frame_seconds=found.frame_seconds,
        packets=found.packets,
    )
