"""Labelled windows: only the classes asked for, and never a horse on two sides."""

import numpy as np
import pytest
import torch
from equigait.data.errors import BadInput
from equigait.pipeline.datasets.dataset_split import split_windows, windows_of_classes
from synthetic_corpus import synthetic_corpus

GAITS = ("canter", "walk")


def test_windows_of_other_labels_or_none_or_of_other_horses_are_left_out() -> None:
    corpus = synthetic_corpus(horses=3, windows=20)
    corpus.label[:3] = -1, -2, 1
    windows = windows_of_classes(corpus, classes=GAITS, horses=("h00", "h02"))
    wanted = [row for row in range(60) if int(corpus.label[row]) in (1, 3) and not 20 <= row < 40]
    assert torch.equal(windows.imu[:], corpus.imu[wanted])
    assert windows.imu.streams is corpus.imu.streams  # a view: no sample is copied
    assert windows.label.tolist() == [0 if int(corpus.label[row]) == 3 else 1 for row in wanted]
    assert set(windows.horse) == {"h00", "h02"}
    assert windows.recording == tuple(f"{horse}-ride" for horse in windows.horse)


def test_taken_windows_keep_together_what_belongs_together() -> None:
    windows = windows_of_classes(synthetic_corpus(horses=2, windows=20), classes=GAITS, horses=("h00", "h01"))
    rows = np.array([5, 0, 7])
    taken = windows.take(rows)
    assert torch.equal(taken.film, windows.film[[5, 0, 7]])
    assert taken.label.tolist() == windows.label[rows].tolist()
    assert taken.horse == tuple(windows.horse[row] for row in rows)
    assert len(windows.take(np.zeros(0, dtype=np.int64))) == 0


@pytest.mark.parametrize(
    ("train", "validation", "test"), [("h00 h01", "", "h01"), ("h00", "h01", "h01 h02"), ("h00 h01", "h00", "h02")]
)
def test_a_horse_on_two_sides_is_refused(train: str, validation: str, test: str) -> None:
    corpus = synthetic_corpus(horses=3, windows=20)
    sides = {"train": train.split(), "validation": validation.split(), "test": test.split()}
    with pytest.raises(BadInput, match=r"found h0\d among both"):
        split_windows(corpus, classes=GAITS, **sides)
