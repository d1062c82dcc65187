"""The patch transformer: a window cut into patches over all channels, read by a small pre-norm transformer.

Patches as in PatchTST (Nie et al. 2023) but mixing channels; CLS and learned positions as in ViT (Dosovitskiy et al.
2021); norm before each sublayer (Xiong et al. 2020), without which it does not train at these learning rates.
"""

import torch
from jaxtyping import Float, Float32
from torch import Tensor, nn

from ...data.sites import CHANNELS
from .dropout import Dropout
from .phases import SitePhases
from .settings import PatchTransformerSettings
from .spectrum import SiteSpectrum
from .student import Student

POSITION_SPREAD = 0.02
"""Standard deviation of positions and CLS at the start (Dosovitskiy et al. 2021, as released)."""
SPECTRUM_SHARE = 1 / 8
"""Of the embedding: more of it, and a probe of few labels leans on tempo, in which horses differ."""
STEM_KERNEL = 7
"""Steps that a convolution of the stem sees: 0.14 s at 50 Hz, a hoof's impact and its echo."""


class PatchTransformer(Student):
    """Patches of all channels to tokens, CLS in front, learned positions, blocks, norm, projection."""

    beside = ("phases", "spectrum")

    def __init__(self, settings: PatchTransformerSettings, *, channels: int, steps: int) -> None:
        super().__init__(channels=channels, steps=steps, embedding=settings.embedding, token_width=settings.width)
        self.patch_steps, self.pool = settings.patch_steps, settings.pool
        patches = steps // settings.patch_steps
        self.stem, signals = _stem(settings, channels=channels)
        self.project = nn.Linear(signals * settings.patch_steps, settings.width)
        self.cls = nn.Parameter(torch.randn(1, 1, settings.width) * POSITION_SPREAD)
        self.positions = nn.Parameter(torch.randn(1, patches + 1, settings.width) * POSITION_SPREAD)
        self.dropout = Dropout(settings.dropout)
        self.blocks = nn.Sequential(*(Block(settings) for _ in range(settings.layers)))
        self.norm = nn.LayerNorm(settings.width)
        self.phases = _phases(settings, channels=channels, steps=steps)
        self.spectrum = _spectrum(settings, channels=channels, steps=steps)
        self.embed = nn.Linear(settings.width, settings.embedding - sum(part.width for part in self._parts()))

    def encode(self, standardised: Float32[Tensor, "batch channels steps"]) -> Float[Tensor, "batch embedding"]:
        """One embedding a standardised window: from CLS or the mean of the patch tokens, then the parts of phases and
        of the spectrum, where there are any."""
        tokens = self._read(standardised)
        embedding = self.embed(tokens[:, 0] if self.pool == "cls" else tokens[:, 1:].mean(1))
        return torch.cat([embedding, *(part(standardised) for part in self._parts())], dim=1)

    def tokens(self, standardised: Float32[Tensor, "batch channels steps"]) -> Float[Tensor, "batch patches width"]:
        """One token a patch."""
        return self._read(standardised)[:, 1:]

    def fit_standardisation(self, imu: Float32[Tensor, "windows channels steps"]) -> None:
        """Takes the statistics of channels, and of spectra where there are any, from windows of training horses."""
        super().fit_standardisation(imu)
        if self.spectrum is not None:
            self.spectrum.fit(self.standardise(imu))

    def cut(self, signal: Float[Tensor, "batch signals steps"]) -> Float[Tensor, "batch patches values"]:
        """The patches in time order, each flattened signal by signal."""
        batch, signals, _ = signal.shape
        return signal.reshape(batch, signals, -1, self.patch_steps).transpose(1, 2).flatten(2)

    def _parts(self) -> list[SitePhases | SiteSpectrum]:
        """What tells a part of the embedding beside the patches, in order."""
        return [part for part in (self.phases, self.spectrum) if part is not None]

    def _read(self, standardised: Tensor) -> Tensor:
        """CLS and the patches in order, after all blocks."""
        patches = self.project(self.cut(self.stem(standardised)))
        tokens = torch.cat([self.cls.expand(patches.shape[0], -1, -1), patches], dim=1) + self.positions
        read: Tensor = self.norm(self.blocks(self.dropout(tokens)))
        return read


