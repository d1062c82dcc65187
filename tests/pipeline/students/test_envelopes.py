"""The part that a window's envelopes tell: when a site moves how much, whatever its mount; nothing of silent sites."""

import numpy as np
import pytest
import torch
from equigait.pipeline.augmentation.mounts import rotation_matrices
from equigait.pipeline.students.envelopes import POWER_FLOOR, SiteEnvelopes
from equigait.pipeline.students.patch_transformer import PatchTransformer
from equigait.pipeline.students.settings import PatchTransformerSettings
from equigait.pipeline.students.table import build_student

PATCHES, STEPS = 5, 50


def envelopes_of(sites: int = 2) -> SiteEnvelopes:
    torch.manual_seed(0)
    return SiteEnvelopes(channels=6 * sites, patches=PATCHES, width=4)


def windows(batch: int = 3, channels: int = 12) -> torch.Tensor:
    return torch.randn(batch, channels, STEPS, generator=torch.Generator().manual_seed(1))


def test_the_envelope_is_the_log_of_the_movement_s_root_mean_square_patch_by_patch() -> None:
    window = windows(batch=1)
    found = envelopes_of().log_power(window)[0, 1, 1]  # the second site's rate
    rate = window[0, 9:12].double().numpy()
    rate = rate - rate.mean(axis=1, keepdims=True)
    sizes = (rate**2).sum(0).reshape(PATCHES, STEPS // PATCHES).mean(1)
    np.testing.assert_allclose(found.numpy(), np.log(np.sqrt(sizes + POWER_FLOOR)), rtol=1e-4)


def test_a_movement_shows_in_its_patch_and_in_its_site_alone() -> None:
    window = torch.zeros(1, 12, STEPS)
    window[0, 6, 20:30] = torch.tensor([1.0, -1.0]).repeat(5)
    found = envelopes_of().log_power(window)[0]
    assert found.argmax().item() == found[1, 0].argmax().item() + found[:1].numel()
    assert found[1, 0].argmax().item() == 2
    assert torch.equal(found[0], found[0, 0, 0].expand(2, PATCHES))


def test_a_turned_sensor_has_the_same_envelope() -> None:
    window = windows(batch=1)
    turn = rotation_matrices(torch.nn.functional.normalize(torch.ones(3), dim=0), angle_radians=torch.tensor(1.1))
    turned = (turn @ window.reshape(1, 2, 2, 3, STEPS)).reshape(window.shape)
    torch.testing.assert_close(envelopes_of().log_power(turned), envelopes_of().log_power(window))


def test_a_missing_site_says_nothing() -> None:
    window, other = windows(batch=1), windows(batch=1)
    window[0, 6:], other[0, 6:] = 0.0, 0.0
    part = envelopes_of()
    only_first = part.log_power(window)
    only_first[:, 1] = 0.0
    torch.testing.assert_close(part(window), part.tell(only_first.flatten(1)))


def student_with_envelopes(**settings: object) -> PatchTransformer:
    sizes = PatchTransformerSettings(width=16, layers=1, heads=2, embedding=64, envelopes=True, **settings)
    student = build_student(sizes, channels=12, steps=STEPS, seed=0)
    assert isinstance(student, PatchTransformer)
    return student.eval()


def test_half_of_the_embedding_tells_the_envelopes_and_the_rest_cannot_see_them() -> None:
    student = student_with_envelopes()
    assert student.envelopes is not None
    with torch.no_grad():
        whole, part = student(windows()), student.envelopes(student.standardise(windows()))
        assert torch.equal(whole[:, -32:], part)
        student.envelopes.tell.weight.zero_()
        assert torch.equal(student(windows())[:, :-32], whole[:, :-32])


def test_branches_that_leave_the_patches_no_room_are_refused() -> None:
    with pytest.raises(ValueError, match="phases and envelopes"):
        PatchTransformerSettings(phases=True, envelopes=True)
