"""IMAGE_FAMILIES: networks of images, of transformers, that see the frames of a clip one by one.

DINOv2: Oquab et al., "DINOv2: Learning Robust Visual Features without Supervision", 2023; with registers: Darcet et
al., "Vision Transformers Need Registers", 2024. CLIP: Radford et al.,
"Learning Transferable Visual Models From Natural Language Supervision", 2021. SigLIP 2: Tschannen et al., "SigLIP 2:
Multilingual Vision-Language Encoders with Improved Semantic Understanding, Localization, and Dense Features", 2025
(its checkpoints of one resolution; they are of the library's class Siglip). ViT: Dosovitskiy et al., "An Image is Worth
16x16 Words", 2020. ConvNeXt: Liu et al., "A ConvNet for the 2020s", 2022.
"""

from typing import TYPE_CHECKING, Any

from .family import ConfigValues, Family, Shape, first_token, square_side

if TYPE_CHECKING:
    from torch import Tensor


def _vit_shape(config: ConfigValues) -> Shape:
    return Shape(config.get("hidden_size", 768), square_side(config))


def _dinov2_shape(config: ConfigValues) -> Shape:
    """Positions are interpolated to the image, and `image_size` is that of training: the preprocessing decides."""
    return Shape(config.get("hidden_size", 768), 0)


def _clip_shape(config: ConfigValues) -> Shape:
    return Shape(config.get("projection_dim", 512), square_side(config.get("vision_config") or {}))


def _siglip_shape(config: ConfigValues) -> Shape:
    vision = config.get("vision_config") or {}
    return Shape(vision.get("hidden_size", 768), square_side(vision))


def _convnext_shape(config: ConfigValues) -> Shape:
    return Shape((config.get("hidden_sizes") or [96, 192, 384, 768])[-1], 0)


def _pooled(network: Any, pixels: "Tensor") -> "Tensor":
    found: Tensor = network(pixel_values=pixels).pooler_output
    return found.float()


def _joint(network: Any, pixels: "Tensor") -> "Tensor":
    """In the space that images share with words."""
    found: Tensor = network.get_image_features(pixel_values=pixels).pooler_output
    return found.float()


IMAGE_FAMILIES: dict[str, Family] = {
    "dinov2": Family(
        ("dinov2",),
        network="Dinov2Model",
        shape=_dinov2_shape,
        pooling="class token",
        feature=_pooled,
        ignored=("classifier.",),
    ),
    "dinov2-registers": Family(
        ("dinov2_with_registers",),
        network="Dinov2WithRegistersModel",
        shape=_dinov2_shape,
        pooling="class token",
        feature=_pooled,
        ignored=("classifier.",),
    ),
    "clip": Family(
        ("clip",),
        network="CLIPModel",
        shape=_clip_shape,
        pooling="projected class token",
        feature=_joint,
        words=True,
    ),
    "siglip": Family(
        ("siglip",),
        network="SiglipModel",
        shape=_siglip_shape,
        pooling="attention",
        feature=_joint,
        words=True,
    ),
    "vit": Family(
        ("vit",),
        network="ViTModel",
        shape=_vit_shape,
        pooling="class token",
        feature=first_token,
        ignored=("classifier.", "pooler.", "vit.pooler."),
        options={"add_pooling_layer": False},
    ),
    "convnext": Family(
        ("convnext",),
        network="ConvNextModel",
        shape=_convnext_shape,
        pooling="mean over the map",
        feature=_pooled,
        ignored=("classifier.",),
        attention=None,
    ),
}
"""By the teacher's name."""