class Block(nn.Module):
    """Attention and perceptron, each after a norm and around a residual."""

    def __init__(self, settings: PatchTransformerSettings) -> None:
        super().__init__()
        self.before_attention = nn.LayerNorm(settings.width)
        self.attention = Attention(settings)
        self.before_perceptron = nn.LayerNorm(settings.width)
        self.perceptron = nn.Sequential(
            nn.Linear(settings.width, settings.width * settings.expansion),
            nn.GELU(),
            nn.Linear(settings.width * settings.expansion, settings.width),
            Dropout(settings.dropout),
        )

    def forward(self, tokens: Float[Tensor, "batch tokens width"]) -> Float[Tensor, "batch tokens width"]:
        """Tokens that have looked at each other, then each at itself."""
        attended: Tensor = tokens + self.attention(self.before_attention(tokens))
        thought: Tensor = self.perceptron(self.before_perceptron(attended))
        return attended + thought


class Attention(nn.Module):
    """Multi-head attention. On a CPU as plain matrix products: on 26 tokens faster than the fused kernel, tenfold in
    bfloat16. On a GPU the fused kernel, which keeps the weights out of memory."""

    def __init__(self, settings: PatchTransformerSettings) -> None:
        super().__init__()
        self.heads = settings.heads
        self.qkv = nn.Linear(settings.width, 3 * settings.width)
        self.out = nn.Linear(settings.width, settings.width)
        self.dropout = Dropout(settings.dropout)

    def forward(self, tokens: Float[Tensor, "batch tokens width"]) -> Float[Tensor, "batch tokens width"]:
        """Every token's values, mixed by how well keys answer queries."""
        query, key, value = self.qkv(tokens).unflatten(-1, (3, self.heads, -1)).permute(2, 0, 3, 1, 4)
        if query.is_cuda:
            mixed = nn.functional.scaled_dot_product_attention(query, key, value)
        else:
            likeness = query @ key.transpose(-2, -1) * query.shape[-1] ** -0.5
            weights = torch.softmax(likeness.float(), dim=-1)  # in bfloat16 four times as slow
            mixed = weights.to(value.dtype) @ value
        looked: Tensor = self.dropout(self.out(mixed.transpose(1, 2).flatten(2)))
        return looked


def _spectrum(settings: PatchTransformerSettings, *, channels: int, steps: int) -> SiteSpectrum | None:
    if not settings.spectrum:
        return None
    return SiteSpectrum(
        channels=channels,
        steps=steps,
        hidden=settings.width,
        width=max(round(settings.embedding * SPECTRUM_SHARE), 1),
        drop=settings.spectrum_dropout,
        dropout=settings.dropout,
    )


def _phases(settings: PatchTransformerSettings, *, channels: int, steps: int) -> SitePhases | None:
    if not settings.phases or channels == len(CHANNELS):  # one site alone is in step with itself
        return None
    return SitePhases(channels=channels, steps=steps, width=settings.embedding // 2)


def _stem(settings: PatchTransformerSettings, *, channels: int) -> tuple[nn.Module, int]:
    """What stands before the patches, and how many signals leave it."""
    if settings.stem == "linear":
        return nn.Identity(), channels
    width = settings.stem_width
    layers = (
        nn.Conv1d(channels, width, STEM_KERNEL, padding="same"),
        nn.GroupNorm(8, width),
        nn.GELU(),
        nn.Conv1d(width, width, STEM_KERNEL, padding="same"),
        nn.GroupNorm(8, width),
        nn.GELU(),
    )
    return nn.Sequential(*layers), width
