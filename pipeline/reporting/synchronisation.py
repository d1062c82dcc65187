"""The page of a synchronisation: verdict, film and traces with a slider, score curve, windows, the next command."""

import os
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
from jaxtyping import Float64
from numpy import ndarray as Array

from ...data.files import refuse_link_away
from ...data.sync.alignment_features import RATE_HZ, AlignmentFeatures
from ...data.sync.result import SyncResult, Verdict
from ...data.sync.settings import SyncSpec
from ...data.video.chapters import files_of
from ..runtime.formatting import command
from .pages import write_page

DRAWN_HZ = 25.0
"""Samples a second that the page draws: twice what the gait band needs."""
CURVE_POINTS = 4000
"""Most points of the score curve; each is the highest of those that it stands for."""


def write_synchronisation(
    result: SyncResult, path: Path, *, film: Path, target: tuple[str, ...], spec: SyncSpec | None = None
) -> Path:
    """Write one self-contained HTML page that shows `result` and plays `film`, or the chapters it joins.

    Films are found by relative paths from the page. `target` are the words behind `equigait-cli sync` that name what
    was synchronised, for the commands to paste. Returns the path of the page.
    """
    refuse_link_away(path)
    spec, files = spec or SyncSpec(), files_of(film)
    more = f" and {len(files) - 1} more" if len(files) > 1 else ""
    played = [
        {"src": quote(os.path.relpath(file, path.parent)), "name": file.name, "start": start} for file, start in files
    ]
    drawn = page_data(result) | {"files": played, "commands": _commands(result, target=target)}
    best = max((rival.score for rival in result.rivals), default=0.0)
    return write_page(
        path,
        "synchronisation",
        title=f"Synchronisation of {files[0][0].name}{more}",
        badge=str(result.verdict),
        answer=_answer(result),
        reasons=result.reasons,
        written=result.manifest,
        data=drawn,
        lead="unknown" if result.gap is None else f"{result.gap:.3f}",
        wanted=spec.thresholds.gap,
        least=spec.thresholds.refuse_gap,
        rivals=[
            [r.name, f"{r.offset_s:+.3f} s", f"{r.score:.3f}", f"{(result.gap or 0.0) + best - r.score:.3f}"]
            for r in sorted(result.rivals, key=lambda rival: -rival.score)
        ],
        window_seconds=f"{spec.window_seconds:g}",
        drift="" if result.drift_ppm is None else f"{result.drift_ppm:+.1f} ppm",
        next_step=_next_step(result),
    )


def page_data(result: SyncResult) -> dict[str, Any]:
    """What the page draws, rounded: traces of both sides, the score curve with its rivals, the windows."""
    return {
        "offset": _number(result.offset_s),
        "drift": _number(result.drift_ppm),
        "reference": _number(result.reference_s),
        "accepted": result.verdict is Verdict.ACCEPT,
        "film": _trace(result.plot.film),
        "imu": _trace(result.plot.imu),
        "score": _curve(result),
        "windows": [
            {"at": _number(w.film_seconds), "residual": _number(w.residual_s), "inlier": w.inlier}
            for w in result.windows
        ],
    }


def _answer(result: SyncResult) -> str:
    """The clock in a sentence, or that there is none."""
    if result.offset_s is None:
        return "No clock between film and sensors was found."
    sure = "" if result.sigma_s is None or not np.isfinite(result.sigma_s) else f" ± {1000 * result.sigma_s:.1f} ms"
    clock = f"film time is sensor time {result.offset_s:+.4f} s{sure}, drift {result.drift_ppm or 0.0:+.1f} ppm"
    if result.clock is not None and result.clock.origin == "by-hand":
        agrees = "Motion confirms it" if result.verdict is Verdict.ACCEPT else "Motion does not confirm it"
        return f"Set by hand: {clock}. {agrees}."
    return {
        Verdict.ACCEPT: f"The clock is known: {clock}.",
        Verdict.REVIEW: f"Probably {clock}; a person should check it before it is used.",
        Verdict.REFUSE: f"No clock was found. The best guess, not to be used unseen: {clock}.",
    }[result.verdict]


def _next_step(result: SyncResult) -> str:
    if result.offset_s is None:
        return "With the seconds of one event that both saw, a clap or a jump, in place of these:"
    if result.verdict is Verdict.ACCEPT:
        return "Next; or, once you have shifted the sensors, the clock set by hand:"
    return "If film and sensors meet above, perhaps after a shift, this sets the clock by hand:"


def _commands(result: SyncResult, *, target: tuple[str, ...]) -> dict[str, str]:
    """What the page offers to paste; it adds `--offset` itself, as the slider stands."""
    return {
        "sync": command("sync", *target),
        "accepted": command("inspect", target[0]) if len(target) == 1 else command("sync", *target),
        "event": command("sync", *target, "--event", "film:12.5,imu:407.2"),
        "force": " --force" if len(target) == 1 and result.manifest.startswith("kept known") else "",
    }


def _trace(side: AlignmentFeatures | None) -> dict[str, Any] | None:
    """A side's channels averaged, at DRAWN_HZ; null where nothing was measured."""
    if side is None:
        return None
    every = round(RATE_HZ / DRAWN_HZ)
    seen = np.asarray(side.valid.any(axis=1))[::every]
    mean = (side.vertical.sum(axis=1) / np.maximum(side.valid.sum(axis=1), 1))[::every]
    values = [round(float(v), 2) if good else None for v, good in zip(mean, seen, strict=True)]
    return {"start": side.start_seconds, "rate": RATE_HZ / every, "values": values}


def _curve(result: SyncResult) -> list[tuple[float, float, str]]:
    """Offset, score and rival's name of the searched lags, thinned to the highest of each run, the rivals' own kept."""
    offset, score = result.plot.offset_s, result.plot.score
    searched = np.flatnonzero(np.isfinite(score))
    if not len(searched):
        return []
    runs = np.array_split(searched, max(1, min(CURVE_POINTS, len(searched))))
    names = dict.fromkeys((int(run[np.argmax(score[run])]) for run in runs if len(run)), "")
    for rival in result.rivals:
        if rival.name != "upside down":  # whose score is that of another curve
            names[_nearest(offset, rival.offset_s, among=searched)] = rival.name
    return [(round(float(offset[at]), 3), round(float(score[at]), 4), names[at]) for at in sorted(names)]


def _nearest(offset: Float64[Array, "lags"], value: float, *, among: Array) -> int:
    return int(among[np.argmin(np.abs(offset[among] - value))])


def _number(value: float | None) -> float | None:
    return None if value is None or not np.isfinite(value) else round(float(value), 6)
