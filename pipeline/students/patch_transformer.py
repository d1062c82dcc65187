"""The patch transformer: a window cut into patches over all channels, encoded by a small pre-norm transformer.

Patches as in PatchTST (Nie et al. 2023) but mixing channels; CLS and learned positions as in ViT (Dosovitskiy et al.
2021); norm before each sublayer (Xiong et al. 2020), without which it does not train at these learning rates.
"""

import torch
from jaxtyping import Float, Float32
from torch import Tensor, nn

from ...data.sites import CHANNELS
from .dropout import Dropout
from .embedding import BATCH, WindowSequence
from .envelopes import SiteEnvelopes
from .phases import SitePhases
from .settings import PatchTransformerSettings
from .spectrum import SiteSpectrum
from .student import Student

POSITION_SPREAD = 0.02
"""Standard deviation of positions and CLS at the start (Dosovitskiy et al. 2021, as released)."""
SPECTRUM_RATIO = 1 / 8
"""Of the embedding: more of it, and a probe of few labels relies on tempo, in which horses differ."""
ENVELOPE_RATIO = 1 / 2
"""Of the embedding. A quarter of it found fewer of the poses that belong to unseen windows."""
STEM_KERNEL = 7
"""Kernel of the stem's convolutions, in steps: 0.14 s at 50 Hz, about the length of a hoof's impact."""


class PatchTransformer(Student):
    """Patches of all channels to tokens, CLS in front, learned positions, blocks, norm, projection.

    Windows `[batch, channels, steps]` in SI units to embeddings `[batch, embedding]`.

        >>> student = PatchTransformer(PatchTransformerSettings(layers=1), channels=6, steps=250)
        >>> student(torch.randn(2, 6, 250)).shape
        torch.Size([2, 256])
    """

    side_branches = ("phases", "spectrum", "envelopes")

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
        self.envelopes = _envelopes(settings, channels=channels, patches=patches)
        self.embed = nn.Linear(settings.width, settings.embedding - sum(branch.width for branch in self._branches()))

    def encode(self, standardised: Float32[Tensor, "batch channels steps"]) -> Float[Tensor, "batch embedding"]:
        """One embedding a standardised window: from CLS or the mean of the patch tokens, then the side branches'
        parts, where there are any."""
        only_cls = self.pool == "cls" and not self.training  # in training dropout draws for all tokens
        tokens = self._encode_patches(standardised, only_cls=only_cls)
        embedding = self.embed(tokens[:, 0] if self.pool == "cls" else tokens[:, 1:].mean(1))
        return torch.cat([embedding, *(branch(standardised) for branch in self._branches())], dim=1)

    def tokens(self, standardised: Float32[Tensor, "batch channels steps"]) -> Float[Tensor, "batch patches width"]:
        """One token a patch."""
        return self._encode_patches(standardised)[:, 1:]

    def fit_standardisation(self, imu: WindowSequence) -> None:
        """Takes the statistics of channels, and of spectra where there are any, from windows of training horses."""
        super().fit_standardisation(imu)
        if self.spectrum is not None:
            self.spectrum.fit(self.standardise(imu[s : s + BATCH]) for s in range(0, len(imu), BATCH))

    def cut(self, signal: Float[Tensor, "batch signals steps"]) -> Float[Tensor, "batch patches values"]:
        """The patches in time order, each flattened signal by signal."""
        batch, signals, _ = signal.shape
        return signal.reshape(batch, signals, -1, self.patch_steps).transpose(1, 2).flatten(2)

    def _branches(self) -> list[SitePhases | SiteSpectrum | SiteEnvelopes]:
        """The side branches there are, in the order of their parts of the embedding."""
        return [branch for branch in (self.phases, self.spectrum, self.envelopes) if branch is not None]

    def _encode_patches(self, standardised: Tensor, *, only_cls: bool = False) -> Tensor:
        """CLS and the patches in order, after all blocks; CLS alone where the others are not asked for."""
        patches = self.project(self.cut(self.stem(standardised)))
        tokens = torch.cat([self.cls.expand(patches.shape[0], -1, -1), patches], dim=1) + self.positions
        tokens = self.dropout(tokens)
        for number, block in enumerate(self.blocks, start=1):
            tokens = block(tokens, only_first=only_cls and number == len(self.blocks))
        encoded: Tensor = self.norm(tokens)
        return encoded


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

    def forward(
        self, tokens: Float[Tensor, "batch tokens width"], *, only_first: bool = False
    ) -> Float[Tensor, "batch _ width"]:
        """Attention over all tokens, then the perceptron on each; both residual. Of the first token alone it costs a
        quarter."""
        asked = slice(1 if only_first else None)
        attended: Tensor = tokens[:, asked] + self.attention(self.before_attention(tokens), asked=asked)
        transformed: Tensor = self.perceptron(self.before_perceptron(attended))
        return attended + transformed


class Attention(nn.Module):
    """Multi-head attention. On a CPU as plain matrix products: on 26 tokens faster than the fused kernel, tenfold in
    bfloat16. On a GPU the fused kernel, which keeps the weights out of memory."""

    def __init__(self, settings: PatchTransformerSettings) -> None:
        super().__init__()
        self.heads = settings.heads
        self.qkv = nn.Linear(settings.width, 3 * settings.width)
        self.out = nn.Linear(settings.width, settings.width)
        self.dropout = Dropout(settings.dropout)

    def forward(
        self, tokens: Float[Tensor, "batch tokens width"], *, asked: slice = slice(None)
    ) -> Float[Tensor, "batch _ width"]:
        """Scaled dot-product attention of the tokens that are asked for over all."""
        query, key, value = self.qkv(tokens).unflatten(-1, (3, self.heads, -1)).permute(2, 0, 3, 1, 4)
        query = query[:, :, asked]
        if query.is_cuda:
            mixed = nn.functional.scaled_dot_product_attention(query, key, value)
        else:
            scores = query @ key.transpose(-2, -1) * query.shape[-1] ** -0.5
            weights = torch.softmax(scores.float(), dim=-1)  # in bfloat16 four times as slow
            mixed = weights.to(value.dtype) @ value
        projected: Tensor = self.dropout(self.out(mixed.transpose(1, 2).flatten(2)))
        return projected


def _spectrum(settings: PatchTransformerSettings, *, channels: int, steps: int) -> SiteSpectrum | None:
    if not settings.spectrum:
        return None
    return SiteSpectrum(
        channels=channels,
        steps=steps,
        hidden=settings.width,
        width=max(round(settings.embedding * SPECTRUM_RATIO), 1),
        drop=settings.spectrum_dropout,
        dropout=settings.dropout,
    )


def _phases(settings: PatchTransformerSettings, *, channels: int, steps: int) -> SitePhases | None:
    if not settings.phases or channels == len(CHANNELS):  # one site alone has no pair to compare
        return None
    return SitePhases(channels=channels, steps=steps, width=settings.embedding // 2)


def _envelopes(settings: PatchTransformerSettings, *, channels: int, patches: int) -> SiteEnvelopes | None:
    if not settings.envelopes:
        return None
    return SiteEnvelopes(channels=channels, patches=patches, width=max(round(settings.embedding * ENVELOPE_RATIO), 1))


def _stem(settings: PatchTransformerSettings, *, channels: int) -> tuple[nn.Module, int]:
    """The layers before the patches, and the number of signals that they give."""
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
