"""Horses and bouts of the middle and the field yard: ponies to warmbloods, and gaits that are gone in many ways."""

import math
from dataclasses import replace

import numpy as np

from .horse import Horse
from .level import Level
from .schedule import GaitBout, Style
from .spec import YardSpec

GAIT_OF: dict[str, str] = {
    "graze": "stand",
    "paw": "stand",
    "canter-left": "canter_left",
    "canter-right": "canter_right",
}
"""The gait below a behaviour that has none of its own; `head-shake` and `jump` draw theirs."""
RANGES: dict[str, tuple[tuple[float, float], tuple[float, float], tuple[float, float]]] = {
    "walk": ((0.82, 1.30), (0.60, 1.35), (0.75, 1.10)),
    "tolt": ((0.72, 1.20), (0.70, 1.50), (0.70, 1.15)),
    "pace": ((0.78, 1.15), (0.60, 1.25), (0.70, 1.15)),
    "trot": ((0.74, 1.15), (0.30, 1.15), (0.55, 1.15)),
    "canter_left": ((0.72, 1.10), (0.30, 1.10), (0.50, 1.10)),
    "back": ((0.75, 1.35), (0.60, 1.50), (0.60, 1.30)),
    "turn": ((0.75, 1.35), (0.60, 1.50), (0.60, 1.30)),
}
"""Factors on a gait's tempo, on its amplitudes and on its stride length: a jog has a walk's tempo and little rise, a
collected canter a trot's. Engineering estimates."""
NEIGHBOURS: dict[str, tuple[str, ...]] = {
    "stand": ("walk", "graze", "paw", "head-shake", "turn", "back"),
    "graze": ("walk", "stand", "head-shake"),
    "walk": ("stand", "trot", "tolt", "pace", "turn", "graze", "canter-left", "canter-right"),
    "tolt": ("walk", "pace", "trot", "canter-left"),
    "pace": ("tolt", "walk", "trot"),
    "trot": ("walk", "canter-left", "canter-right", "stand", "jump"),
    "canter-left": ("trot", "walk", "jump", "canter-right"),
    "canter-right": ("trot", "walk", "jump", "canter-left"),
    "back": ("stand", "walk", "turn"),
    "turn": ("walk", "stand", "back"),
    "jump": ("canter-left", "canter-right", "trot"),
    "head-shake": ("stand", "walk", "graze"),
    "paw": ("stand", "walk", "head-shake"),
}
"""What a horse is likely to do next."""
LIKELY = 4.0
"""How much likelier a neighbour is than any other behaviour."""
VARIETY_SECONDS = 12.0
GAITS_OF_TRAVEL = ("walk", "tolt", "pace", "trot", "canter-left", "canter-right")
SHORTER_SHARE = 0.7
"""Any other behaviour lasts at most this share of the longest bout."""
GAITED_SHARE = 0.65
"""Share of horses that tolt and pace."""
TRUE_LEAD_SHARE = 0.75
"""Share of canters whose lead is that of the rein; the rest is counter-canter."""
RADIUS_M = (5.0, 12.0)
"""Of circles at the trot; those at the walk are smaller, those at the canter larger."""
CARRIAGE_M = (-0.40, 0.12)
"""Range of the height at which the head is carried: stretched down to collected."""


def vary_horse(horse: Horse, rng: np.random.Generator, *, level: Level) -> Horse:
    """The horse with the size of another breed, and a way of going of its own."""
    low, high = level.height_m
    factor = np.exp(level.horse_sd * np.clip(rng.standard_normal(6), -2.0, 2.0))
    return replace(
        horse,
        height_m=float(np.exp(rng.uniform(math.log(low), math.log(high)))),
        tempo=horse.tempo * float(factor[0]) ** 0.5,
        pace=horse.pace * float(factor[1]),
        trunk_amplitude=horse.trunk_amplitude * float(factor[2]) ** 2,
        head_amplitude=horse.head_amplitude * float(factor[3]) ** 2,
        lift=horse.lift * float(factor[4]),
        impact=horse.impact * float(factor[5]) ** 2,
        asymmetry=horse.asymmetry * (1.0 + 12.0 * level.horse_sd),
        girth=horse.girth * (1.12 if rng.random() < 0.3 else 1.0),
    )


