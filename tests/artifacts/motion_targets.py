"""What the teacher learns to tell of a clip: the simulator's own truth of its motion, without any behaviour's name.

All of it is invariant to where in a stride a clip begins, so that the mean over the clips of a window means something.
"""

import numpy as np
from jaxtyping import Complex128, Float32, Float64
from numpy import ndarray as Array

from .stick_horses import PER_FRAME

SAMPLES = 16 * PER_FRAME
"""Of motion in a clip."""
BINS = 8
"""Cycles a clip whose amplitudes are told."""
FLOOR = 0.004
"""Sizes of the horse (heights of the person): quieter movement is as good as none."""
SMALL = 0.02
"""Amplitude of a hoof's travel from which phases count."""
PAIRS = ((0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3))
MIRRORED = [2, 3, 0, 1, 6, 7, 4, 5, *range(8, 18)]
"""Columns of a horse's motion in its mirror image: left limbs are right ones."""
Signals = Float64[Array, "clips samples signals"]


def horse_targets(motion: Float32[Array, "clips 64 18"]) -> Float32[Array, "clips targets"]:
    """Amplitude spectra of hooves, trunk and head; posture and speed; phases between limbs and of the trunk; tempo."""
    moving = motion[..., :14].astype(np.float64)
    heights = motion[..., 4:8]
    stride = motion[:, :, 16].astype(np.float64)
    down = heights < heights.min(axis=(1, 2), keepdims=True) + 0.04
    air = ~down.any(axis=2)
    done = (stride[:, -1] - stride[:, 0])[:, None] * (motion[:, :, 17].mean(1) > 0.05)[:, None]
    trunk = np.ptp(motion[..., 8:12], axis=1)
    posture = np.concatenate([motion[..., :16].mean(1), motion[..., 14:16].std(1), trunk], axis=1)
    parts = (
        log_spectra(moving),
        posture,
        phases(moving, stride=stride),
        np.concatenate([down.mean(1), air.mean(1)[:, None], done], axis=1),
    )
    return np.concatenate(parts, axis=1).astype(np.float32)


def horse_weights() -> Float32[Array, "targets"]:
    """Each group of a horse's targets counts as a whole: spectra, posture, phases, steps."""
    return _weights(((14 * BINS, 1.0), (22, 0.7), (36, 1.3), (6, 0.6)))


def person_targets(motion: Float32[Array, "clips 64 18"]) -> Float32[Array, "clips targets"]:
    """Amplitude spectra and mean places of hands, feet, head, pelvis; their slow ways, and which way round they go."""
    signals = motion.astype(np.float64)
    steps = np.diff(signals, axis=1)
    middle = 0.5 * (signals[:, 1:] + signals[:, :-1]) - signals.mean(1, keepdims=True)
    points = [(3 * joint + a, 3 * joint + b) for joint in range(4) for a, b in ((0, 1), (1, 2), (0, 2))]
    around = np.stack([(middle[..., a] * steps[..., b] - middle[..., b] * steps[..., a]).sum(1) for a, b in points], 1)
    time = np.arange(SAMPLES) / SAMPLES
    slow = np.stack([np.cos(np.pi * order * (time + 0.5 / SAMPLES)) for order in (1, 2, 3)])
    ways = np.einsum("kt,cts->cks", slow, signals - signals.mean(1, keepdims=True)).reshape(len(signals), -1) / SAMPLES
    hands = (steps[..., 0:3] * steps[..., 3:6]).mean(1) / (1e-6 + (steps[..., 0:6] ** 2).mean((1, 2))[:, None])
    parts = (
        log_spectra(signals)[:, : 18 * BINS],
        signals.mean(1),
        np.tanh(ways / 0.05),
        np.concatenate([np.cbrt(around), hands], axis=1),
    )
    return np.concatenate(parts, axis=1).astype(np.float32)


def person_weights() -> Float32[Array, "targets"]:
    """Each group of a person's targets counts as a whole."""
    return _weights(((18 * BINS, 1.0), (18, 0.8), (54, 0.8), (15, 0.6)))


def log_spectra(signals: Signals) -> Float64[Array, "clips bins*signals"]:
    """log(amplitude + floor) at 1 to `BINS` cycles a clip, Hann window, mean taken out."""
    hann = np.hanning(SAMPLES + 1)[:-1, None]
    spectra = np.abs(np.fft.rfft((signals - signals.mean(1, keepdims=True)) * hann, axis=1))[:, 1 : BINS + 1]
    return np.log(spectra * (4 / SAMPLES) + FLOOR).reshape(len(signals), -1)


def phases(signals: Signals, *, stride: Float64[Array, "clips samples"]) -> Float64[Array, "clips 36"]:
    """Cosines and sines of phase differences at the stride's own tempo, each as large as its motion is sure.

    Between every two hooves' travel; of withers, sacrum and poll, once and twice a stride, to the left and to the right
    hind hoof's.
    """
    hooves = _at_stride(signals[..., :4], stride=stride, times=1)
    between = [_unit(hooves[:, a] * hooves[:, b].conj()) for a, b in PAIRS]
    for times in (1, 2):
        trunk = _at_stride(signals[..., 8:11], stride=stride, times=times)
        for hind in (0, 2):
            between += [_unit(trunk[:, each] * 8.0 * _unit(hooves[:, hind] ** times).conj()) for each in range(3)]
    both = np.stack(between, axis=1)
    return np.concatenate([both.real, both.imag], axis=1)


def _at_stride(
    signals: Signals, *, stride: Float64[Array, "clips samples"], times: int
) -> Complex128[Array, "clips signals"]:
    hann = np.hanning(SAMPLES)
    still = np.abs(stride[:, -1] - stride[:, 0]) < 0.5
    turn = np.exp(-2j * np.pi * times * stride) * hann / hann.sum()
    found = 2 * np.einsum("ct,cts->cs", turn, signals - signals.mean(1, keepdims=True))
    return np.where(still[:, None], 0.0, found)


def _unit(values: Complex128[Array, "clips"]) -> Complex128[Array, "clips"]:
    """Of length 1 where the motion is larger than `SMALL`, shorter below."""
    return values / (np.abs(values) + SMALL**2)


def _weights(groups: tuple[tuple[int, float], ...]) -> Float32[Array, "targets"]:
    return np.concatenate([np.full(size, weight / size) for size, weight in groups]).astype(np.float32)
