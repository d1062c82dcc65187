"""`python -m tests.artifacts.pictures [FOLDER]`: draws the pictures of the augmentation's README again.

The window is that of a simulated horse, at the canter on the left lead. Pictures go to the README's folder by default.
"""

import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from equigait.data.simulate import YardSpec, ideal_motion, make_ride
from equigait.data.sites import TRUNK_5, channel_names
from equigait.pipeline import augmentation
from equigait.pipeline.augmentation.augment import augment
from equigait.pipeline.augmentation.settings import AugmentSettings
from equigait.pipeline.runtime.seeds import generator_for
from jaxtyping import Float32
from torch import Tensor

RATE_HZ, STEPS = 50.0, 250
OFF = {"noise_m_s2": 0.0, "noise_rad_s": 0.0, "scale": 0.0, "rotation_degrees": 0.0, "shift_steps": 0}
WIDTH, HEIGHT, LEFT, GAP = 760.0, 190.0, 8.0, 26.0
STYLE = """<style>
text { font: 13px system-ui, sans-serif; fill: #6b6f73; }
path { fill: none; stroke-width: 1.8; stroke-linejoin: round; }
.before { stroke: #a6783a; stroke-dasharray: 4 3; } .t-before { fill: #a6783a; }
.after { stroke: #14726a; } .t-after { fill: #14726a; }
.zero { stroke: #9aa0a5; stroke-width: .7; }
</style>"""


@dataclass(frozen=True)
class Kind:
    """What a picture shows."""

    settings: dict[str, float]
    """The only transform that is on; `jitter_steps` is drawn at its full length."""
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
    "dropped-site": Kind({"site_dropout": 0.99}, ("withers.az", "withers.gy")),
}
"""Every transform, stronger than for training, so that it can be seen."""


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
    """Five sensors of a cantering horse."""
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
        fill_value=before.mean(1),
        generator=generator_for(f"picture of {name}", 0),
        sites=TRUNK_5,
    )[0]
    panel_width = (WIDTH - 2 * LEFT - GAP) / 2
    parts = [STYLE]
    for number, channel in enumerate(kind.channels):
        row = channel_names(TRUNK_5).index(channel)
        parts += _panel(before[row], after[row], left=LEFT + number * (panel_width + GAP), channel=channel)
    shown = ", ".join(f"{setting} = {value:g}" for setting, value in kind.settings.items())
    parts.append(_text(WIDTH - LEFT, HEIGHT - 6, shown, kind="t-after", anchor="end"))
    parts.append(_text(LEFT, HEIGHT - 6, "as recorded, 5 s", kind="t-before"))
    head = f'viewBox="0 0 {WIDTH:g} {HEIGHT:g}" width="{WIDTH:g}" role="img"'
    label = f"A window before and after: {shown}"
    body = "\n".join(parts)
    return f'<svg xmlns="http://www.w3.org/2000/svg" {head} aria-label="{label}">\n{body}\n</svg>\n'


def _panel(
    before: Float32[Tensor, "steps"], after: Float32[Tensor, "steps"], *, left: float, channel: str
) -> list[str]:
    """One channel, before and after on one scale, with its zero line where that is in range."""
    width = (WIDTH - 2 * LEFT - GAP) / 2
    top, bottom = 26.0, HEIGHT - 26.0
    low, high = (float(each) for each in torch.cat([before, after]).aminmax())

    def height(value: float) -> float:
        return bottom - (value - low) / (high - low) * (bottom - top)

    def curve(values: Float32[Tensor, "steps"], kind: str) -> str:
        points = [(left + width * step / (STEPS - 1), height(value)) for step, value in enumerate(values.tolist())]
        steps = " ".join(f"{'M' if number == 0 else 'L'}{x:.1f} {y:.1f}" for number, (x, y) in enumerate(points))
        return f'<path class="{kind}" d="{steps}"/>'

    unit = "rad/s" if ".g" in channel else "m/s²"
    parts = [_text(left, 14, f"{channel}, {low:.1f} to {high:.1f} {unit}")]
    if low < 0 < high:
        zero = f'y1="{height(0):.1f}" y2="{height(0):.1f}"'
        parts.append(f'<line class="zero" x1="{left:.1f}" x2="{left + width:.1f}" {zero}/>')
    return [*parts, curve(before, "before"), curve(after, "after")]


def _text(x: float, y: float, content: str, *, kind: str = "", anchor: str = "start") -> str:
    return f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{content}</text>'


if __name__ == "__main__":
    for drawn in draw_pictures(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(augmentation.__file__).parent):
        print(drawn)
