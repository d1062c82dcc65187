"""Left and right exchanged: seen by roll on the trunk and by the diagonal in the legs, never in sound recordings."""

from dataclasses import replace

import numpy as np
import pytest
from equigait.data.quality.sides import diagonal_lead, roll_agreement, side_remarks
from equigait.data.quality.signals import sensor_facts
from equigait.data.recording import ImuStream
from equigait.data.sync.sensors import signals_by_site
from posed_motion import make_posed, turned


def streams(horse: int, *, sites: str = "trunk-5") -> list[ImuStream]:
    return make_posed(1300, horse=horse, seconds=45.0, max_skew_seconds=3.0, sites=sites)[1]


def renamed(given: list[ImuStream], names: dict[str, str]) -> list[ImuStream]:
    return [replace(stream, site=names.get(stream.site, stream.site)) for stream in given]


def remarks(given: list[ImuStream]) -> tuple[str, ...]:
    facts = {stream.site: sensor_facts(stream) for stream in given}
    return side_remarks(given, facts=facts, signals=signals_by_site(given))


@pytest.mark.parametrize("horse", [0, 1, 2])
def test_exchanged_hips_are_suspected_and_sound_ones_are_not(horse: int) -> None:
    sound = streams(horse)
    assert remarks(sound) == ()
    names = {"tuber_coxae_left": "tuber_coxae_right", "tuber_coxae_right": "tuber_coxae_left"}
    (remark,) = remarks(renamed(sound, names))
    assert remark.startswith("suspicion: tuber_coxae_")
    assert "exchanged" in remark


@pytest.mark.parametrize("horse", [0, 1, 2])
def test_one_exchanged_pair_of_legs_is_suspected_and_sound_ones_are_not(horse: int) -> None:
    sound = streams(horse, sites="limb-4-withers")
    assert remarks(sound) == ()
    names = {"cannon_fore_left": "cannon_fore_right", "cannon_fore_right": "cannon_fore_left"}
    swapped = renamed(sound, names)
    lead = diagonal_lead({stream.site: stream for stream in swapped})
    assert lead == pytest.approx(-diagonal_lead({stream.site: stream for stream in sound}), abs=0.05)
    assert len(remarks(swapped)) == (1 if lead < -0.3 else 0)


def test_x_axes_that_point_backwards_turn_the_sign_of_roll() -> None:
    by_site = {stream.site: stream for stream in streams(0)}
    left, right = by_site["tuber_coxae_left"], by_site["tuber_coxae_right"]
    back = np.diag([-1.0, -1.0, 1.0])
    assert roll_agreement(left, right, signals=signals_by_site([left, right])) > 0.8
    about = [turned(stream, rotation=back) for stream in (left, right)]
    assert roll_agreement(*about, signals=signals_by_site(about)) < -0.8


def test_tilted_sensors_give_no_suspicion() -> None:
    names = {"tuber_coxae_left": "tuber_coxae_right", "tuber_coxae_right": "tuber_coxae_left"}
    aside = np.array([[1.0, 0.0, 0.0], [0.0, 0.0, -1.0], [0.0, 1.0, 0.0]])
    assert remarks([turned(stream, rotation=aside) for stream in renamed(streams(0), names)]) == ()
