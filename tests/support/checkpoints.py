"""Tiny VideoMAE checkpoints for tests, saved as the library saves them, in the key layouts of its major versions."""

import json
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from transformers import VideoMAEConfig, VideoMAEForPreTraining, VideoMAEForVideoClassification

MEAN, STD = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]


def tiny_config(*, use_mean_pooling: bool = False, num_frames: int = 16) -> VideoMAEConfig:
    """A network of a few thousand parameters that sees 32 x 32 pixels."""
    return VideoMAEConfig(
        image_size=32,
        num_frames=num_frames,
        hidden_size=24,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=48,
        decoder_hidden_size=12,
        decoder_num_hidden_layers=1,
        decoder_num_attention_heads=2,
        decoder_intermediate_size=24,
        use_mean_pooling=use_mean_pooling,
    )


def write_checkpoint(folder: Path, *, fine_tuned: bool = False, layout: str = "v4", num_frames: int = 16) -> Path:
    """A checkpoint of random weights, biases included: pre-trained (with decoder), or fine-tuned (with classifier)."""
    config = tiny_config(use_mean_pooling=fine_tuned, num_frames=num_frames)
    kind = VideoMAEForVideoClassification if fine_tuned else VideoMAEForPreTraining
    with torch.random.fork_rng():
        torch.manual_seed(0)
        network = kind(config)
        for parameter in network.parameters():
            torch.nn.init.normal_(parameter, std=0.2)
    network.save_pretrained(folder)
    rename_biases(folder / "model.safetensors", layout=layout)
    write_preprocessor(folder)
    return folder


def write_preprocessor(folder: Path, **changes: object) -> None:
    """A preprocessor_config.json as published VideoMAE checkpoints have it, for 32 pixels."""
    values = {
        "do_resize": True,
        "do_center_crop": True,
        "do_rescale": True,
        "do_normalize": True,
        "size": {"shortest_edge": 32},
        "crop_size": {"height": 32, "width": 32},
        "resample": 2,
        "rescale_factor": 1 / 255,
        "image_mean": MEAN,
        "image_std": STD,
    }
    (folder / "preprocessor_config.json").write_text(json.dumps(values | changes))


def rename_biases(weights: Path, *, layout: str) -> None:
    """Rewrites the weights so that query and value biases have the names of major version 4 or 5 of transformers."""
    names = {".q_bias": ".query.bias", ".v_bias": ".value.bias"}
    if layout == "v4":
        names = {new: old for old, new in names.items()}
    tensors = load_file(weights)
    for old, new in names.items():
        tensors = {key.replace(f".attention{old}", f".attention{new}"): value for key, value in tensors.items()}
    save_file(tensors, weights, metadata={"format": "pt"})
