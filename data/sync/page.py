"""The sync page: film, sensors and film motion on one time line, rivals, residuals, a slider that shifts the offset."""

import json
import os
from html import escape
from pathlib import Path
from string import Template
from urllib.parse import quote

import numpy as np
from jaxtyping import Float64
from numpy import ndarray as Array

from ..files import write_atomically
from ..video.chapters import files_of
from .alignment_features import RATE_HZ, Evidence
from .result import SyncResult

DRAWN_HZ = 25.0
"""Samples a second that the page draws: twice what the gait band needs."""
CURVE_POINTS = 4000
"""Most points of the score curve; each is the highest of those that it stands for."""


def write_page(result: SyncResult, *, film: Path, path: Path) -> Path:
    """Write one self-contained HTML page that shows what `result` holds and plays `film`, or the chapters it joins.

    Films are found by relative paths from the page.
    """
    template = Template((Path(__file__).parent / "page.html").read_text())
    files = files_of(film)
    more = f" and {len(files) - 1} more" if len(files) > 1 else ""
    played = [
        {"src": quote(os.path.relpath(file, path.parent)), "name": file.name, "start": start} for file, start in files
    ]
    text = template.substitute(
        title=escape(f"Synchronisation: {files[0][0].name}{more}"),
        verdict=escape(str(result.verdict)),
        reasons="".join(f"<li>{escape(reason)}</li>" for reason in result.reasons) or "<li>no objections</li>",
        film=played[0]["src"],
        # A closing tag within the data would end the script.
        data=json.dumps(page_data(result) | {"files": played}).replace("</", "<\\/"),
    )
    write_atomically(path, text)
    return path


def page_data(result: SyncResult) -> dict[str, object]:
    """What the page draws, rounded: lines of the two sides, the score curve, its rivals, the windows and their line."""
    return {
        "offset": _number(result.offset_s),
        "drift": _number(result.drift_ppm),
        "reference": _number(result.reference_s),
        "sigma": _number(result.sigma_s),
        "gap": _number(result.gap),
        "film": _line(result.plot.film),
        "imu": _line(result.plot.imu),
        "score": _curve(result.plot.offset_s, result.plot.score),
        "rivals": [{"name": r.name, "offset": _number(r.offset_s), "score": _number(r.score)} for r in result.rivals],
        "windows": [
            {"at": _number(w.film_seconds), "residual": _number(w.residual_s), "inlier": w.inlier}
            for w in result.windows
        ],
    }


def _line(side: Evidence | None) -> dict[str, object] | None:
    """A side's channels averaged, at DRAWN_HZ; null where nothing was measured."""
    if side is None:
        return None
    every = round(RATE_HZ / DRAWN_HZ)
    seen = np.asarray(side.valid.any(axis=1))[::every]
    mean = (side.vertical.sum(axis=1) / np.maximum(side.valid.sum(axis=1), 1))[::every]
    values = [round(float(v), 2) if good else None for v, good in zip(mean, seen, strict=True)]
    return {"start": side.start_seconds, "rate": RATE_HZ / every, "values": values}


def _curve(offset: Float64[Array, "lags"], score: Float64[Array, "lags"]) -> list[tuple[float, float]]:
    """The searched part of the curve, thinned by keeping the highest of each run."""
    searched = np.isfinite(score)
    runs = np.array_split(np.flatnonzero(searched), max(1, min(CURVE_POINTS, int(searched.sum()))))
    tops = [run[np.argmax(score[run])] for run in runs if len(run)]
    return [(round(float(offset[top]), 3), round(float(score[top]), 4)) for top in tops]


def _number(value: float | None) -> float | None:
    return None if value is None or not np.isfinite(value) else round(float(value), 6)
