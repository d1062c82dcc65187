"""Where the weights of MOMENT are, and how they go into the student: from a local folder, or from the Hub."""

import json
from pathlib import Path
from typing import Any

from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import nn

from ...data.errors import BadInput, first_line
from ..runtime.hub import hub_folder

CONFIG_FILE, WEIGHTS_FILE = "config.json", "model.safetensors"
T5_KEYS = (
    *("d_model", "d_kv", "d_ff", "num_layers", "num_heads", "feed_forward_proj", "layer_norm_epsilon"),
    *("relative_attention_num_buckets", "relative_attention_max_distance"),
)
"""What of a checkpoint's `t5_config` makes the encoder."""
OTHER_PARTS = (
    "head.",
    "patch_embedding.mask_embedding",
    "patch_embedding.position_embedding.",
    "encoder.embed_tokens.",
)
"""What checkpoints hold beside the encoder of whole series: for pre-training, of words, and positions, which are a
formula."""
WHAT = "a checkpoint of MOMENT"


def weights_folder(place: str) -> Path:
    """The local folder of these weights, fetched from the Hub first where no folder has that name."""
    folder = Path(place).expanduser()
    if not folder.is_dir():
        if place.startswith((".", "~", "/")) or place.count("/") != 1:
            raise _refusal(place, found="no such folder")
        folder = hub_folder(place, files=[CONFIG_FILE, WEIGHTS_FILE], complete=_is_complete, refusal=_refusal)
    if not _is_complete(folder):
        raise _refusal(folder, found=f"no {CONFIG_FILE} or no {WEIGHTS_FILE}")
    return folder


def read_t5_config(folder: Path) -> dict[str, Any]:
    """Sizes of the encoder, by the names of transformers; refuses another patching than the published one."""
    path = folder / CONFIG_FILE
    try:
        config: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        patching = tuple(config[key] for key in ("seq_len", "patch_len", "patch_stride_len"))
        sizes = {key: config["t5_config"][key] for key in T5_KEYS if key in config["t5_config"]}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise _refusal(path, found=f"a file that cannot be read ({type(error).__name__}: {error})") from None
    if patching != (512, 8, 8):
        raise _refusal(path, found="seq_len {}, patch_len {}, patch_stride_len {}".format(*patching))
    return sizes


def load_weights(network: nn.Module, folder: Path) -> None:
    """Puts a checkpoint's weights into the network; every one of them, and none is left."""
    path, embedding = folder / WEIGHTS_FILE, "patch_embedding."
    try:
        published = load_file(path)
        weights = {k.removeprefix(embedding): v for k, v in published.items() if not k.startswith(OTHER_PARTS)}
        network.load_state_dict(weights, strict=True)
    except SafetensorError as error:
        raise _refusal(path, found=f"a damaged file ({first_line(error)})") from None
    except RuntimeError as error:
        raise _refusal(path, found=f"other weights ({str(error).splitlines()[1].strip()})") from None


def _is_complete(folder: Path) -> bool:
    return (folder / CONFIG_FILE).is_file() and (folder / WEIGHTS_FILE).is_file()


def _refusal(where: str | Path, found: str) -> BadInput:
    remedy = "Check student.weights: a folder, or a name on the Hub such as AutonLab/MOMENT-1-small."
    return BadInput(where, found=found, expected=WHAT, remedy=remedy)
