"""Pre-trains `videomae-demo`, the small VideoMAE that comes with the package, on simulated film without any label.

The first of two stages; the second, `teach_motion`, begins with what this one leaves in `runs/videomae-demo/teacher`.

    python -m tests.artifacts.train_demo runs/videomae-demo

Masked autoencoding after VideoMAE (Tong et al., 2022, arXiv 2203.12602): tubes of film are hidden, the encoder sees the
rest, a light decoder tells every tube. Two things are chosen for a network of 2 M parameters and minutes on one core:

- A tube is 16 frames long and 8 x 8 pixels wide, so that one token sees movement, and 64 tokens make a clip.
- The target is no picture but its movement, in the manner of feature targets (MaskFeat, Wei et al., 2022, arXiv
  2112.09133): the logarithm of the temporal amplitude spectrum of each 4 x 4 cell. Pixels are mostly coat and fence.

Killed, it goes on from its last save when called again.
"""

import argparse
import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from equigait.data.simulate import YardSpec, make_ride, make_scene, render_frames
from equigait.data.video.pixels import Picture
from equigait.pipeline.teachers.preprocess import Preprocessing
from equigait.pipeline.teachers.resize_center_crop import resize_center_crop
from jaxtyping import Float, Int64, UInt8
from numpy import ndarray as Array
from torch import Tensor, nn
from tqdm import tqdm

from .optimise import Schedule, optimise

