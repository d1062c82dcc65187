"""`python -m equigait.pipeline.augmentation.pictures`: draws each kind anew, as training would apply it.

The window is a simulated horse's, at the canter on the left lead; pictures go beside this file, or into the folder that
is given. `README.md` shows them.
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float32
from torch import Tensor

from ...data.simulate import YardSpec, ideal_motion, make_ride
from ...data.sites import TRUNK_5, channel_names
from ..runtime.seeds import generator_for
from .augment import augment
from .settings import AugmentSettings

RATE_HZ, STEPS = 50.0, 250
OFF = {"noise_m_s2": 0.0, "noise_rad_s": 0.0, "scale": 0.0, "rotation_degrees": 0.0, "shift_steps": 0}
WIDTH, HEIGHT, LEFT, GAP = 760.0, 190.0, 8.0, 26.0
STYLE = """<style>
text { font: 13px system-ui, sans-serif; fill: #6b6f73; }
path { fill: none; stroke-width: 1.8; stroke-linejoin: round; }
.before { stroke: #a6783a; stroke-dasharray: 4 3; } .t-before { fill: #a6783a; }
.after { stroke: #14726a; } .t-after { fill: #14726a; }
.nought { stroke: #9aa0a5; stroke-width: .7; }
</style>"""


@dataclass(frozen=True)
class Kind:
    """What a picture shows."""

    settings: dict[str, float]
    """What is set, over nothing at all; `jitter_steps` is a move, drawn here to its full length."""
    channels: tuple[str, str]
    """The two channels that are drawn."""


KINDS = {
    "mirror": Kind({"mirror": 1.0}, ("tuber_coxae_left.ay", "tuber_coxae_left.gx")),
    "time-warp": Kind({"time_warp": 0.2}, ("withers.az", "withers.gy")),
    "magnitude-warp": Kind({"magnitude_warp": 0.3}, ("withers.az", "withers.gy")),
    "gain": Kind({"scale": 0.3}, ("withers.az", "withers.gy")),
    "rotation": Kind({"rotation_degrees": 30.0}, ("withers.az", "withers.ax")),
    "noise": Kind({"noise_m_s2": 0.6, "noise_rad_s": 0.1}, ("withers.az", "withers.gy")),
    "shift": Kind({"shift_steps": 25}, ("withers.az", "withers.gy")),
    "jitter": Kind({"jitter_steps": 25}, ("withers.az", "withers.gy")),
    "silent-site": Kind({"site_dropout": 0.99}, ("withers.az", "withers.gy")),
}
"""Every kind, set more strongly than one would train with, so that it can be seen."""


def draw_pictures(folder: Path) -> list[Path]:
    """Writes a picture of each kind."""
    folder.mkdir(parents=True, exist_ok=True)
    stream = _canter(2 * STEPS)
    pictures = []
    for name, kind in KINDS.items():
        picture = folder / f"{name}.svg"
        picture.write_text(_picture(name, kind, stream=stream))
        pictures.append(picture)
    return pictures


def _canter(steps: int) -> Float32[Tensor, "channels steps"]:
    """Five sensors of a horse that canters."""
    ride = make_ride(YardSpec(gaits=("canter",), seconds=20.0), horse=0)
    motion = ideal_motion(ride, sites=TRUNK_5, time_seconds=4 + np.arange(steps) / RATE_HZ)
    parts = [part for site in TRUNK_5 for part in (motion[site].specific_force, motion[site].angular_rate)]
    return torch.tensor(np.concatenate(parts, axis=1).T, dtype=torch.float32)


def _picture(name: str, kind: Kind, *, stream: Float32[Tensor, "channels steps"]) -> str:
    before = stream[:, :STEPS]
    settings = {setting: value for setting, value in kind.settings.items() if setting != "jitter_steps"}
    moved = int(kind.settings.get("jitter_steps", 0))
    after = augment(
        stream[None, :, moved : moved + STEPS],
        settings=AugmentSettings.model_validate(OFF | settings),
        silence=before.mean(1),
        generator=generator_for(f"picture of {name}", 0),
        sites=TRUNK_5,
    )[0]
    wide = (WIDTH - 2 * LEFT - GAP) / 2
    parts = [STYLE]
    for number, channel in enumerate(kind.channels):
        row = channel_names(TRUNK_5).index(channel)
        parts += _panel(before[row], after[row], left=LEFT + number * (wide + GAP), width=wide, channel=channel)
    told = ", ".join(f"{setting} = {value:g}" for setting, value in kind.settings.items())
    parts.append(text(WIDTH - LEFT, HEIGHT - 6, told, kind="t-after", anchor="end"))
    parts.append(text(LEFT, HEIGHT - 6, "as recorded, 5 s", kind="t-before"))
    drawing = svg(parts, width=WIDTH, height=HEIGHT, label=f"A window before and after: {told}")
    return drawing.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1) + "\n"


def _panel(
    before: Float32[Tensor, "steps"], after: Float32[Tensor, "steps"], *, left: float, width: float, channel: str
) -> list[str]:
    """One channel, both ways on one scale, with its zero where that lies inside."""
    top, bottom = 26.0, HEIGHT - 26.0
    low, high = (float(each) for each in torch.cat([before, after]).aminmax())

    def height(value: float) -> float:
        return bottom - (value - low) / (high - low) * (bottom - top)

    def curve(values: Float32[Tensor, "steps"], kind: str) -> str:
        points = [(left + width * step / (STEPS - 1), height(value)) for step, value in enumerate(values.tolist())]
        return path(points, kind=kind)

    unit = "rad/s" if ".g" in channel else "m/s²"
    parts = [text(left, 14, f"{channel}, {low:.1f} to {high:.1f} {unit}")]
    if low < 0 < high:
        parts.append(line(left, height(0), left + width, height(0), kind="nought"))
    return [*parts, curve(before, "before"), curve(after, "after")]


def svg(parts: Sequence[str], *, width: float, height: float, label: str) -> str:
    """A drawing of this size; `label` is what a screen reader says of it."""
    head = f'<svg viewBox="0 0 {width:g} {height:g}" width="{width:g}" role="img" aria-label="{label}">'
    return "\n".join([head, *parts, "</svg>"])


def line(x1: float, y1: float, x2: float, y2: float, *, kind: str) -> str:
    """A straight line of a class of the style."""
    return f'<line class="{kind}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>'


def text(x: float, y: float, content: str, *, kind: str = "", anchor: str = "start") -> str:
    """A line of text; `anchor` is start, middle or end."""
    return f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{content}</text>'


def path(points: Sequence[tuple[float, float]], *, kind: str) -> str:
    """A line through points."""
    steps = " ".join(f"{'M' if index == 0 else 'L'}{x:.1f} {y:.1f}" for index, (x, y) in enumerate(points))
    return f'<path class="{kind}" d="{steps}"/>'


if __name__ == "__main__":
    for drawn in draw_pictures(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent):
        print(drawn)
