"""DeepConvLSTM: convolutions over time, the same for every channel, then a recurrent network over their features.

Ordóñez and Roggen 2016, "Deep convolutional and LSTM recurrent neural networks for multimodal wearable activity
recognition", figure 3: four convolutions without padding, two LSTM layers, the last step decides.
"""

import torch
from jaxtyping import Float, Float32
from torch import Tensor, nn

from .settings import DeepConvLstmSettings
from .student import Student


class DeepConvLstm(Student):
    """Feature maps of every channel, concatenated at each step, through an LSTM.

    Windows `[batch, channels, steps]` in SI units to embeddings `[batch, embedding]`.

        >>> student = DeepConvLstm(DeepConvLstmSettings(filters=4, width=8), channels=6, steps=250)
        >>> student(torch.randn(2, 6, 250)).shape
        torch.Size([2, 256])
    """

    def __init__(self, settings: DeepConvLstmSettings, *, channels: int, steps: int) -> None:
        super().__init__(channels=channels, steps=steps, embedding=settings.embedding, token_width=settings.width)
        layers: list[nn.Module] = []
        for number in range(settings.convolutions):
            layers += [nn.Conv2d(settings.filters if number else 1, settings.filters, (1, settings.kernel)), nn.ReLU()]
        self.convolutions = nn.Sequential(*layers)
        inputs = channels * settings.filters
        between = settings.dropout if settings.layers > 1 else 0.0
        self.recurrent = nn.LSTM(inputs, settings.width, settings.layers, batch_first=True, dropout=between)
        self.dropout = nn.Dropout(settings.dropout)
        self.embed = nn.Linear(settings.width, settings.embedding)

    def encode(self, standardised: Float32[Tensor, "batch channels steps"]) -> Float[Tensor, "batch embedding"]:
        """One embedding a standardised window: from the last step."""
        embedding: Tensor = self.embed(self.dropout(self.tokens(standardised)[:, -1]))
        return embedding

    def tokens(self, standardised: Float32[Tensor, "batch channels steps"]) -> Float[Tensor, "batch tokens width"]:
        """One token for each step that the convolutions leave."""
        maps: Tensor = self.convolutions(standardised[:, None])  # [batch, filters, channels, steps]
        read, _ = self.recurrent(self.dropout(maps.permute(0, 3, 1, 2).flatten(2)))
        return torch.as_tensor(read)
