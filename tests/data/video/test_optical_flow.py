"""Shifts between small pictures, against pictures shifted by a known amount."""

import numpy as np
import pytest
from equigait.data.video.optical_flow import (
    Blocks,
    gradient_sums,
    moved,
    residual,
    row_shifts,
    solve_shift,
    whole_shift,
)
from scipy import fft, ndimage


def texture(seed: int, *, height: int = 96, width: int = 160) -> np.ndarray:
    noise = ndimage.gaussian_filter(np.random.default_rng(seed).standard_normal((height, width)), 2.0, mode="wrap")
    return (120 + 40 * noise / noise.std()).astype(np.float32)


def shifted(plane: np.ndarray, *, right: float, down: float) -> np.ndarray:
    """The plane moved by any part of a pixel, exactly, wrapping round."""
    moved_spectrum = ndimage.fourier_shift(fft.fft2(plane.astype(float)), (down, right))
    return fft.ifft2(moved_spectrum).real.astype(np.float32)


@pytest.mark.parametrize(("right", "down"), [(0.3, -0.4), (-0.05, 0.1), (0.0, 0.8)])
def test_gradients_tell_parts_of_a_pixel(right: float, down: float):
    before = texture(0)
    sums = gradient_sums(before, shifted(before, right=right, down=down), blocks=Blocks.of(96, 160))
    x, y = solve_shift(sums[2:-2, 2:-2].sum(axis=(0, 1)))
    assert float(x) == pytest.approx(right, abs=0.03)
    assert float(y) == pytest.approx(down, abs=0.03 + 0.1 * abs(down))


def test_whole_shifts_are_found_where_the_weight_lies():
    before, weight = texture(1), np.zeros((96, 160), np.float32)
    weight[20:80, 50:110] = 1.0
    after = shifted(before, right=-9.0, down=0.0)
    after[20:80, 50:110] = shifted(before, right=2.0, down=4.0)[20:80, 50:110]
    assert whole_shift(before, after, weight=weight) == (2, 4)
    assert whole_shift(before, after, weight=1.0 - weight) == (-9, 0)


def test_bands_of_ground_slide_at_their_own_speed():
    before = texture(2)
    after = np.vstack([shifted(before, right=-2.0, down=0.0)[:48], shifted(before, right=-8.0, down=0.0)[48:]])
    shifts = row_shifts(before, after, weight=np.ones((96, 160), np.float32))
    assert set(shifts[:40]) == {-2}
    assert set(shifts[56:]) == {-8}


def test_what_a_shift_explains_leaves_no_residual():
    before = texture(3)
    after = moved(before, right=3, down=-2)
    blocks = Blocks.of(96, 160)
    still = np.zeros((1, 1), np.float32)
    explained = residual(gradient_sums(moved(before, right=3, down=-2), after, blocks=blocks), right=still, down=still)
    unexplained = residual(gradient_sums(before, after, blocks=blocks), right=still, down=still)
    assert float(explained.max()) == 0.0
    assert float(unexplained[2:-2, 2:-2].min()) > 5.0
