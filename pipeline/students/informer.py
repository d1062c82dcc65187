"""Informer: a transformer whose attention is computed for the most telling queries alone (ProbSparse attention).

Zhou et al. 2021, "Informer: beyond efficient transformer for long sequence time-series forecasting": its encoder, whose
tokens are averaged. Two things differ, so that an embedding depends neither on chance nor on the rest of the batch: the
keys by which queries are compared are drawn once and for all, where the paper draws them at every pass; and distilling
normalises each token (layer norm), where the paper normalises over the batch.
"""

import math

import torch
from jaxtyping import Float, Float32, Int64
from torch import Tensor, nn

from .settings import InformerSettings
from .student import Student

SEED = 2021
"""Of the keys that are drawn: the same in every student of these sizes."""


class Informer(Student):
    """A convolution, positions, and blocks with ProbSparse attention, between which the steps are halved; their mean.

    Windows `[batch, channels, steps]` in SI units to embeddings `[batch, embedding]`.

        >>> student = Informer(InformerSettings(width=16, layers=2, heads=2), channels=6, steps=250)
        >>> student(torch.randn(2, 6, 250)).shape
        torch.Size([2, 256])
    """

    positions: Tensor

    def __init__(self, settings: InformerSettings, *, channels: int, steps: int) -> None:
        super().__init__(channels=channels, steps=steps, embedding=settings.embedding, token_width=settings.width)
        self.project = nn.Conv1d(channels, settings.width, 3, padding=1, padding_mode="circular", bias=False)
        self.register_buffer("positions", sinusoids(steps, width=settings.width), persistent=False)
        self.dropout = nn.Dropout(settings.dropout)
        layers: list[nn.Module] = []
        for number in range(settings.layers):
            layers.append(Block(settings, steps=steps))
            if settings.distil and number < settings.layers - 1:
                layers.append(Distilling(settings.width))
                steps = (steps + 1) // 2
        self.blocks, self.norm = nn.Sequential(*layers), nn.LayerNorm(settings.width)
        self.embed = nn.Linear(settings.width, settings.embedding)

    def encode(self, standardised: Float32[Tensor, "batch channels steps"]) -> Float[Tensor, "batch embedding"]:
        """One embedding a standardised window: from the mean of its tokens."""
        embedding: Tensor = self.embed(self.tokens(standardised).mean(dim=1))
        return embedding

    def tokens(self, standardised: Float32[Tensor, "batch channels steps"]) -> Float[Tensor, "batch tokens width"]:
        """One token for each step that distilling leaves."""
        tokens = self.project(standardised).transpose(1, 2) + self.positions
        encoded: Tensor = self.norm(self.blocks(self.dropout(tokens)))
        return encoded


class Block(nn.Module):
    """Attention and perceptron, each around a residual and before a norm."""

    def __init__(self, settings: InformerSettings, *, steps: int) -> None:
        super().__init__()
        hidden = settings.width * settings.expansion
        self.attention = ProbSparseAttention(settings, steps=steps)
        self.after_attention, self.after_perceptron = nn.LayerNorm(settings.width), nn.LayerNorm(settings.width)
        self.dropout = nn.Dropout(settings.dropout)
        self.perceptron = nn.Sequential(
            nn.Linear(settings.width, hidden),
            nn.GELU(),
            nn.Dropout(settings.dropout),
            nn.Linear(hidden, settings.width),
            nn.Dropout(settings.dropout),
        )

    def forward(self, tokens: Float[Tensor, "batch steps width"]) -> Float[Tensor, "batch steps width"]:
        """Attention, then the perceptron on each token."""
        attended = self.after_attention(tokens + self.dropout(self.attention(tokens)))
        transformed: Tensor = self.after_perceptron(attended + self.perceptron(attended))
        return transformed


class ProbSparseAttention(nn.Module):
    """Attention of the queries that single out some keys; all others take the mean of the values (equation 3).

    Of `steps` queries `factor * ceil(ln(steps))` are active: those whose largest score, less the sum of their scores
    over `steps`, is largest, among as many keys that were drawn for each (equation 4 and algorithm 1).
    """

    keys: Tensor

    def __init__(self, settings: InformerSettings, *, steps: int) -> None:
        super().__init__()
        self.heads = settings.heads
        self.active = min(settings.factor * math.ceil(math.log(steps)), steps) if steps > 1 else 1
        self.register_buffer("keys", drawn_keys(steps, count=self.active), persistent=False)
        self.qkv = nn.Linear(settings.width, 3 * settings.width)
        self.out = nn.Linear(settings.width, settings.width)

    def forward(self, tokens: Float[Tensor, "batch steps width"]) -> Float[Tensor, "batch steps width"]:
        """What the active queries attend to, and the mean of the values elsewhere."""
        query, key, value = self.qkv(tokens).unflatten(-1, (3, self.heads, -1)).permute(2, 0, 3, 1, 4)
        chosen = self._active_queries(query.detach(), key.detach())[..., None].expand(-1, -1, -1, query.shape[-1])
        scores = query.gather(2, chosen) @ key.transpose(-2, -1) * query.shape[-1] ** -0.5
        attended = torch.softmax(scores.float(), dim=-1).to(value.dtype) @ value
        mixed = value.mean(dim=2, keepdim=True).expand_as(value).scatter(2, chosen, attended)
        projected: Tensor = self.out(mixed.transpose(1, 2).flatten(2))
        return projected

    def _active_queries(self, query: Tensor, key: Tensor) -> Int64[Tensor, "batch heads active"]:
        """Numbers of the queries by the paper's measure of sparsity, on the drawn keys."""
        scores = (query @ key.transpose(-2, -1)).gather(3, self.keys.expand(*query.shape[:2], -1, -1))
        sparsity = scores.amax(dim=3) - scores.sum(dim=3) / query.shape[2]
        return sparsity.topk(self.active, dim=2).indices


class Distilling(nn.Module):
    """Half the steps: a convolution, a norm of each token, ELU, and the largest of three steps about every second."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.convolution = nn.Conv1d(width, width, 3, padding=1, padding_mode="circular")
        self.norm = nn.LayerNorm(width)

    def forward(self, tokens: Float[Tensor, "batch steps width"]) -> Float[Tensor, "batch half width"]:
        """What is left of the tokens."""
        mixed = self.norm(self.convolution(tokens.transpose(1, 2)).transpose(1, 2))
        return nn.functional.max_pool1d(nn.functional.elu(mixed).transpose(1, 2), 3, stride=2, padding=1).transpose(
            1, 2
        )


def drawn_keys(steps: int, *, count: int) -> Int64[Tensor, "steps count"]:
    """For each query the numbers of `count` keys, drawn with replacement, always alike."""
    return torch.randint(steps, (steps, count), generator=torch.Generator().manual_seed(SEED))


def sinusoids(steps: int, *, width: int) -> Float32[Tensor, "steps width"]:
    """Positions of Vaswani et al. 2017: sine and cosine in turn, of wavelengths from 2 pi to 10,000 * 2 pi steps."""
    rates = torch.exp(torch.arange(0, width, 2) * (-math.log(10_000.0) / width))
    angles = torch.arange(steps)[:, None] * rates
    return torch.stack([angles.sin(), angles.cos()], dim=2).flatten(1)[:, :width]