FRAMES = 16
RATE_HZ = 7.5
"""Frames a second of a clip, VideoMAE's own spacing on 30 fps film."""
SIZE = 64
PATCH = 8
CELL = 4
"""Pixels of the cells whose brightness gives the target."""
TOKENS = (SIZE // PATCH) ** 2
BINS = FRAMES // 2
TARGETS = BINS * (PATCH // CELL) ** 2
AMPLITUDE_FLOOR = 0.01
"""Brightness of 0 to 1: quieter movement is as good as none."""
COLOURS = {"mean": (0.485, 0.456, 0.406), "std": (0.229, 0.224, 0.225)}
"""The statistics that published VideoMAE checkpoints state."""
PREPROCESSING = Preprocessing(short_side=SIZE, crop=SIZE, mean=COLOURS["mean"], std=COLOURS["std"])


@dataclass(frozen=True)
class Training(Schedule):
    """How the teacher is trained. The seed of its yard shares no horse with the demo's."""

    yard_seed: int = 20_260
    horses: int = 120
    seconds: float = 60.0
    batch: int = 64
    mask: float = 0.75
    gain: float = 0.3
    """Colours and light are scaled by up to this share, clip by clip."""
    noise: float = 0.02
    """Standard deviation of pixel noise is drawn up to this: what film compression leaves behind."""
    seed: int = 0


def render_yard(training: Training, *, folder: Path) -> UInt8[Array, "horses frames 3 size size"]:
    """Film of every horse as the teacher would see it, 7.5 fps; kept in the folder and not rendered twice."""
    path = folder / "frames.npy"
    if path.exists():
        return np.asarray(np.load(path))
    spec = YardSpec(seed=training.yard_seed, horses=training.horses, seconds=training.seconds, frame_width=192)
    times = np.arange(int(training.seconds * RATE_HZ)) / RATE_HZ
    film = np.empty((training.horses, len(times), 3, SIZE, SIZE), np.uint8)
    for horse in tqdm(range(training.horses), desc="rendering", unit="horse"):
        ride = make_ride(spec, horse=horse)
        frames = render_frames(ride, time_seconds=times, scene=make_scene(ride))
        film[horse] = [resize_center_crop(Picture.of_rgb(frame), preprocessing=PREPROCESSING) for frame in frames]
    np.save(path, film)
    return film


def build_network(training: Training) -> Any:
    """A small VideoMAE with a decoder, its tube filters set to waves in time (`waves`)."""
    from transformers import VideoMAEConfig, VideoMAEForPreTraining

    torch.manual_seed(training.seed)
    network = VideoMAEForPreTraining(
        VideoMAEConfig(
            image_size=SIZE,
            patch_size=PATCH,
            tubelet_size=FRAMES,
            num_frames=FRAMES,
            hidden_size=192,
            num_hidden_layers=4,
            num_attention_heads=3,
            intermediate_size=768,
            use_mean_pooling=False,
            decoder_hidden_size=96,
            decoder_num_hidden_layers=1,
            decoder_num_attention_heads=3,
            decoder_intermediate_size=384,
        )
    )
    network.decoder.head = nn.Linear(96, TARGETS)
    with torch.no_grad():
        network.videomae.embeddings.patch_embeddings.projection.weight.copy_(waves(192))
    return network


def waves(filters: int) -> Float[Tensor, "filters 3 16 8 8"]:
    """Filters of unit length: a cosine in time with a drawn phase, times drawn values on 4 x 4 cells, in grey.

    From white noise the filters would first have to find out, for hours, that brightness changes in time matter.
    """
    time = torch.arange(FRAMES) / FRAMES * 2 * math.pi
    frequency = torch.arange(filters) % BINS
    in_time = torch.cos(frequency[:, None] * time + torch.rand(filters)[:, None] * 2 * math.pi)
    in_space = F.interpolate(torch.randn(filters, 1, PATCH // CELL, PATCH // CELL), scale_factor=CELL)
    filtered = in_time[:, None, :, None, None] * in_space[:, :, None] * torch.ones(1, 3, 1, 1, 1)
    lengths: Tensor = filtered.flatten(1).norm(dim=1)
    return filtered / lengths[:, None, None, None, None]


def draw_clips(
    film: UInt8[Array, "horses frames 3 size size"], *, training: Training, step: int
) -> tuple[Float[Tensor, "batch 16 3 64 64"], Int64[Tensor, "batch tokens"]]:
    """Clips of a step in 0 to 1, mirrored, lit and grained at random, and the order in which tubes are shown."""
    rng = np.random.default_rng((training.seed, step))
    horses = rng.integers(len(film), size=training.batch)
    starts = rng.integers(film.shape[1] - FRAMES, size=training.batch)
    clips = np.stack([film[horse, start : start + FRAMES] for horse, start in zip(horses, starts, strict=True)])
    mirrored = rng.random(training.batch) < 0.5
    clips[mirrored] = clips[mirrored, ..., ::-1]
    low, high = 1 - training.gain, 1 + training.gain
    light = rng.uniform(low, high, (training.batch, 1, 3, 1, 1)) * rng.uniform(low, high, (training.batch, 1, 1, 1, 1))
    grain = rng.uniform(0, training.noise, (training.batch, 1, 1, 1, 1)).astype(np.float32)
    pattern = rng.standard_normal(clips.shape[1:], dtype=np.float32)  # one a step: drawing 12 M numbers takes longest
    order = rng.random((training.batch, TOKENS)).argsort(axis=1)
    lit = torch.from_numpy(clips) * torch.from_numpy(light.astype(np.float32) / 255)
    lit += torch.from_numpy(grain) * torch.from_numpy(pattern)
    return lit.clamp_(0, 1), torch.from_numpy(order)


def temporal_spectra(clips: Float[Tensor, "batch 16 3 64 64"]) -> Float[Tensor, "batch tokens targets"]:
    """log(|rFFT over time| + floor) of each cell's brightness about its own mean, Hann window, without bin 0."""
    grey = F.avg_pool2d(clips.mean(2), CELL)
    moving = (grey - grey.mean(1, keepdim=True)) * torch.hann_window(FRAMES)[:, None, None]
    spectra = torch.log(torch.fft.rfft(moving, dim=1).abs()[:, 1:] + AMPLITUDE_FLOOR)
    side, cells = SIZE // PATCH, PATCH // CELL
    return spectra.view(-1, BINS, side, cells, side, cells).permute(0, 2, 4, 1, 3, 5).reshape(-1, TOKENS, TARGETS)


def encode_tubes(
    videomae: Any, clips: Float[Tensor, "batch 16 3 64 64"], *, seen: Int64[Tensor, "batch seen"]
) -> Float[Tensor, "batch seen 192"]:
    """The encoder's last tokens of the tubes that it is shown, in the given order; clips lie in 0 to 1."""
    projection = videomae.embeddings.patch_embeddings.projection
    mean, std = (torch.tensor(COLOURS[name])[:, None, None, None] for name in ("mean", "std"))
    side = SIZE // PATCH
    tubes = clips.view(-1, FRAMES, 3, side, PATCH, side, PATCH).permute(0, 3, 5, 2, 1, 4, 6)
    visible = tubes[torch.arange(len(clips))[:, None], seen // side, seen % side]
    state = F.linear(((visible - mean) / std).flatten(2), projection.weight.flatten(1), projection.bias)
    state = state + videomae.embeddings.position_embeddings[0][seen]
    for layer in videomae.encoder.layer:
        state = layer(state)
    last: Tensor = videomae.layernorm(state)
    return last


def tell_tubes(
    network: Any, clips: Float[Tensor, "batch 16 3 64 64"], *, order: Int64[Tensor, "batch tokens"], shown: int
) -> Float[Tensor, "batch tokens targets"]:
    """What the decoder tells of every tube, in the given order, when the encoder is shown only the first ones."""
    seen, hidden = order[:, :shown], order[:, shown:]
    state = network.encoder_to_decoder(encode_tubes(network.videomae, clips, seen=seen))
    places = network.position_embeddings[0]
    both = torch.cat([state + places[seen], network.mask_token + places[hidden]], dim=1)
    told: Tensor = network.decoder(both, TOKENS).logits
    return told


def train(folder: Path, *, training: Training) -> Any:
    """The pre-trained network; state and log lie in the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    film = render_yard(training, folder=folder)
    network = build_network(training)
    first = temporal_spectra(draw_clips(film, training=training, step=training.steps)[0])
    mean, std = first.mean((0, 1)), first.std((0, 1))
    shown = round((1 - training.mask) * TOKENS)

    def loss_of(step: int) -> tuple[Tensor, dict[str, Tensor]]:
        clips, order = draw_clips(film, training=training, step=step)
        target = ((temporal_spectra(clips) - mean) / std).gather(1, order[..., None].expand(-1, -1, TARGETS))
        error = (tell_tubes(network, clips, order=order, shown=shown) - target).square().mean(2)
        parts = {"shown": error[:, :shown].mean(), "hidden": error[:, shown:].mean()}
        return parts["shown"] + parts["hidden"], parts

    optimise(network, loss_of, schedule=training, folder=folder)
    return network


def save_teacher(encoder: Any, folder: Path) -> None:
    """A VideoMAE checkpoint of 16-bit floats, with its preprocessing beside it."""
    encoder.half().save_pretrained(folder)
    colours = {f"image_{name}": list(values) for name, values in COLOURS.items()}
    sizes = {"size": {"shortest_edge": SIZE}, "crop_size": {"height": SIZE, "width": SIZE}}
    processor = {"image_processor_type": "VideoMAEImageProcessor", "resample": 2, **sizes, **colours}
    (folder / "preprocessor_config.json").write_text(json.dumps(processor, indent=2) + "\n")


def main() -> None:
    """Render, train, save: the checkpoint lies in FOLDER/teacher."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--steps", type=int, default=Training.steps)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    network = train(arguments.folder, training=Training(steps=arguments.steps))
    save_teacher(network.videomae, arguments.folder / "teacher")


if __name__ == "__main__":
    main()
