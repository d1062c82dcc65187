"""The map of embeddings: principal axes whose truth is known, the same picture every time."""

import numpy as np
import pytest
from equigait.pipeline.datasets.dataset_split import windows_of_classes
from equigait.pipeline.evaluation.embedding_map import map_embeddings, principal_plane
from rides import GAITS
from synthetic_corpus import synthetic_corpus


def test_the_plane_is_spanned_by_the_two_widest_directions() -> None:
    """Spreads 9, 4 and 1 along known orthogonal directions, far from the origin."""
    rng = np.random.default_rng(0)
    turned, _ = np.linalg.qr(rng.normal(size=(3, 3)))
    along = rng.normal(size=(4000, 3)) * [9.0, 4.0, 1.0]
    place, shares = principal_plane((along @ turned.T + 50.0).astype(np.float32))
    for axis in (0, 1):
        assert abs(np.corrcoef(place[:, axis], along[:, axis])[0, 1]) == pytest.approx(1.0, abs=0.01)
    assert shares == pytest.approx((81 / 98, 16 / 98), abs=0.02)
    assert place.mean(axis=0) == pytest.approx([0.0, 0.0], abs=1e-4)


def test_axes_do_not_flip_with_the_sign_that_the_factorisation_happens_to_give() -> None:
    points = (np.random.default_rng(1).normal(size=(50, 4)) * [5, 2, 1, 1]).astype(np.float32)
    centred = points - points.mean(axis=0)
    place, _ = principal_plane(points)
    weights = np.linalg.lstsq(centred, place, rcond=None)[0]
    assert all(column[np.abs(column).argmax()] > 0 for column in weights.T)


def test_windows_are_thinned_evenly_and_carry_their_gait_and_horse() -> None:
    windows = windows_of_classes(synthetic_corpus(horses=3, windows=24), classes=GAITS, horses=("h01", "h02"))
    embedding = np.random.default_rng(0).normal(size=(len(windows), 5)).astype(np.float32)
    drawn = map_embeddings(embedding, windows=windows, most=10)
    assert drawn is not None
    rows = np.linspace(0, len(windows) - 1, 10).round().astype(int)
    assert drawn.label == tuple(windows.label[rows])
    assert drawn.horse == tuple(windows.horses.index(windows.horse[row]) for row in rows)
    assert len(drawn.x) == len(drawn.y) == 10
    assert map_embeddings(embedding, windows=windows, most=0) is None