def draw_behaviours(
    rng: np.random.Generator, *, spec: YardSpec, level: Level, span: tuple[float, float]
) -> tuple[GaitBout, ...]:
    """Bouts that cover `span` (first and last second), with the changes between them left free."""
    behaviours = spec.behaviours or level.behaviours
    ridden = bool(rng.random() < level.ridden_share)
    gaited = bool(rng.random() < GAITED_SHARE)
    able: tuple[str, ...] = tuple(b for b in behaviours if gaited or b not in ("tolt", "pace")) or behaviours
    now = span[0]
    shown: dict[str, float] = dict.fromkeys(able, 0.0)
    name, bouts = str(rng.choice(able)), []
    while now < span[1]:
        low, high = (share * limit for share, limit in zip(level.bout_share, spec.bout_seconds, strict=True))
        longest = max(low, high if name in GAITS_OF_TRAVEL else SHORTER_SHARE * high)
        length = rng.uniform(low, longest) if len(able) > 1 else span[1] - now
        bouts.append(_bout(rng, name, level=level, ridden=ridden, start=now, length=length))
        shown[name] += length
        now += length + rng.uniform(*spec.transition_seconds)
        name = _next(rng, name, shown=shown)
    return tuple(bouts)


def as_it_goes(horse: Horse, style: Style) -> Horse:
    """The horse in a bout of this style, for its strides: tempo, amplitudes, stride length."""
    return replace(
        horse,
        tempo=horse.tempo * style.tempo,
        trunk_amplitude=horse.trunk_amplitude * style.amplitude,
        head_amplitude=horse.head_amplitude * style.amplitude**0.5,
        lift=horse.lift * style.amplitude**0.5,
        pace=horse.pace * style.stretch,
        duty=horse.duty + 0.06 * max(0.0, 1.0 - style.amplitude),
        asymmetry=horse.asymmetry + style.posting,
    )


def _next(rng: np.random.Generator, name: str, *, shown: dict[str, float]) -> str:
    others = [other for other in shown if other != name] or [name]
    weights = np.array(
        [np.exp(-shown[o] / VARIETY_SECONDS) * (LIKELY if o in NEIGHBOURS[name] else 1.0) for o in others]
    )
    return others[int(rng.choice(len(others), p=weights / weights.sum()))]


def _bout(rng: np.random.Generator, name: str, *, level: Level, ridden: bool, start: float, length: float) -> GaitBout:
    gait = GAIT_OF.get(name, name)
    if name == "jump":
        gait = f"canter_{('left', 'right')[int(rng.integers(2))]}"
    elif name == "head-shake":
        gait = ("stand", "walk")[int(rng.random() < 0.35)]
    ranges = RANGES.get("canter_left" if gait.startswith("canter") else gait, ((1.0, 1.0),) * 3)
    drawn = [math.exp(rng.uniform(math.log(low), math.log(high)) * level.variety) for low, high in ranges]
    rein = int(rng.choice((-1, 1)))
    if gait.startswith("canter"):
        rein = (1 if gait == "canter_left" else -1) * (1 if rng.random() < TRUE_LEAD_SHARE else -1)
    circles = gait in ("walk", "tolt", "trot", "canter_left", "canter_right") and rng.random() < level.circle_share
    radius = rng.uniform(*RADIUS_M) * {"walk": 0.6}.get(gait, 1.4 if gait.startswith("canter") else 1.0)
    style = Style(
        label=level.labels.get(name, name),
        behaviour=name,
        tempo=drawn[0],
        amplitude=drawn[1] * (0.9 if ridden else 1.0),
        stretch=drawn[2],
        curvature_per_m=rein / radius if circles else 0.0,
        carriage_m=level.variety * rng.uniform(*CARRIAGE_M),
        turn_rad_s=rein * math.radians(rng.uniform(20.0, 45.0)) if name == "turn" else 0.0,
        posting=0.12 * rein if ridden and gait == "trot" and rng.random() < 0.6 else 0.0,
        ridden=ridden,
    )
    return GaitBout(gait, start, start + length, style)
