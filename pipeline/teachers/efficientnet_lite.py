"""EfficientNet-Lite0 as a network of images, and its published weights (extra `teachers`): ImageNet classification.

Tan and Le, "EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks", 2019, table 1; the Lite variants
have ReLU6 for swish, no squeeze and excitation, and TensorFlow's padding, as its authors describe them.
"""

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

STAGES = (
    (1, 3, 1, 16, 1),
    (6, 3, 2, 24, 2),
    (6, 5, 2, 40, 2),
    (6, 3, 2, 80, 3),
    (6, 5, 1, 112, 3),
    (6, 5, 2, 192, 4),
    (6, 3, 1, 320, 1),
)
"""Expansion, kernel, stride of the first block, channels out, blocks."""
STEM, HEAD = 32, 1280
EPSILON = 1e-3
"""Of batch normalisation, as in training."""


class SameConv(nn.Conv2d):
    """A convolution padded as TensorFlow's SAME: what is odd of the padding goes to the right and to the bottom."""

    def forward(self, pixels: Tensor) -> Tensor:
        """The convolved map."""
        pads: list[int] = []
        for side, kernel, stride in zip(pixels.shape[:1:-1], self.kernel_size[::-1], self.stride[::-1], strict=True):
            whole = max(0, (-(-side // stride) - 1) * stride + kernel - side)
            pads += [whole // 2, whole - whole // 2]
        return self._conv_forward(functional.pad(pixels, pads), self.weight, self.bias)


class Block(nn.Module):
    """An inverted bottleneck: expand, convolve each channel, project; added to its input where sizes allow."""

    def __init__(self, before: int, after: int, *, expansion: int, kernel: int, stride: int) -> None:
        super().__init__()
        wide = before * expansion
        self.expands, self.adds = expansion > 1, stride == 1 and before == after
        if self.expands:
            self.expand_conv, self.bn0 = nn.Conv2d(before, wide, 1, bias=False), nn.BatchNorm2d(wide, EPSILON)
        self.depthwise_conv = SameConv(wide, wide, kernel, stride, groups=wide, bias=False)
        self.bn1 = nn.BatchNorm2d(wide, EPSILON)
        self.project_conv, self.bn2 = nn.Conv2d(wide, after, 1, bias=False), nn.BatchNorm2d(after, EPSILON)

    def forward(self, pixels: Tensor) -> Tensor:
        """The map after the block."""
        wide = functional.relu6(self.bn0(self.expand_conv(pixels))) if self.expands else pixels
        wide = functional.relu6(self.bn1(self.depthwise_conv(wide)))
        narrow: Tensor = self.bn2(self.project_conv(wide))
        return narrow + pixels if self.adds else narrow


class EfficientNetLite0(nn.Module):
    """Images `[images, 3, size, size]` to features `[images, 1280]`, the mean of the last map; `fc` classifies them."""

    def __init__(self) -> None:
        super().__init__()
        self.conv_stem, self.bn0 = SameConv(3, STEM, 3, 2, bias=False), nn.BatchNorm2d(STEM, EPSILON)
        blocks, before = [], STEM
        for expansion, kernel, stride, after, count in STAGES:
            for number in range(count):
                step = stride if number == 0 else 1
                blocks.append(Block(before, after, expansion=expansion, kernel=kernel, stride=step))
                before = after
        self.blocks = nn.Sequential(*blocks)
        self.conv_head, self.bn1 = nn.Conv2d(before, HEAD, 1, bias=False), nn.BatchNorm2d(HEAD, EPSILON)
        self.fc = nn.Linear(HEAD, 1000)

    def forward(self, pixels: Tensor) -> Tensor:
        """Features of images. Channels last: half the time on a CPU (25 against 50 ms a frame, float32, one core)."""
        last = pixels.contiguous(memory_format=torch.channels_last)
        found = self.blocks(functional.relu6(self.bn0(self.conv_stem(last))))
        return functional.relu6(self.bn1(self.conv_head(found))).mean(dim=(2, 3))


def as_published(weights: dict[str, Any]) -> dict[str, Tensor]:
    """Weights by the names of this module: the published names put an underscore before each part."""
    return {".".join(part.removeprefix("_") for part in key.split(".")): value for key, value in weights.items()}


def feature(network: Any, pixels: Tensor) -> Tensor:
    """One feature a frame, float32."""
    found: Tensor = network(pixels)
    return found.float()
