"""Draws the README's picture: `python tests/support/ride_picture.py RECORDING PREDICTIONS OUT.svg`.

RECORDING is the folder of a simulated recording, PREDICTIONS what `predict` wrote for it. Shown are the vertical
specific force at the withers, the labelled gaits, and the predicted probability of each gait, window by window.
"""

import csv
import sys
from pathlib import Path

import matplotlib as mpl
import numpy as np
import yaml
from matplotlib import pyplot as plt

COLOURS = {"stand": "#9aa0a5", "walk": "#14726a", "trot": "#a6783a", "canter": "#7a4fa3"}


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open() as file:
        return list(csv.DictReader(file))


def draw(recording: Path, *, predictions: Path, out: Path) -> None:
    """Writes the picture as SVG whose text stays text."""
    mpl.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "equigait", "font.size": 11})
    clock = yaml.safe_load((recording / "recording.yaml").read_text())["clock"]["offset_seconds"]
    samples = np.loadtxt(recording / "withers.csv", delimiter=",", skiprows=1, usecols=(0, 3))[::8]
    figure, axes = plt.subplots(3, 1, figsize=(9, 4.2), sharex=True, height_ratios=(3, 0.7, 2))
    axes[0].plot(samples[:, 0] + clock, samples[:, 1], color="#34495e", linewidth=0.5)
    axes[0].set_ylabel("withers z\n(m/s²)")
    for bout in rows_of(recording / "labels.csv"):
        start, stop = float(bout["start"]), float(bout["end"])
        axes[1].axvspan(start, stop, color=COLOURS[bout["label"]])
        axes[1].text((start + stop) / 2, 0.5, bout["label"], ha="center", va="center", color="white")
    axes[1].set(yticks=[], ylabel="labelled")
    windows = [row for row in rows_of(predictions / "timeline.csv") if row["valid"].lower() == "true"]
    middle = [(float(row["start_s"]) + float(row["stop_s"])) / 2 for row in windows]
    for gait in ("walk", "trot", "canter"):
        axes[2].plot(middle, [float(row[f"p_{gait}"]) for row in windows], color=COLOURS[gait])
    axes[2].set(ylabel="predicted\nprobability", xlabel="film time (s)", ylim=(-0.05, 1.05), xlim=(0, middle[-1] + 2.5))
    figure.align_ylabels()
    figure.tight_layout()
    figure.savefig(out, metadata={"Date": None})


if __name__ == "__main__":
    draw(Path(sys.argv[1]), predictions=Path(sys.argv[2]), out=Path(sys.argv[3]))
