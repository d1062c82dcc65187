"""What the demo teacher learns to tell: invariant to where a stride begins, and one value for each thing told."""

import numpy as np
import pytest
from artifacts.motion_targets import (
    BINS,
    FLOOR,
    MIRRORED,
    SAMPLES,
    horse_targets,
    horse_weights,
    log_spectra,
    person_targets,
    person_weights,
    phases,
)

FOOTFALLS = {"trot": (0.0, 0.5, 0.5, 0.0), "pace": (0.0, 0.0, 0.5, 0.5), "walk": (0.0, 0.25, 0.5, 0.75)}


def going(gait: str, *, strides: float = 3.0, start: float = 0.0) -> np.ndarray:
    """A horse whose hooves swing by its footfalls, as `horse_motion` has it."""
    stride = start + strides * np.arange(SAMPLES) / SAMPLES
    motion = np.zeros((SAMPLES, 18), np.float32)
    for limb, footfall in enumerate(FOOTFALLS[gait]):
        motion[:, limb] = 0.3 * np.cos(2 * np.pi * (stride - footfall))
        motion[:, 4 + limb] = 0.1 * np.maximum(np.sin(2 * np.pi * (stride - footfall)), 0.0)
    motion[:, 8] = 0.03 * np.cos(4 * np.pi * stride)
    motion[:, 15], motion[:, 16], motion[:, 17] = 1.0, stride, 1.3
    return motion[None]


def test_amplitudes_are_read_at_their_cycles_a_clip() -> None:
    signal = 0.2 * np.cos(2 * np.pi * 3 * np.arange(SAMPLES) / SAMPLES + 0.7)[None, :, None]
    spectra = log_spectra(signal)[0]
    assert spectra.argmax() == 2
    assert spectra[2] == pytest.approx(np.log(0.2 + FLOOR), abs=1e-3)
    assert spectra[6] == pytest.approx(np.log(FLOOR), abs=0.1)


@pytest.mark.parametrize("gait", FOOTFALLS)
def test_phases_are_the_footfalls_wherever_a_clip_begins(gait: str) -> None:
    footfall = FOOTFALLS[gait]
    for start in (0.0, 0.37):
        motion = going(gait, start=start)
        found = phases(motion[..., :14].astype(float), stride=motion[:, :, 16].astype(float))[0]
        expected = np.exp(-2j * np.pi * (footfall[0] - footfall[1]))  # the first pair: left hind, left fore
        assert found[0] == pytest.approx(expected.real, abs=0.05)
        assert found[18] == pytest.approx(expected.imag, abs=0.05)


def test_gaits_differ_and_starts_do_not() -> None:
    told = {(gait, start): horse_targets(going(gait, start=start))[0] for gait in FOOTFALLS for start in (0.0, 0.37)}
    for gait in FOOTFALLS:
        at_starts = np.abs(told[gait, 0.0] - told[gait, 0.37]).mean()
        others = min(np.abs(told[gait, 0.0] - told[other, 0.0]).mean() for other in FOOTFALLS if other != gait)
        assert at_starts < 0.5 * others


def test_a_horse_that_stands_has_no_phases() -> None:
    motion = going("trot")
    motion[..., 16] = 4.2
    assert not phases(motion[..., :14].astype(float), stride=motion[:, :, 16].astype(float)).any()


def test_what_is_told_of_a_mirror_image_is_of_the_other_limbs() -> None:
    motion = going("walk")
    motion[..., 1] *= 0.5
    told, mirrored = (horse_targets(each)[0] for each in (motion, motion[..., MIRRORED]))
    spectra, other = (each[: 14 * BINS].reshape(BINS, 14) for each in (told, mirrored))
    np.testing.assert_allclose(spectra[:, 1], other[:, 3])
    np.testing.assert_allclose(horse_targets(motion[..., MIRRORED][..., MIRRORED]), told[None], atol=1e-6)


def test_a_circle_of_a_hand_has_its_sense_and_each_thing_told_has_a_weight() -> None:
    turn = 2 * np.pi * 2 * np.arange(SAMPLES) / SAMPLES
    motion = np.zeros((1, SAMPLES, 18), np.float32)
    motion[0, :, 3], motion[0, :, 4] = 0.1 * np.cos(turn), 0.1 * np.sin(turn)
    told = person_targets(motion)
    other = person_targets(motion * np.where(np.arange(18) == 4, -1, 1).astype(np.float32))
    around = 18 * BINS + 18 + 54 + 3  # the right hand's, across and up
    assert told[0, around] == pytest.approx(np.cbrt(2 * np.pi * 2 * 0.01), rel=0.05)
    assert other[0, around] == pytest.approx(-told[0, around])
    assert told.shape[1] == len(person_weights())
    assert horse_targets(going("trot")).shape[1] == len(horse_weights())
    assert horse_weights().sum() == pytest.approx(3.6, abs=1e-3)
