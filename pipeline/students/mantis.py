"""Mantis: a foundation model of single time series, one channel after the other (Feofanov et al. 2025).

The network is that of the package mantis-tsfm (extra `students`). It reads 512 steps, so windows are stretched to that
by interpolation, as its authors advise. Its weights are random unless a file is given; nothing is downloaded.
"""

from pathlib import Path

import torch
from jaxtyping import Float, Float32
from safetensors.torch import load_file
from torch import Tensor, nn

from ...data.errors import BadInput
from .settings import MantisSettings
from .slices import in_slices
from .student import Student, active_channels

STEPS = 512
"""What the published network reads."""
WIDTH = 256
"""Its token width, and the length of a channel's embedding."""


class Mantis(Student):
    """Mantis's CLS token of each channel, concatenated, to one embedding.

    Windows `[batch, channels, steps]` in SI units to embeddings `[batch, embedding]`.

        >>> student = Mantis(MantisSettings(layers=1), channels=6, steps=250)
        >>> student(torch.randn(2, 6, 250)).shape
        torch.Size([2, 256])
    """

    def __init__(self, settings: MantisSettings, *, channels: int, steps: int) -> None:
        token_width = channels * WIDTH
        super().__init__(channels=channels, steps=steps, embedding=settings.embedding, token_width=token_width)
        self.network, self.most = _network(settings), settings.series_at_once
        self.embed = nn.Linear(channels * WIDTH, settings.embedding)

    def encode(self, standardised: Float32[Tensor, "batch channels steps"]) -> Float[Tensor, "batch embedding"]:
        """One embedding a standardised window: from the CLS tokens of the active channels."""
        embedding: Tensor = self.embed(self.tokens(standardised)[:, 0])
        return embedding

    def tokens(self, standardised: Float32[Tensor, "batch channels steps"]) -> Float[Tensor, "batch 1 width"]:
        """One token alone, the network's CLS of each channel; zero for a missing channel."""
        series = standardised.flatten(0, 1)[:, None]
        stretched = nn.functional.interpolate(series, size=STEPS, mode="linear", align_corners=False)
        read = in_slices(self.network, stretched, most=self.most).reshape(len(standardised), -1, WIDTH)
        return torch.where(active_channels(standardised)[..., None], read, 0.0).flatten(1)[:, None]


def _network(settings: MantisSettings) -> nn.Module:
    try:
        from mantis.architecture import MantisV1
    except ImportError:
        raise BadInput(
            "student.name",
            found="mantis, without the package mantis-tsfm",
            expected="the extra `students`",
            remedy="Install it: pip install 'equigait[students]'.",
        ) from None
    network: nn.Module = MantisV1(
        seq_len=STEPS,
        hidden_dim=WIDTH,
        transf_depth=settings.layers,
        transf_dropout=settings.dropout,
        device="cpu",  # its default is CUDA
    )
    network.prj = nn.Identity()  # a projection that only its own pre-training uses
    if settings.weights is not None:
        _load(network, Path(settings.weights))
    return network


def _load(network: nn.Module, path: Path) -> None:
    if not path.is_file():
        raise BadInput(path, found="no such file", expected="a safetensors file", remedy="Check student.weights.")
    weights = {name: value for name, value in load_file(path).items() if not name.startswith("prj.")}
    try:
        network.load_state_dict(weights, strict=True)
    except RuntimeError as error:
        reason = str(error).splitlines()[1].strip()
        raise BadInput(
            path, found=f"other weights ({reason})", expected="those of Mantis-8M", remedy="Check student.weights."
        ) from None
