"""MOMENT: a foundation model of single time series, one channel after the other (Goswami et al. 2024).

The encoder is T5's, of transformers. As published, a series is standardised by its own mean and deviation, so that the
network sees its shape and not its size; patches of 8 steps become tokens by a linear layer, sinusoidal positions are
added, and what comes of a series is the mean of its tokens. The network reads 512 steps; a shorter window stands at
their end, and of what is missing before it nothing is computed: nothing would attend to it.
"""

from typing import TYPE_CHECKING, Any

import torch
from jaxtyping import Float, Float32
from torch import Tensor, nn

from .informer import sinusoids
from .moment_weights import load_weights, read_t5_config, weights_folder
from .settings import MomentSettings
from .slices import in_slices
from .student import Student, active_channels

if TYPE_CHECKING:
    from transformers.models.t5.modeling_t5 import T5Stack

STEPS, PATCH_STEPS = 512, 8
"""What the published network reads, in patches without overlap."""
SMALLEST_DEVIATION = 1e-5
"""Added to a series' own deviation, as published."""
SMALL = {"d_model": 512, "d_kv": 64, "d_ff": 1024, "num_heads": 6, "feed_forward_proj": "gated-gelu"}
"""MOMENT-1-small, whose encoder has the sizes of google/flan-t5-small."""
GAIN = 1.41
"""Of the orthogonal matrix that patches are multiplied by at a random start, as published."""


class Moment(Student):
    """MOMENT's mean token of each channel, averaged over channels or concatenated, to one embedding.

    Windows `[batch, channels, steps]` in SI units to embeddings `[batch, embedding]`.

        >>> student = Moment(MomentSettings(layers=1), channels=6, steps=250)
        >>> student(torch.randn(2, 6, 250)).shape
        torch.Size([2, 256])
    """

    def __init__(self, settings: MomentSettings, *, channels: int, steps: int) -> None:
        network = _network(settings)
        width = network.width if settings.reduction == "mean" else channels * network.width
        super().__init__(channels=channels, steps=steps, embedding=settings.embedding, token_width=width)
        self.network, self.most, self.reduction = network, settings.series_at_once, settings.reduction
        self.frozen = settings.frozen
        self.network.requires_grad_(not settings.frozen)
        self.embed = nn.Linear(width, settings.embedding)

    def train(self, mode: bool = True) -> "Moment":
        """Training mode, in which a frozen network still drops nothing."""
        super().train(mode)
        if self.frozen:
            self.network.eval()
        return self

    def encode(self, standardised: Float32[Tensor, "batch channels steps"]) -> Float[Tensor, "batch embedding"]:
        """One embedding a standardised window: from the mean of its tokens."""
        embedding: Tensor = self.embed(self.tokens(standardised).mean(dim=1))
        return embedding

    def tokens(self, standardised: Float32[Tensor, "batch channels steps"]) -> Float[Tensor, "batch patches width"]:
        """One token a patch: the mean of the active channels', or all channels' concatenated, zero for missing ones."""
        read = in_slices(self.network, standardised.flatten(0, 1), most=self.most)
        each = read.reshape(-1, self.channels, *read.shape[1:])
        active = active_channels(standardised)[..., None, None]
        each = torch.where(active, each, 0.0)
        if self.reduction == "concat":
            return each.transpose(1, 2).flatten(2)
        return each.sum(dim=1) / active.sum(dim=1).clamp_min(1)


class MomentNetwork(nn.Module):
    """Series `[series, steps]` to tokens `[series, patches, width]`."""

    positions: Tensor

    def __init__(self, encoder: "T5Stack", *, width: int, dropout: float) -> None:
        super().__init__()
        self.width = width
        self.value_embedding = nn.Linear(PATCH_STEPS, width, bias=False)
        nn.init.orthogonal_(self.value_embedding.weight, gain=GAIN)
        self.register_buffer("positions", sinusoids(STEPS // PATCH_STEPS, width=width), persistent=False)
        self.dropout, self.encoder = nn.Dropout(dropout), encoder

    def forward(self, series: Float32[Tensor, "series steps"]) -> Float[Tensor, "series patches width"]:
        """The encoder's tokens of the whole patches at the end of each series."""
        deviation, mean = torch.std_mean(series.detach(), dim=1, correction=0, keepdim=True)
        own = (series - mean) / (deviation + SMALLEST_DEVIATION)
        count = own.shape[1] // PATCH_STEPS
        patches = own[:, -count * PATCH_STEPS :].reshape(-1, count, PATCH_STEPS)
        tokens = self.value_embedding(patches) + self.positions[-count:]
        encoded: Tensor = self.encoder(inputs_embeds=self.dropout(tokens)).last_hidden_state
        return encoded


def _network(settings: MomentSettings) -> MomentNetwork:
    from transformers import T5Config  # late: it takes seconds
    from transformers.models.t5.modeling_t5 import T5Stack

    folder = weights_folder(settings.weights) if settings.weights else None
    sizes: dict[str, Any] = read_t5_config(folder) if folder else {**SMALL, "num_layers": settings.layers}
    asked = {"dropout_rate": settings.dropout, "vocab_size": 1, "eos_token_id": None, "use_cache": False}
    config = T5Config(**(sizes | asked))
    encoder = T5Stack(config)
    encoder.embed_tokens = nn.Identity()  # type: ignore[assignment]  # a series has no words to embed
    network = MomentNetwork(encoder, width=config.d_model, dropout=settings.dropout)
    if folder:
        load_weights(network, folder)
    return network
