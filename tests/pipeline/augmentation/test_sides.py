"""Left and right by name: how yards and devices write it."""

import pytest
from equigait.pipeline.augmentation.sides import mirrored_name, partners

SIDES = [
    ("tuber_coxae_left", "tuber_coxae_right"),
    ("LF", "RF"),
    ("lf_cannon", "rf_cannon"),
    ("Left_fore", "Right_fore"),
    ("LEFT-HIND", "RIGHT-HIND"),
    ("LeftHind", "RightHind"),
    ("near_fore", "off_fore"),
    ("fl", "fr"),
    ("HL", "HR"),
    ("cannon.hl", "cannon.hr"),
    ("wrist_l", "wrist_r"),
]


@pytest.mark.parametrize(("left", "right"), SIDES)
def test_each_side_names_the_other(left: str, right: str) -> None:
    assert (mirrored_name(left), mirrored_name(right)) == (right, left)
    assert partners(["withers", left, right]) == (0, 2, 1)


@pytest.mark.parametrize("name", ["withers", "poll", "sacrum", "girth", "saddle_rear", "canter", "Elbow2"])
def test_a_name_without_a_side_stays(name: str) -> None:
    assert mirrored_name(name) == name
