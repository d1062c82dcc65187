"""Labels inspected: what their times tell of themselves."""

from itertools import pairwise

import numpy as np
from equigait.data.quality.facts import LabelFacts
from equigait.data.quality.labels import label_remarks

WORDS = ("walk", "trot")


def facts(times: np.ndarray) -> LabelFacts:
    """Bouts of walk and trot in turn from each time to the next."""
    spans = [(float(start), float(stop), WORDS[at % 2]) for at, (start, stop) in enumerate(pairwise(times))]
    return LabelFacts(bouts=len(spans), covered_share=1.0, seconds=dict.fromkeys(WORDS, 1.0), spans=tuple(spans))


def test_minutes_and_seconds_written_as_decimals_are_told() -> None:
    seconds = np.cumsum(np.random.default_rng(0).integers(5, 40, 40))
    written = np.round(seconds // 60 + seconds % 60 / 100, 2)
    (remark,) = label_remarks(facts(written), file="labels.csv", vocabulary=WORDS)
    assert remark == "no time of labels.csv has a fraction of .60 or more: are they minutes.seconds? Write seconds"


def test_seconds_with_two_digits_halves_and_few_times_earn_no_word() -> None:
    random = np.random.default_rng(0)
    seconds = np.round(np.cumsum(random.uniform(2.0, 9.0, 40)), 2)
    minutes = np.round(seconds // 60 + seconds % 60 / 100, 2)
    for times in (seconds, np.round(2 * seconds) / 2, np.round(seconds), minutes[:10]):
        remarks = label_remarks(facts(times), file="labels.csv", vocabulary=WORDS)
        assert not [remark for remark in remarks if "minutes" in remark]
