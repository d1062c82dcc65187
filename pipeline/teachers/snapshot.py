"""Where a teacher's files are: shipped with the package, in a local folder, or on the Hugging Face Hub.

What is wanted and cannot be had is said within seconds, with the ways out; nothing here loads a network.
"""

import json
import os
from pathlib import Path
from typing import Any

from ...data.errors import BadInput
from ..runtime.hub import hub_folder
from .settings import TeacherSettings

CONFIG_FILE = "config.json"
PREPROCESSOR_FILE = "preprocessor_config.json"
WEIGHTS_FILE = "model.safetensors"
FILES = (CONFIG_FILE, PREPROCESSOR_FILE, WEIGHTS_FILE)

OTHER_PREPROCESSOR_FILES = ("video_preprocessor_config.json", "processor_config.json")
"""Where checkpoints of networks beside VideoMAE may state their preprocessing instead."""
TEXT_FILES = ("tokenizer*.json", "vocab.json", "merges.txt", "special_tokens_map.json", "spiece.model")
"""What a text tower's tokenizer is read from, as far as there."""

DEMO_FOLDER = Path(__file__).parent / "demo"
PLACES: dict[str, str | None] = {
    "videomae-base": "MCG-NJU/videomae-base",
    "videomae-demo": str(DEMO_FOLDER),
    "videomae": None,
    "timesformer": "facebook/timesformer-base-finetuned-k400",
    "vivit": "google/vivit-b-16x2-kinetics400",
    "vjepa2": "facebook/vjepa2-vitl-fpc64-256",
    "xclip": "microsoft/xclip-base-patch32",
    "dinov2": "facebook/dinov2-base",
    "dinov2-registers": "facebook/dinov2-with-registers-base",
    "clip": "openai/clip-vit-base-patch32",
    "siglip": "google/siglip2-base-patch16-224",
    "vit": "google/vit-base-patch16-224-in21k",
    "convnext": "facebook/convnext-tiny-224",
}
"""The teacher's own place for weights; None where `teacher.weights` has to name one."""


def snapshot_folder(settings: TeacherSettings) -> Path:
    """The local folder that holds the teacher's files, fetched from the Hub first where need be."""
    place = settings.weights or PLACES.get(settings.name)
    if place is None:
        expected = "teacher.weights: a folder, or a name on the Hugging Face Hub"
        raise BadInput("teacher", found=f"{settings.name} without weights", expected=expected, remedy=_ways_out())
    folder = Path(place).expanduser()
    if not folder.is_dir():
        if _is_path(place):
            expected = f"a checkpoint for {settings.name}"
            raise BadInput(place, found="no such folder", expected=expected, remedy=_ways_out())
        folder = _hub_folder(place, strict=_is_videomae(settings))
    missing = _missing(folder, strict=_is_videomae(settings))
    if missing:
        found = f"no {' and no '.join(missing)}"
        remedy = "Save the model with save_pretrained (safetensors) and its preprocessor_config.json beside it."
        raise BadInput(folder, found=found, expected=", ".join(FILES), remedy=remedy)
    return folder


def preprocessor_file(folder: Path) -> Path:
    """The file of a checkpoint's folder that states its preprocessing."""
    places = [folder / name for name in (PREPROCESSOR_FILE, *OTHER_PREPROCESSOR_FILES)]
    return next((path for path in places if path.is_file()), places[0])


def read_json(path: Path) -> dict[str, Any]:
    """What a JSON file of the teacher says; refuses what is no JSON object."""
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BadInput(path, found=str(error), expected="a JSON file", remedy="Download the file again.") from None
    if not isinstance(values, dict):
        raise BadInput(path, found=type(values).__name__, expected="a JSON object", remedy="Download the file again.")
    return values


def _is_path(place: str) -> bool:
    """Whether a place can only be meant as a path: names on the Hub read `owner/name`."""
    return place.startswith((".", "~", os.sep)) or place.count("/") != 1


def _is_videomae(settings: TeacherSettings) -> bool:
    return settings.name.startswith("videomae")


def _missing(folder: Path, *, strict: bool) -> list[str]:
    """Files that a folder lacks; unless strict, the preprocessing may stand in any of its files."""
    other = () if strict else OTHER_PREPROCESSOR_FILES
    lacking = [name for name in FILES if not (folder / name).is_file()]
    held = any((folder / name).is_file() for name in other)
    return [name for name in lacking if not (held and name == PREPROCESSOR_FILE)]


def _hub_folder(name: str, *, strict: bool) -> Path:
    """The Hub's files of that name."""
    files = FILES if strict else (*FILES, *OTHER_PREPROCESSOR_FILES, *TEXT_FILES)
    return hub_folder(
        name, files=files, complete=lambda folder: not _missing(folder, strict=strict), refusal=_unreachable
    )


def _unreachable(name: str, found: str) -> BadInput:
    return BadInput(f"weights {name}", found=found, expected="its weights", remedy=_ways_out(name))


def _ways_out(name: str = "MCG-NJU/videomae-base") -> str:
    """What one can do without the weights at hand."""
    return (
        f"Download {name} where there is a network (hf download {name}) and pass its folder with "
        "--set teacher.weights=FOLDER, or use --config demo, whose small teacher comes with equigait."
    )
