"""How strides, leads, reins and symmetry that the command `strides` finds compare with the truth of simulated yards.

The horses of `YARDS` were used for nothing else: the settings of the analysis were chosen on other seeds.
"""

import csv
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv
import yaml
from equigait.data.simulate import YardSpec, make_ride, pose, simulate_yard, stride_phase
from equigait.pipeline.strides import find_strides

from .measure import Found, Limit
from .stride_truth import GAITS, StrideScores, score_strides

SEED = 202
YARDS = {
    "easy": YardSpec(difficulty="easy", horses=8, seconds=120.0, seed=SEED, film=False),
    "middle": YardSpec(difficulty="middle", horses=12, seconds=120.0, seed=SEED, film=False),
    "field": YardSpec(difficulty="field", horses=16, seconds=120.0, seed=SEED, film=False),
}
UNEVEN = YardSpec(horses=4, seconds=60.0, seed=101, film=False, gaits=("trot",), asymmetry=0.18, asymmetry_shift=0.125)
"""Trot in which the sacrum falls some 5 mm lower, and rises some 5 mm higher, on one side than on the other."""
MIRRORED_COLUMNS = ("ay", "gx", "gz")
MEASURES = {"poll": "head", "withers": "wth", "sacrum": "sac"}
Differences = dict[tuple[str, str], float]
"""By recording and measure, mm."""


@cache
def scores() -> dict[str, StrideScores]:
    """Of each yard, by the labels that lie beside its recordings."""
    found = {}
    for name, spec in YARDS.items():
        with tempfile.TemporaryDirectory(prefix="equigait-bench-") as folder:
            yard = Path(folder) / "yard"
            simulate_yard(yard, spec=spec)
            find_strides(yard, out=yard / "tables", format="parquet")
            found[name] = score_strides(yard, yard / "tables")
    return found


def _least(figure: str, share: Callable[[StrideScores], list[float]]) -> Limit:
    """The least share over yards (and gaits), held to 0.98."""

    def measure() -> Found:
        least = min(value for each in scores().values() for value in share(each))
        return Found(least, 0.98, {name: each.facts() for name, each in scores().items()})

    return Limit(figure, "share", measure, at_least=True, note=NOTE)


def frequency() -> Found:
    """The largest error of a bout's stride frequency."""
    errors = [e for each in scores().values() for gait in GAITS for e in each.frequency_errors[gait]]
    return Found(float(np.abs(errors).max()), 0.02, {"bouts": len(errors)})


def symmetry() -> Found:
    """The largest error of MinDiff and MaxDiff of an asymmetry of 5 mm, as it is and in a mirror, mm."""
    with tempfile.TemporaryDirectory(prefix="equigait-bench-") as folder:
        there, mirror = Path(folder) / "yard", Path(folder) / "mirror"
        manifests = simulate_yard(there, spec=UNEVEN)
        for manifest in manifests:
            write_mirrored(manifest, mirror / manifest.parent.name)
        found, flipped = (command_differences(yard, out=yard / "tables") for yard in (there, mirror))
    true = {key: value for horse in range(UNEVEN.horses) for key, value in true_differences(horse).items()}
    errors = {f"{ride} {name}": found[ride, name] - value for (ride, name), value in true.items()}
    mirrored = {f"{ride} {name}": flipped[ride, name] + found[ride, name] for ride, name in true}
    sacrum = [value for (_, name), value in true.items() if name.endswith("_sac")]
    facts: dict[str, object] = {"true_mm": {" ".join(key): value for key, value in true.items()}, "errors_mm": errors}
    facts |= {"found_plus_mirrored_mm": mirrored, "true_sac_mm": sacrum}
    return Found(float(np.abs([*errors.values(), *mirrored.values()]).max()), 1.0, facts)


def command_differences(yard: Path, *, out: Path) -> Differences:
    """MinDiff and MaxDiff of each recording as the table `symmetry` gives them."""
    find_strides(yard, out=out)
    with (out / "symmetry.csv").open() as file:
        rows = [row for row in csv.DictReader(file) if row["measure"].startswith(("MinDiff", "MaxDiff"))]
    return {(row["recording"], row["measure"]): float(row["mean"] or "nan") for row in rows}


def true_differences(horse: int) -> Differences:
    """Those of the pose itself: right minus left, fore limbs for poll and withers, means over all its strides."""
    ride = make_ride(UNEVEN, horse=horse)
    times = np.arange(0.0, UNEVEN.seconds, 0.002)
    body, phase = pose(ride, time_seconds=times), stride_phase(ride, time_seconds=times) + 0.07
    halves = np.floor(2.0 * phase).astype(int)  # of strides that begin before the left hind's stance
    quarters = np.floor(2.0 * phase + 0.5).astype(int)
    found = {}
    for site, name in MEASURES.items():
        height, sign = 1000.0 * getattr(body, site)[:, 2], 1.0 if site == "sacrum" else -1.0
        lowest = [height[halves == half].min() for half in range(halves[0] + 2, halves[-1] - 2)]
        highest = [height[quarters == half].max() for half in range(halves[0] + 2, halves[-1] - 2)]
        for measure, values in (("MinDiff", lowest), ("MaxDiff", highest)):
            right, left = (np.mean(values[(side - halves[0]) % 2 :: 2]) for side in (1, 0))
            found[ride.id, f"{measure}_{name}"] = sign * float(right - left)
    return found


def write_mirrored(manifest: Path, out: Path) -> None:
    """The same horse in a mirror: what points left points right, and the sensors of both sides change places."""
    out.mkdir(parents=True)
    words = yaml.safe_load(manifest.read_text())
    for sensor in words["sensors"]:
        table = pyarrow.csv.read_csv(manifest.parent / sensor["path"])
        columns = {name: table[name].to_numpy() for name in table.column_names}
        turned = {name: -values if name in MIRRORED_COLUMNS else values for name, values in columns.items()}
        pyarrow.csv.write_csv(pa.table(turned), str(out / sensor["path"]))
        side = {"left": "right", "right": "left"}.get(sensor["site"].rpartition("_")[2])
        sensor["site"] = f"{sensor['site'].rpartition('_')[0]}_{side}" if side else sensor["site"]
    (out / "labels.csv").write_bytes((manifest.parent / "labels.csv").read_bytes())
    (out / "recording.yaml").write_text(yaml.safe_dump(words, sort_keys=False))


NOTE = (
    "By the recordings' labels; strides that lie wholly within a labelled and a true bout. Labels of the middle and "
    "the field yard are off by up to 0.3 and 0.5 s, their sensors slip, rattle, fail."
)
BENCHES = {
    "stride-frequency": Limit(
        "largest error of a bout's stride frequency, bouts of five strides and more", "share", frequency, note=NOTE
    ),
    "stride-recall": _least(
        "least share of true strides that were found, over yards and gaits",
        lambda each: [each.recall[gait].share for gait in GAITS],
    ),
    "stride-precision": _least(
        "least share of strides found that are right, over yards and gaits",
        lambda each: [each.precision[gait].share for gait in GAITS],
    ),
    "lead": _least(
        "least share of canter strides with the right lead, over yards; absent ones are wrong",
        lambda each: [each.lead.share],
    ),
    "rein": _least("least share of strides with the right rein, over yards", lambda each: [each.rein.share]),
    "symmetry-5mm": Limit(
        "largest error of MinDiff and MaxDiff of an asymmetry of 5 mm, as it is and in a mirror", "mm", symmetry
    ),
}
