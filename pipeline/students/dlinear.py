"""DLinear: a moving average and what it leaves, each through one linear map a channel; then one linear layer.

Zeng et al. 2023, "Are transformers effective for time series forecasting?", section 4 and figure 2, with maps for each
channel of its own. Where the paper forecasts as many steps as asked for, the maps give as many as the window has. The
embedding is an affine function of the standardised window: what no such function can tell, it cannot.
"""

from jaxtyping import Float, Float32
from torch import Tensor, nn

from .settings import DLinearSettings
from .student import Student


class DLinear(Student):
    """Trend and remainder of each channel through linear maps over time, added; all of that to one embedding.

    Windows `[batch, channels, steps]` in SI units to embeddings `[batch, embedding]`.

        >>> import torch
        >>> student = DLinear(DLinearSettings(), channels=6, steps=250)
        >>> student(torch.randn(2, 6, 250)).shape
        torch.Size([2, 256])
    """

    def __init__(self, settings: DLinearSettings, *, channels: int, steps: int) -> None:
        super().__init__(channels=channels, steps=steps, embedding=settings.embedding, token_width=channels)
        self.kernel = settings.kernel
        self.trend, self.remainder = (_maps(channels, steps) for _ in range(2))
        self.embed = nn.Linear(channels * steps, settings.embedding)

    def encode(self, standardised: Float32[Tensor, "batch channels steps"]) -> Float[Tensor, "batch embedding"]:
        """One embedding a standardised window."""
        embedding: Tensor = self.embed(self.tokens(standardised).flatten(1))
        return embedding

    def tokens(self, standardised: Float32[Tensor, "batch channels steps"]) -> Float[Tensor, "batch steps channels"]:
        """One token a step: what the maps give for it, channel by channel."""
        trend = moving_average(standardised, kernel=self.kernel)
        mapped: Tensor = self.trend(trend) + self.remainder(standardised - trend)
        return mapped.reshape(-1, self.channels, self.steps).transpose(1, 2)


def moving_average(
    signal: Float32[Tensor, "batch channels steps"], *, kernel: int
) -> Float32[Tensor, "batch channels steps"]:
    """The mean of the `kernel` steps about each; the first and the last value are repeated beyond the ends."""
    half = (kernel - 1) // 2
    return nn.functional.avg_pool1d(nn.functional.pad(signal, (half, half), mode="replicate"), kernel, stride=1)


def _maps(channels: int, steps: int) -> nn.Conv1d:
    """A linear map over time for each channel: a convolution as long as the window, in groups of one channel."""
    return nn.Conv1d(channels, channels * steps, steps, groups=channels)
