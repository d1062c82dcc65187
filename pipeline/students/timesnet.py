"""TimesNet: a window folded by its periods into pictures, which convolutions of several sizes read.

Wu et al. 2023, "TimesNet: temporal 2D-variation modeling for general time series analysis", section 3, with the head of
its classification (all steps and features to one linear layer). The paper folds by the periods that are strongest in
the batch at hand. Here they are those that are strongest in the training windows, kept as a buffer: an embedding never
depends on what shares its batch. Each window still weighs the periods by its own spectrum.
"""

from typing import Any, cast

import torch
from jaxtyping import Float, Float32
from torch import Tensor, nn

from .embedding import BATCH, WindowSequence
from .settings import TimesNetSettings
from .site_spectra import fourier_angles
from .student import Student

SMALLEST_POWER = 1e-12
"""Added below the root of a spectrum, whose slope at zero is none: missing windows have no power."""


class TimesNet(Student):
    """A convolution, then blocks that fold by each period, convolve in both directions, and add what comes of it.

    Windows `[batch, channels, steps]` in SI units to embeddings `[batch, embedding]`.

        >>> student = TimesNet(TimesNetSettings(width=8, layers=1, kernels=2), channels=6, steps=250)
        >>> student(torch.randn(2, 6, 250)).shape
        torch.Size([2, 256])
    """

    cycles: Tensor
    waves: Tensor

    def __init__(self, settings: TimesNetSettings, *, channels: int, steps: int) -> None:
        super().__init__(channels=channels, steps=steps, embedding=settings.embedding, token_width=settings.width)
        self.register_buffer("cycles", torch.arange(1, settings.periods + 1))
        self.register_buffer("waves", fourier_waves(steps), persistent=False)
        self._note_cycles()
        self.project = nn.Conv1d(channels, settings.width, 3, padding=1, padding_mode="circular", bias=False)
        self.blocks = nn.ModuleList([TimesBlock(settings) for _ in range(settings.layers)])
        self.norms = nn.ModuleList([nn.LayerNorm(settings.width) for _ in range(settings.layers)])
        self.dropout = nn.Dropout(settings.dropout)
        self.embed = nn.Linear(settings.width * steps, settings.embedding)

    def encode(self, standardised: Float32[Tensor, "batch channels steps"]) -> Float[Tensor, "batch embedding"]:
        """One embedding a standardised window: from all its tokens."""
        tokens = nn.functional.gelu(self.tokens(standardised))
        embedding: Tensor = self.embed(self.dropout(tokens).flatten(1))
        return embedding

    def tokens(self, standardised: Float32[Tensor, "batch channels steps"]) -> Float[Tensor, "batch steps width"]:
        """One token a step."""
        maps: Tensor = self.dropout(self.project(standardised))
        for block, norm in zip(self.blocks, self.norms, strict=True):
            weights = torch.softmax(amplitudes(maps, waves=self.waves, cycles=self.chosen), dim=1)
            maps = norm(block(maps, weights=weights, cycles=self.chosen).transpose(1, 2)).transpose(1, 2)
        return maps.transpose(1, 2)

    def fit_standardisation(self, imu: WindowSequence) -> None:
        """Takes the statistics of channels, and the strongest periods, from windows of training horses."""
        super().fit_standardisation(imu)
        every = tuple(range(1, self.waves.shape[2]))
        batches = (self.standardise(imu[first : first + BATCH]) for first in range(0, len(imu), BATCH))
        with torch.no_grad():
            found = [amplitudes(batch, waves=self.waves, cycles=every).double().sum(0) for batch in batches]
        self.cycles.copy_(1 + torch.stack(found).sum(0).topk(len(self.cycles)).indices)
        self._note_cycles()

    def _load_from_state_dict(self, *args: Any, **kwargs: Any) -> None:
        super()._load_from_state_dict(*args, **kwargs)
        self._note_cycles()

    def _note_cycles(self) -> None:
        """Numbers that Python knows: shapes depend on them, and a trace cannot read a buffer."""
        self.chosen = tuple(self.cycles.tolist())


class TimesBlock(nn.Module):
    """For each period: rows of one period each, two layers of convolutions, and back to time; weighted, and added."""

    def __init__(self, settings: TimesNetSettings) -> None:
        super().__init__()
        self.wide = Inception(settings.width, settings.hidden, kernels=settings.kernels)
        self.narrow = Inception(settings.hidden, settings.width, kernels=settings.kernels)

    def forward(
        self,
        maps: Float[Tensor, "batch width steps"],
        *,
        weights: Float[Tensor, "batch periods"],
        cycles: tuple[int, ...],
    ) -> Float[Tensor, "batch width steps"]:
        """The maps, and what each period adds to them."""
        steps = maps.shape[2]
        found = maps
        for number, count in enumerate(cycles):
            picture = nn.functional.gelu(self.wide(fold(maps, period=steps // count)))
            found = found + self.narrow(picture).flatten(2)[..., :steps] * weights[:, number, None, None]
        return found


class Inception(nn.Module):
    """The mean of square convolutions of 1, 3, 5, ... pixels, computed as the one convolution that it is."""

    def __init__(self, inputs: int, outputs: int, *, kernels: int) -> None:
        super().__init__()
        layers = [nn.Conv2d(inputs, outputs, 2 * number + 1, padding=number) for number in range(kernels)]
        for layer in layers:
            nn.init.kaiming_normal_(layer.weight, mode="fan_out", nonlinearity="relu")
            nn.init.zeros_(cast(Tensor, layer.bias))
        self.convolutions = nn.ModuleList(layers)

    def forward(
        self, picture: Float[Tensor, "batch inputs rows columns"]
    ) -> Float[Tensor, "batch outputs rows columns"]:
        """One picture as large as the one given."""
        layers = [cast(nn.Conv2d, layer) for layer in self.convolutions]
        half = len(layers) - 1
        weights = [nn.functional.pad(layer.weight, [half - n] * 4) for n, layer in enumerate(layers)]
        bias = torch.stack([cast(Tensor, layer.bias) for layer in layers]).mean(0)
        return nn.functional.conv2d(picture, torch.stack(weights).mean(0), bias, padding=half)


def fold(maps: Float[Tensor, "batch width steps"], *, period: int) -> Float[Tensor, "batch width rows period"]:
    """One row a period, the last filled up with zeros."""
    filled = nn.functional.pad(maps, (0, -maps.shape[2] % period))
    return filled.reshape(-1, maps.shape[1], filled.shape[2] // period, period)


def fourier_waves(steps: int) -> Float32[Tensor, "2 steps cycles"]:
    """Cosine and sine of 0, 1, ... steps // 2 cycles a window."""
    angles = fourier_angles(steps, points=steps)
    return torch.stack([angles.cos(), angles.sin()]).float()


def amplitudes(
    maps: Float[Tensor, "batch width steps"], *, waves: Float32[Tensor, "2 steps cycles"], cycles: tuple[int, ...]
) -> Float[Tensor, "batch chosen"]:
    """Magnitude of the Fourier transform at these cycles a window, the mean over features."""
    parts = torch.einsum("bws,psc->pbwc", maps, waves[:, :, list(cycles)])
    return (parts.square().sum(0) + SMALLEST_POWER).sqrt().mean(1)
