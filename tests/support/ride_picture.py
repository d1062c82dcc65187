"""Draws the README's picture: `python tests/support/ride_picture.py RECORDING PREDICTIONS OUT.svg`.

RECORDING is the folder of a simulated recording, PREDICTIONS what `predict` wrote for it. Shown are the vertical
specific force at the withers, the labelled and the predicted gaits, and the probability of each gait, window by window.
"""

import csv
import sys
from pathlib import Path

import matplotlib as mpl
import numpy as np
import yaml
from matplotlib import pyplot as plt

COLOURS = {
    "unknown": "#d0d4d8",
    "stand": "#9aa0a5",
    "walk": "#14726a",
    "tolt": "#b0485c",
    "trot": "#a6783a",
    "canter": "#7a4fa3",
}


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open() as file:
        return list(csv.DictReader(file))


def draw(recording: Path, *, predictions: Path, out: Path) -> None:
    """Writes the picture as SVG whose text stays text."""
    mpl.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "equigait", "font.size": 11})
    clock = yaml.safe_load((recording / "recording.yaml").read_text())["clock"]["offset_seconds"]
    samples = np.loadtxt(recording / "withers.csv", delimiter=",", skiprows=1, usecols=(0, 3))[::8]
    figure, axes = plt.subplots(4, 1, figsize=(9, 4.6), sharex=True, height_ratios=(3, 0.7, 0.7, 2))
    axes[0].plot(samples[:, 0] + clock, samples[:, 1], color="#34495e", linewidth=0.5)
    axes[0].set_ylabel("withers z\n(m/s²)")
    labelled = [(row["start"], row["end"], row["label"]) for row in rows_of(recording / "labels.csv")]
    predicted = [(row["start_s"], row["stop_s"], row["label"]) for row in rows_of(predictions / "bouts.csv")]
    for row, (name, bouts) in enumerate((("labelled", labelled), ("predicted", predicted)), start=1):
        for start, stop, gait in bouts:
            axes[row].axvspan(float(start), float(stop), color=COLOURS[gait])
            axes[row].text((float(start) + float(stop)) / 2, 0.5, gait, ha="center", va="center", color="white")
        axes[row].set(yticks=[])
        axes[row].set_ylabel(name, rotation=0, ha="right", va="center")
    windows = [row for row in rows_of(predictions / "timeline.csv") if row["valid"].lower() == "true"]
    middle = [(float(row["start_s"]) + float(row["stop_s"])) / 2 for row in windows]
    for gait in (name.removeprefix("p_") for name in windows[0] if name.startswith("p_")):
        axes[3].plot(middle, [float(row[f"p_{gait}"]) for row in windows], color=COLOURS[gait])
    axes[3].set(ylabel="probability", xlabel="film time (s)", ylim=(-0.05, 1.05), xlim=(0, middle[-1] + 2.5))
    figure.align_ylabels()
    figure.tight_layout()
    figure.savefig(out, metadata={"Date": None})


if __name__ == "__main__":
    draw(Path(sys.argv[1]), predictions=Path(sys.argv[2]), out=Path(sys.argv[3]))
