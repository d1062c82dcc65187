"""Few labelled windows are drawn fairly: balanced over classes and horses, none twice, from as few horses as asked."""

import numpy as np
from equigait.pipeline.datasets.dataset_split import windows_of_classes
from equigait.pipeline.evaluation.protocols.label_sampling import draw_horses, draw_rows, draw_shots
from rides import GAITS
from synthetic_corpus import synthetic_corpus


def test_shots_are_balanced_over_classes_and_horses_and_none_is_drawn_twice() -> None:
    windows = windows_of_classes(
        synthetic_corpus(horses=4, windows=40), classes=GAITS, horses=("h00", "h01", "h02", "h03")
    )
    rows = draw_shots(windows, shots=6, seed=1)
    assert len(set(rows.tolist())) == len(rows) == 18
    for label in range(3):
        of_class = [windows.horse[row] for row in rows if windows.label[row] == label]
        assert sorted(of_class.count(horse) for horse in windows.horses) == [1, 1, 2, 2]


def test_another_seed_draws_other_windows_and_the_same_seed_the_same() -> None:
    windows = windows_of_classes(synthetic_corpus(horses=4, windows=40), classes=GAITS, horses=("h00", "h01"))
    first = draw_shots(windows, shots=5, seed=1)
    assert np.array_equal(first, draw_shots(windows, shots=5, seed=1))
    assert not np.array_equal(first, draw_shots(windows, shots=5, seed=2))


def test_a_horse_with_few_windows_gives_what_it_has() -> None:
    windows = windows_of_classes(synthetic_corpus(horses=2, windows=40), classes=GAITS, horses=("h00", "h01"))
    scarce = windows.take(np.array([row for row in range(len(windows)) if windows.horse[row] == "h00" or row % 9 == 0]))
    rows = draw_shots(scarce, shots=6, seed=0)
    assert np.bincount(scarce.label[rows]).tolist() == [6, 6, 6]


def test_labels_of_one_horse_come_from_one_horse_and_from_more_where_it_has_too_few() -> None:
    windows = windows_of_classes(
        synthetic_corpus(horses=5, windows=40), classes=GAITS, horses=[f"h0{n}" for n in range(5)]
    )
    for seed in range(3):
        (alone,) = draw_horses(windows, horses=1, shots=4, seed=seed)
        more = draw_horses(windows, horses=1, shots=12, seed=seed)
        assert alone in more
        assert 1 < len(more) < 5
        rows = draw_rows(windows, shots=12, horses=1, seed=seed)
        assert {windows.horse[row] for row in rows} <= set(more)
        assert np.bincount(windows.label[rows]).tolist() == [12, 12, 12]
    assert len({draw_horses(windows, horses=1, shots=4, seed=seed) for seed in range(8)}) > 1
    assert len(draw_horses(windows, horses=2, shots=10_000, seed=0)) == 5
