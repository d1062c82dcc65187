"""Strides, leads and reins of bouts that the shipped student predicts, against the truth of a field yard.

`motion.py` gives the command `strides` the labels beside the recordings; here it gets the bouts of `predict`, as for a
ride that nobody labelled. What was changed after looking was chosen on another seed (`PREDICTED_STRIDES_SEED=9101`).
"""

import os
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
from equigait.data.simulate import YardSpec, simulate_yard
from equigait.pipeline.inference.shipped_models import FIELD_STUDENT, shipped_run
from equigait.pipeline.predict import predict
from equigait.pipeline.strides import find_strides

from .measure import Found, Limit
from .stride_truth import GAITS, StrideScores, score_strides

SEED = int(os.environ.get("PREDICTED_STRIDES_SEED", "60607"))
UNSEEN = YardSpec(difficulty="field", horses=16, seconds=120.0, seed=SEED, film=False)


@cache
def scores() -> StrideScores:
    """Of sixteen horses, by the bouts that were predicted."""
    with tempfile.TemporaryDirectory(prefix="equigait-bench-") as folder:
        yard, out = Path(folder) / "yard", Path(folder) / "out"
        simulate_yard(yard, spec=UNSEEN)
        predict(yard, run=shipped_run(FIELD_STUDENT), out=out, allow_missing=True)
        find_strides(yard, out=out, bouts=out / "bouts.csv", format="parquet")
        return score_strides(yard, out)


def _share(figure: str, share: Callable[[StrideScores], float]) -> Limit:
    return Limit(figure, "share", lambda: Found(share(scores()), 0.98, scores().facts()), at_least=True, note=NOTE)


def frequency() -> Found:
    """The median error of a bout's stride frequency; the largest stands beside it."""
    errors = np.abs([error for gait in GAITS for error in scores().frequency_errors[gait]])
    return Found(float(np.median(errors)), 0.02, {"bouts": len(errors), "largest": float(errors.max())})


NOTE = "By bouts that field-student predicts from the sensors of sixteen horses of a field yard, 120 s each."
BENCHES = {
    "predicted-stride-recall": _share(
        "least share over gaits of true strides that were found in bouts predicted so",
        lambda each: min(each.recall[gait].share for gait in GAITS),
    ),
    "predicted-stride-precision": _share(
        "least share over gaits of strides found that are right",
        lambda each: min(each.precision[gait].share for gait in GAITS),
    ),
    "predicted-stride-frequency": Limit(
        "median error of a predicted bout's stride frequency", "share", frequency, note=NOTE
    ),
    "predicted-lead": _share(
        "share of canter strides with the right lead; absent ones are wrong", lambda e: e.lead.share
    ),
    "predicted-rein": _share("share of strides with the right rein", lambda each: each.rein.share),
}
