"""A digest of arrays with their header: any change of either shows; a file without one shows nothing."""

import numpy as np
import pytest
from equigait.pipeline.runtime.content_digest import CONTENT, content_digest, is_damaged

ARRAYS = {"weight": np.arange(6.0).reshape(2, 3), "bias": np.zeros(2, np.float32)}
HEADER = {"format": 1, "classes": ["walk", "trot"]}


def signed() -> dict[str, object]:
    return {**HEADER, CONTENT: content_digest(ARRAYS, header=HEADER)}


def test_what_was_written_is_sound_in_whatever_order_it_is_read() -> None:
    assert not is_damaged(dict(reversed(ARRAYS.items())), header=signed())
    assert not is_damaged(ARRAYS, header=HEADER)


@pytest.mark.parametrize(
    "arrays",
    [
        {**ARRAYS, "weight": ARRAYS["weight"] + np.eye(2, 3) * 1e-12},
        {**ARRAYS, "bias": ARRAYS["bias"].astype(np.float64)},
        {**ARRAYS, "weight": ARRAYS["weight"].reshape(3, 2)},
        {"weight": ARRAYS["weight"]},
    ],
)
def test_every_change_of_an_array_shows(arrays: dict[str, np.ndarray]) -> None:
    assert is_damaged(arrays, header=signed())


def test_a_change_of_the_header_shows() -> None:
    assert is_damaged(ARRAYS, header={**signed(), "classes": ["trot", "walk"]})
