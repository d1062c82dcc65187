"""Joints from COCO JSON: an image a frame, by the number in its file's name, else by its place in the list."""

import json
import re
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import BadInput
from .tracks import JointTracks

LAST_NUMBER = re.compile(r"(\d+)(?=\D*$)")


def read_coco(path: Path) -> JointTracks:
    """The tracks of the largest annotated horse of each frame; joints of visibility 0 were not found."""
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        joints = tuple(values["categories"][0]["keypoints"])
        frame_of = _frames(values["images"])
        largest: dict[int, dict[str, Any]] = {}
        for annotation in values["annotations"]:
            frame = frame_of[annotation["image_id"]]
            if frame not in largest or _area(annotation) > _area(largest[frame]):
                largest[frame] = annotation
        position = np.full((max(frame_of.values()) + 1, len(joints), 2), np.nan)
        likelihood = np.zeros(position.shape[:2])
        for frame, annotation in largest.items():
            points = np.array(annotation["keypoints"], np.float64).reshape(len(joints), 3)
            seen = points[:, 2] > 0
            position[frame, seen] = points[seen, :2]
            likelihood[frame] = seen
    except (OSError, ValueError, KeyError, IndexError, TypeError, AttributeError) as error:
        expected = "COCO keypoints: categories, images, annotations"
        found = f"{type(error).__name__}: {error}"
        raise BadInput(path, found=found, expected=expected, remedy="Export the annotations again.") from None
    return JointTracks.of(joints, position, likelihood)


def _frames(images: list[dict[str, Any]]) -> dict[int, int]:
    """Frame of each image's id."""
    numbers = [LAST_NUMBER.search(Path(image["file_name"]).stem) for image in images]
    if all(numbers) and len({int(number[1]) for number in numbers if number}) == len(images):
        return {image["id"]: int(number[1]) for image, number in zip(images, numbers, strict=True) if number}
    return {image["id"]: place for place, image in enumerate(images)}


def _area(annotation: dict[str, Any]) -> float:
    box = annotation.get("bbox") or (0, 0, 0, 0)
    return float(box[2]) * float(box[3])
