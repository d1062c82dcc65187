"""Left and right: the lead of a canter and the half strides of a trot, as the simulated horse goes."""

from dataclasses import replace

import numpy as np
import pytest
from equigait.data.simulate import imu_streams, stride_phase
from moving_horses import analysed, mirrored, ride_of

LEAD_SITES = [
    ("sacrum",),
    ("withers",),
    ("poll",),
    ("tuber_coxae_right",),
    ("cannon_hind_left", "cannon_hind_right"),
    ("cannon_fore_left", "cannon_fore_right", "withers"),
]


@pytest.mark.parametrize("sites", LEAD_SITES, ids="+".join)
def test_the_lead_of_the_canter_is_found_from_any_site_of_the_trunk_or_a_pair_of_limbs(sites: tuple[str, ...]) -> None:
    right, strides, leads = 0, 0, set()
    for horse in range(5):
        ride = ride_of("canter", horse=horse, sites=sites, seconds=15.0)
        truth = ride.bouts[0].gait.removeprefix("canter_")
        lead = analysed(ride).lead
        assert lead is not None
        assert lead.name == truth
        right += int(np.sum(lead.left == (1.0 if truth == "left" else -1.0)))
        strides += lead.left.size
        leads.add(truth)
    assert leads == {"left", "right"}
    assert right >= 0.98 * strides


def test_the_lead_of_a_horse_in_the_mirror_is_the_other_one() -> None:
    ride = ride_of("canter", horse=1, seconds=15.0)
    streams = imu_streams(ride)
    leads = [analysed(ride, each).lead for each in (streams, mirrored(streams))]
    assert {lead.name for lead in leads if lead is not None} == {"left", "right"}


def test_a_sensor_turned_by_half_does_not_outweigh_the_other_sites() -> None:
    ride = ride_of("canter", horse=1, seconds=15.0, sites=("sacrum", "withers", "tuber_coxae_left"))
    back_to_front = np.array([-1.0, -1.0, 1.0])
    sacrum, *others = imu_streams(ride)
    turned = replace(
        sacrum,
        specific_force=sacrum.specific_force * back_to_front,
        angular_rate=sacrum.angular_rate * back_to_front,
    )
    lead = analysed(ride, (turned, *others)).lead
    assert lead is not None
    assert lead.name == ride.bouts[0].gait.removeprefix("canter_")


def test_a_trunk_that_rolls_as_in_neither_lead_gives_none_but_the_reason() -> None:
    ride = ride_of("canter", horse=1, seconds=15.0, sites=("sacrum",), mount_sd_degrees=0.0)
    stream = imu_streams(ride)[0]
    rate = stream.angular_rate.copy()
    rate[:, 0] = np.gradient(rate[:, 0], stream.time_seconds) / 10.0  # a quarter of a stride ahead
    rate[:, 1] = 0.0
    found = analysed(ride, (replace(stream, angular_rate=rate),))
    assert found.lead is not None
    assert found.lead.name is None
    assert "neither" in found.reasons["lead"]


def test_one_limb_alone_gives_no_lead_but_the_reason() -> None:
    ride = ride_of("canter", horse=1, seconds=15.0, sites=("cannon_fore_left",))
    found = analysed(ride)
    assert found.lead is not None
    assert found.lead.name is None
    assert "cannon sensors of both sides" in found.reasons["lead"]


@pytest.mark.parametrize(
    "sites", [("sacrum",), ("tuber_coxae_left", "withers"), ("cannon_fore_right", "poll"), ("cannon_hind_right",)]
)
def test_strides_of_a_trot_begin_with_the_left_hinds_stance(sites: tuple[str, ...]) -> None:
    for horse in range(4):
        ride = ride_of("trot", horse=horse, sites=sites, seconds=15.0)
        strides = analysed(ride).strides
        assert strides.left_first.all()
        phase = (stride_phase(ride, time_seconds=strides.start_seconds) + 0.5) % 1.0 - 0.5
        assert np.abs(phase).max() < 0.2, "the left hind touches the ground at phase 0, the right one at 0.5"


def test_without_pelvis_and_limbs_the_sides_are_unknown_and_the_reason_is_given() -> None:
    found = analysed(ride_of("trot", horse=0, sites=("poll", "withers"), seconds=15.0))
    assert not found.strides.left_first.any()
    assert "sacrum, tuber coxae or the cannon bones" in found.reasons["side"]
