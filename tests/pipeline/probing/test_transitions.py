"""Bouts of labelled windows, from which the lengths of gaits are learned."""

from dataclasses import replace

import numpy as np
import torch
from equigait.pipeline.probing.transitions import labelled_bouts
from synthetic_corpus import synthetic_corpus


def test_a_run_of_windows_of_one_label_lasts_to_the_end_of_its_last_window() -> None:
    """A lone window of 5 s is a bout of 5 s: bouts of no length would make gaits end far too often."""
    corpus = synthetic_corpus(horses=2, windows=6)
    starts = torch.tensor([0.0, 2.5, 5.0, 12.5, 20.0, 22.5] * 2, dtype=torch.float64)
    label = np.array([0, 0, 0, 1, 0, 0, 1, 1, 1, 1, 1, 1], np.int64)
    recording = ("first",) * 6 + ("second",) * 6
    walk, trot = corpus.classes[:2]
    windows = replace(corpus, start_seconds=starts, label=label, recording=recording)
    assert labelled_bouts(windows, window_seconds=5.0) == [
        [(0.0, 10.0, walk), (12.5, 17.5, trot), (20.0, 27.5, walk)],
        [(0.0, 27.5, trot)],
    ]
