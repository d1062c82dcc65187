"""VIDEO_FAMILIES: video networks of transformers beside VideoMAE, and what is particular to each.

TimeSformer: Bertasius et al., "Is Space-Time Attention All You Need for Video Understanding?", 2021. ViViT: Arnab et
al., "ViViT: A Video Vision Transformer", 2021. V-JEPA 2: Assran et al., "V-JEPA 2: Self-Supervised Video Models Enable
Understanding, Prediction and Planning", 2025. X-CLIP: Ni et al., "Expanding Language-Image Pretrained Models for
General Video Recognition", 2022.
"""

from typing import TYPE_CHECKING, Any

from .family import ConfigValues, Family, Shape, first_token, square_side

if TYPE_CHECKING:
    from torch import Tensor


def _timesformer_shape(config: ConfigValues) -> Shape:
    return Shape(config.get("hidden_size", 768), square_side(config), config.get("num_frames", 8))


def _vivit_shape(config: ConfigValues) -> Shape:
    return Shape(config.get("hidden_size", 768), square_side(config), config.get("num_frames", 32))


def _vjepa2_shape(config: ConfigValues) -> Shape:
    """Positions are rotary, so any even number of frames will do."""
    return Shape(config.get("hidden_size", 1024), config.get("crop_size", 256))


def _xclip_shape(config: ConfigValues) -> Shape:
    vision = config.get("vision_config") or {}
    return Shape(config.get("projection_dim", 512), square_side(vision), vision.get("num_frames", 8))


def _mean_of_vision_tokens(network: Any, pixels: "Tensor") -> "Tensor":
    tokens: Tensor = network(pixel_values_videos=pixels, skip_predictor=True).last_hidden_state
    return tokens.float().mean(dim=1)


def _video_feature(network: Any, pixels: "Tensor") -> "Tensor":
    found: Tensor = network.get_video_features(pixel_values=pixels).pooler_output
    return found.float()


VIDEO_FAMILIES: dict[str, Family] = {
    "timesformer": Family(
        ("timesformer",),
        network="TimesformerModel",
        shape=_timesformer_shape,
        pooling="class token",
        feature=first_token,
        ignored=("classifier.",),
        attention="eager",  # the class has no other
    ),
    "vivit": Family(
        ("vivit",),
        network="VivitModel",
        shape=_vivit_shape,
        pooling="class token",
        feature=first_token,
        ignored=("classifier.", "pooler.", "vivit.pooler."),
        options={"add_pooling_layer": False},
    ),
    "vjepa2": Family(
        ("vjepa2",),
        network="VJEPA2Model",
        shape=_vjepa2_shape,
        pooling="mean",
        feature=_mean_of_vision_tokens,
        ignored=("pooler.", "classifier."),
        frames_multiple=2,
    ),
    "xclip": Family(
        ("xclip",),
        network="XCLIPModel",
        shape=_xclip_shape,
        pooling="projected video feature",
        feature=_video_feature,
        words=True,
    ),
}
"""By the teacher's name."""
