"""Joints from any of the files that pose estimation leaves, by the name's end."""

from collections.abc import Callable
from pathlib import Path

from ..errors import BadInput
from . import coco, deeplabcut, movement
from .tracks import JointTracks

READERS: dict[str, Callable[[Path], JointTracks]] = {
    ".csv": deeplabcut.read_csv,
    ".h5": deeplabcut.read_h5,
    ".json": coco.read_coco,
    ".nc": movement.read_movement,
}
"""DeepLabCut and SuperAnimal, COCO, and `movement`."""


def read_keypoints(path: Path) -> JointTracks:
    """The tracks in a file; refuses one that is missing or of none of these formats."""
    if not path.is_file():
        raise BadInput(path, found="no such file", expected="a file of joints", remedy="Check `keypoints:`.")
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        expected = f"one of {', '.join(READERS)}"
        raise BadInput(path, found=f"a file that ends in {path.suffix!r}", expected=expected, remedy="Convert it.")
    return reader(path)
