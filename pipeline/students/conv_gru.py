"""Convolutions that shorten the window, then a GRU over time: IMU2CLIP's idea of an encoder (Moon et al. 2022).

The GRU's sequence is time, and the convolutions' feature maps are its input at each step. So any window length and any
number of channels will do; the released encoder had the two exchanged and took one length only.
"""

import torch
from jaxtyping import Float, Float32
from torch import Tensor, nn

from .settings import ConvGruSettings
from .student import Student


class ConvGru(Student):
    """Convolution, GELU and pooling, a few times; group norm; GRU; its last state to the embedding.

    Windows `[batch, channels, steps]` in SI units to embeddings `[batch, embedding]`.

        >>> student = ConvGru(ConvGruSettings(width=32), channels=6, steps=250)
        >>> student(torch.randn(2, 6, 250)).shape
        torch.Size([2, 256])
    """

    def __init__(self, settings: ConvGruSettings, *, channels: int, steps: int) -> None:
        super().__init__(channels=channels, steps=steps, embedding=settings.embedding, token_width=settings.width)
        layers: list[nn.Module] = []
        inputs = channels
        for kernel in settings.kernels:
            layers += [nn.Conv1d(inputs, settings.filters, kernel, padding="same"), nn.GELU()]
            layers += [nn.MaxPool1d(settings.pool)]
            inputs = settings.filters
        self.convolutions = nn.Sequential(*layers, nn.GroupNorm(4, settings.filters))
        self.recurrent = nn.GRU(settings.filters, settings.width, batch_first=True)
        self.dropout = nn.Dropout(settings.dropout)
        self.embed = nn.Linear(settings.width, settings.embedding)

    def encode(self, standardised: Float32[Tensor, "batch channels steps"]) -> Float[Tensor, "batch embedding"]:
        """One embedding a standardised window: from the last state."""
        embedding: Tensor = self.embed(self.dropout(self.tokens(standardised)[:, -1]))
        return embedding

    def tokens(self, standardised: Float32[Tensor, "batch channels steps"]) -> Float[Tensor, "batch tokens width"]:
        """One token for each step that pooling leaves."""
        read, _ = self.recurrent(self.dropout(self.convolutions(standardised).transpose(1, 2)))
        return torch.as_tensor(read)
