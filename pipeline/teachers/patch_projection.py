"""Patches that touch and do not overlap, projected by one matrix product instead of a convolution.

cuDNN takes many times as long for such a convolution over three axes in bfloat16 as for the product that it amounts to.
"""

from itertools import chain

from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional


class PatchProjection(nn.Module):
    """What a convolution makes of a clip whose sides its patches divide, up to rounding."""

    def __init__(self, convolution: nn.Conv3d) -> None:
        super().__init__()
        self.weight, self.bias, self.patch = convolution.weight, convolution.bias, convolution.kernel_size

    def forward(self, clips: Float[Tensor, "clips colours frames rows columns"]) -> Float[Tensor, "clips dim t y x"]:
        """The projection of each patch, with patches along time, down and across as last axes."""
        sides = [(side // patch, patch) for side, patch in zip(clips.shape[2:], self.patch, strict=True)]
        cut = clips.reshape(*clips.shape[:2], *chain.from_iterable(sides))
        patches = cut.permute(0, 2, 4, 6, 1, 3, 5, 7).flatten(4)
        return functional.linear(patches, self.weight.flatten(1), self.bias).movedim(-1, 1)


def replace_patch_convolutions(encoder: nn.Module) -> None:
    """Puts a `PatchProjection` in the place of every convolution over three axes that is one."""
    for module in list(encoder.modules()):
        for name, child in module.named_children():
            if isinstance(child, nn.Conv3d) and _is_projection(child):
                setattr(module, name, PatchProjection(child))


def _is_projection(convolution: nn.Conv3d) -> bool:
    whole = convolution.groups == 1 and set(convolution.dilation) == {1} and set(convolution.padding) == {0}
    return whole and convolution.stride == convolution.kernel_size
