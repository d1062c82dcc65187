"""Tiny checkpoints of every family of teachers, of random weights, saved by the library with a processor's file."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch
import transformers
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace
from tokenizers.processors import TemplateProcessing
from transformers import PretrainedConfig, PreTrainedTokenizerFast

SIDE = 32
TINY = {"hidden_size": 24, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 48}
TEXT = TINY | {"vocab_size": 64, "max_position_embeddings": 16, "projection_dim": 20, "hidden_size": 24}
PATCHES = {"image_size": SIDE, "patch_size": 8}

CONFIGS: Mapping[str, Callable[[], PretrainedConfig]] = {
    "timesformer": lambda: transformers.TimesformerConfig(num_frames=4, **PATCHES, **TINY),
    "vivit": lambda: transformers.VivitConfig(num_frames=4, tubelet_size=[2, 8, 8], image_size=SIDE, **TINY),
    "vjepa2": lambda: transformers.VJEPA2Config(
        crop_size=SIDE, patch_size=8, frames_per_clip=4, pred_hidden_size=12, pred_num_hidden_layers=1,
        pred_num_attention_heads=2, **TINY,
    ),
    "xclip": lambda: transformers.XCLIPConfig(
        projection_dim=20, prompt_layers=1, prompt_num_attention_heads=2,
        text_config=TEXT,
        vision_config=TINY | PATCHES | {
            "num_frames": 4, "mit_hidden_size": 20, "mit_intermediate_size": 40, "mit_num_hidden_layers": 1,
            "mit_num_attention_heads": 2,
        },
    ),
    "dinov2": lambda: transformers.Dinov2Config(**PATCHES, **TINY),
    "dinov2-registers": lambda: transformers.Dinov2WithRegistersConfig(num_register_tokens=2, **PATCHES, **TINY),
    "clip": lambda: transformers.CLIPConfig(projection_dim=20, text_config=TEXT, vision_config=TINY | PATCHES),
    "siglip": lambda: transformers.SiglipConfig(text_config=TEXT, vision_config=TINY | PATCHES),
    "vit": lambda: transformers.ViTConfig(**PATCHES, **TINY),
    "convnext": lambda: transformers.ConvNextConfig(image_size=SIDE, hidden_sizes=[8, 12, 16, 24], depths=[1, 1, 1, 1]),
}  # fmt: skip
CLASSES = {
    "timesformer": "TimesformerForVideoClassification",
    "vivit": "VivitForVideoClassification",
    "vjepa2": "VJEPA2Model",
    "xclip": "XCLIPModel",
    "dinov2": "Dinov2ForImageClassification",
    "dinov2-registers": "Dinov2WithRegistersForImageClassification",
    "clip": "CLIPModel",
    "siglip": "SiglipModel",
    "vit": "ViTForImageClassification",
    "convnext": "ConvNextForImageClassification",
}
"""As whole checkpoints are published: with their classifier, or with both towers."""
_VIDEO = {"size": {"shortest_edge": 40}, "crop_size": {"height": SIDE, "width": SIDE}}
_SQUARE = {"size": {"height": SIDE, "width": SIDE}}
PROCESSORS: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "timesformer": ("VideoMAEImageProcessorPil", _VIDEO | {"image_mean": [0.45] * 3, "image_std": [0.225] * 3}),
    "vivit": ("VivitImageProcessor", _VIDEO),
    "vjepa2": ("VideoMAEImageProcessorPil", _VIDEO),
    "xclip": ("VideoMAEImageProcessorPil", _VIDEO),
    "dinov2": ("BitImageProcessorPil", _VIDEO),
    "dinov2-registers": ("BitImageProcessorPil", _VIDEO),
    "clip": ("CLIPImageProcessorPil", _VIDEO),
    "siglip": ("SiglipImageProcessorPil", _SQUARE),
    "vit": ("ViTImageProcessorPil", _SQUARE),
    "convnext": ("ConvNextImageProcessorPil", {"size": {"shortest_edge": SIDE}, "crop_pct": 0.875}),
}


def write_teacher(name: str, folder: Path, *, bare: bool = False) -> Path:
    """A checkpoint for the teacher of this name; `bare` without the classifier, as pre-training saves it."""
    class_name = CLASSES[name].replace("ForVideoClassification", "Model").replace("ForImageClassification", "Model")
    with torch.random.fork_rng():
        torch.manual_seed(0)
        network = getattr(transformers, class_name if bare else CLASSES[name])(CONFIGS[name]())
        for parameter in network.parameters():
            torch.nn.init.normal_(parameter, std=0.15)
    network.save_pretrained(folder)
    processor(name).save_pretrained(folder)
    return folder


def write_tokenizer(folder: Path) -> Path:
    """A tokenizer of whole words, beside a checkpoint with a text tower; its last token ends each text."""
    words = ["[PAD]", "[UNK]", "a", "horse", "walking", "trotting", "cantering", "[END]"]
    fast = Tokenizer(WordLevel({word: number for number, word in enumerate(words)}, unk_token="[UNK]"))
    fast.pre_tokenizer = Whitespace()
    fast.post_processor = TemplateProcessing(single="$A [END]", special_tokens=[("[END]", words.index("[END]"))])
    PreTrainedTokenizerFast(tokenizer_object=fast, pad_token="[PAD]", unk_token="[UNK]").save_pretrained(folder)
    return folder


def processor(name: str) -> Any:
    """The library's own processor of that teacher's frames."""
    kind, values = PROCESSORS[name]
    return getattr(transformers, kind)(**values)
