"""Patches are projected by a product that says what the convolution would, and no other convolution is touched."""

import pytest
import torch
from equigait.pipeline.teachers.patch_projection import PatchProjection, replace_patch_convolutions
from torch import nn


@pytest.mark.parametrize("bias", [True, False])
def test_a_product_projects_patches_as_the_convolution_does(bias: bool) -> None:
    convolution = nn.Conv3d(3, 20, kernel_size=(2, 4, 8), stride=(2, 4, 8), bias=bias).double()
    clips = torch.randn(5, 6, 3, 12, 32, dtype=torch.float64).permute(0, 2, 1, 3, 4)  # as networks hand them on
    found, expected = PatchProjection(convolution)(clips), convolution(clips)
    assert found.shape == expected.shape == (5, 20, 3, 3, 4)
    torch.testing.assert_close(found, expected, rtol=1e-12, atol=1e-12)


def test_only_convolutions_whose_patches_touch_are_replaced() -> None:
    others = {
        "overlapping": nn.Conv3d(3, 6, kernel_size=2, stride=1),
        "apart": nn.Conv3d(3, 6, kernel_size=2, stride=3),
        "padded": nn.Conv3d(3, 6, kernel_size=2, stride=2, padding=1),
        "spread": nn.Conv3d(3, 6, kernel_size=2, stride=2, dilation=2),
        "in groups": nn.Conv3d(3, 6, kernel_size=2, stride=2, groups=3),
        "of pictures": nn.Conv2d(3, 6, kernel_size=2, stride=2),
    }
    network = nn.ModuleDict({**others, "patches": nn.Sequential(nn.Conv3d(3, 6, kernel_size=2, stride=2))})
    replace_patch_convolutions(network)
    assert {name: network[name] for name in others} == others
    assert isinstance(network["patches"][0], PatchProjection)
