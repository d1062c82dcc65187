"""What the teacher costs: VideoMAE-base as equigait runs it, against the library's own eager float32."""

import json
from pathlib import Path

import numpy as np
import torch
from equigait.pipeline.runtime.prefetch import one_core_each
from equigait.pipeline.teachers.settings import TeacherSettings
from equigait.pipeline.teachers.table import load_teacher
from jaxtyping import UInt8
from numpy import ndarray as Array

from .measure import Bench, Side, UnavailableError

FOLDER = Path("runs/bench/teachers")
LOWEST_COSINE = 0.9999


def random_videomae(*, layers: int = 12) -> Path:
    """A checkpoint of VideoMAE-base's shape and random weights: as costly as the published one."""
    from transformers import VideoMAEConfig, VideoMAEModel

    folder = FOLDER / f"videomae-base-{layers}-layers"
    if not (folder / "preprocessor_config.json").exists():
        torch.manual_seed(0)
        VideoMAEModel(VideoMAEConfig(num_hidden_layers=layers, use_mean_pooling=False)).save_pretrained(folder)
        values = {"size": {"shortest_edge": 224}, "crop_size": {"height": 224, "width": 224}, "resample": 2}
        colours = {"image_mean": [0.485, 0.456, 0.406], "image_std": [0.229, 0.224, 0.225]}
        (folder / "preprocessor_config.json").write_text(json.dumps(values | colours))
    return folder


def some_clips(count: int) -> UInt8[Array, "clips 16 3 224 224"]:
    """Clips of noise over slow gradients, each of another brightness and contrast."""
    rng = np.random.default_rng(0)
    ramp = np.linspace(0, 1, 224)[:, None] * np.linspace(0, 1, 224)
    level, contrast = rng.uniform(20, 150, (count, 16, 3, 1, 1)), rng.uniform(5, 90, (count, 1, 1, 1, 1))
    noise = rng.normal(0, 8, (count, 16, 3, 224, 224))
    return np.clip(level + contrast * ramp + noise, 0, 255).astype(np.uint8)


def against_eager() -> tuple[Side, Side]:
    """Ours as `auto` chooses, and the library's network as it comes; both on one core."""
    settings = TeacherSettings(name="videomae", weights=str(random_videomae()), device="cpu", threads=1)
    teacher, clips = load_teacher(settings), some_clips(4)
    if "bfloat16" not in str(teacher):
        raise UnavailableError("this processor does not multiply bfloat16 in tiles (it needs AMX)")
    eager = eager_float32(clips[:1])  # loads it
    lowest = min(_cosine(teacher.embed(clip[None])[0], eager_float32(clip[None])[0]) for clip in clips)
    assert lowest >= LOWEST_COSINE, lowest
    assert eager.shape == (1, 768)

    def ours() -> float:
        with one_core_each():
            for clip in clips:
                teacher.embed(clip[None])
        return len(clips)

    def theirs() -> float:
        with one_core_each():
            eager_float32(clips[:1])
        return 1.0

    name = f"{teacher} (lowest cosine to float32 {lowest:.6f})"
    return Side(name, ours, "load_teacher(...).embed"), Side("eager float32", theirs, "VideoMAEModel(pixel_values)")


_LOADED: dict[str, torch.nn.Module] = {}


def eager_float32(clips: UInt8[Array, "clips 16 3 224 224"]) -> np.ndarray:
    """Features by the library's network alone: attention written out, float32."""
    from transformers import VideoMAEModel

    if not _LOADED:
        network = VideoMAEModel.from_pretrained(random_videomae(), attn_implementation="eager")
        _LOADED["eager"] = network.eval()
    mean, std = (np.array(c, np.float32)[:, None, None] for c in ([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]))
    with torch.inference_mode():
        pixels = torch.from_numpy((clips.astype(np.float32) / 255 - mean) / std)
        return np.asarray(_LOADED["eager"](pixel_values=pixels).last_hidden_state.mean(1))


def _cosine(first: np.ndarray, second: np.ndarray) -> float:
    return float(first @ second / np.linalg.norm(first) / np.linalg.norm(second))


BENCHES = {
    "teacher-vs-eager": Bench(
        figure="CPU of one clip through VideoMAE-base against Hugging Face eager float32",
        unit="clip",
        at_most=1 / 6,
        sides=against_eager,
        note="Random weights of VideoMAE-base's shape, one core each, normalisation included. The cosine of every clip "
        "to float32 is held to 0.9999 before anything is measured.",
    ),
}
