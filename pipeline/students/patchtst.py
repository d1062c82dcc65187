"""PatchTST: every channel encoded by itself with the same weights (Nie et al. 2023, "A time series is worth 64 words").

The network is Hugging Face's. Channels meet only in the last layer, which takes each one's CLS token. Norm is by layer,
not by batch: a window's embedding must not depend on what shares its batch, nor on how many machines share the batch.
"""

from typing import TYPE_CHECKING

import torch
from jaxtyping import Float, Float32
from torch import Tensor, nn

from .settings import PatchTstSettings
from .slices import in_slices
from .student import Student, active_channels

if TYPE_CHECKING:
    from transformers import PatchTSTModel

POSITION_SPREAD = 0.02
"""Bound of positions at the start (Nie et al. 2023, as released)."""


class PatchTst(Student):
    """Patches of one channel to tokens, CLS in front, shared blocks; all channels' CLS to one embedding.

    Windows `[batch, channels, steps]` in SI units to embeddings `[batch, embedding]`.

        >>> student = PatchTst(PatchTstSettings(width=16, layers=1, heads=2), channels=6, steps=250)
        >>> student(torch.randn(2, 6, 250)).shape
        torch.Size([2, 256])
    """

    def __init__(self, settings: PatchTstSettings, *, channels: int, steps: int) -> None:
        token_width = channels * settings.width
        super().__init__(channels=channels, steps=steps, embedding=settings.embedding, token_width=token_width)
        self.network = _network(settings, channels=channels, steps=steps)
        self.most = max(1, settings.series_at_once // channels)
        self.norm = nn.LayerNorm(settings.width)  # the library's blocks norm before each sublayer, not after the last
        self.embed = nn.Linear(channels * settings.width, settings.embedding)

    def encode(self, standardised: Float32[Tensor, "batch channels steps"]) -> Float[Tensor, "batch embedding"]:
        """One embedding a standardised window: from the CLS tokens of the active channels."""
        embedding: Tensor = self.embed(self._encode_channels(standardised)[:, :, 0].flatten(1))
        return embedding

    def tokens(self, standardised: Float32[Tensor, "batch channels steps"]) -> Float[Tensor, "batch patches width"]:
        """One token a patch: all channels' concatenated."""
        return self._encode_channels(standardised)[:, :, 1:].transpose(1, 2).flatten(2)

    def _encode_channels(self, standardised: Tensor) -> Tensor:
        """[batch, channels, CLS and patches, width]; zero for missing channels."""
        read = self.norm(in_slices(self._states, standardised, most=self.most))
        return torch.where(active_channels(standardised)[:, :, None, None], read, 0.0)

    def _states(self, standardised: Tensor) -> Tensor:
        states: Tensor = self.network(past_values=standardised.transpose(1, 2)).last_hidden_state
        return states


def _network(settings: PatchTstSettings, *, channels: int, steps: int) -> "PatchTSTModel":
    from transformers import PatchTSTConfig, PatchTSTModel  # late: it takes seconds

    config = PatchTSTConfig(
        num_input_channels=channels,
        context_length=steps,
        patch_length=settings.patch_steps,
        patch_stride=settings.patch_steps,
        d_model=settings.width,
        num_hidden_layers=settings.layers,
        num_attention_heads=settings.heads,
        ffn_dim=settings.width * settings.expansion,
        use_cls_token=True,
        norm_type="layernorm",
        positional_encoding_type="random",  # its name for learned positions
        scaling=None,  # the student standardises; scaling each window would hide its amplitude
        attention_dropout=settings.dropout,
        positional_dropout=settings.dropout,
        ff_dropout=settings.dropout,
        path_dropout=settings.dropout,
    )
    network = PatchTSTModel(config)
    # The library starts positions at a spread of 1, in which patches (0.06) drown and nothing is learned.
    nn.init.uniform_(network.encoder.positional_encoder.position_enc, -POSITION_SPREAD, POSITION_SPREAD)
    return network
