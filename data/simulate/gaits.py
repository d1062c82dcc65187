"""How a horse goes: tempo, footfalls and the waves of trunk, head and limbs in walk, trot and canter.

Figures are those of a horse of 1.60 m: stride frequency, duty factor, footfall phase and amplitudes after Licka 2001,
Faber 2000/2001, Buchner 2000, Clayton 1994, Galloux and Witte 2006, where these leave gaps engineering estimates.
A wave is `sum amplitude * cos(2 pi harmonic (phase - at))`, phase in strides; phase 0 is the contact of the left hind
in walk, trot and right canter, of the right hind in left canter. Limbs are ordered LH, LF, RH, RF.
"""

from dataclasses import dataclass, replace

LIMBS = ("hind_left", "fore_left", "hind_right", "fore_right")


@dataclass(frozen=True)
class Harmonic:
    """One cosine of a wave over the stride."""

    amplitude: float
    """In the wave's own unit: metres or degrees."""
    harmonic: int
    """Cycles a stride."""
    at: float
    """Phase, in strides, of a maximum."""


Wave = tuple[Harmonic, ...]


@dataclass(frozen=True)
class Gait:
    """One gait of the average horse."""

    label: str
    """The label that people give it: leads of the canter share theirs."""
    stride_hz: float
    speed_m_s: float
    footfall: tuple[float, float, float, float]
    """Phase of ground contact of LH, LF, RH, RF."""
    duty_fore: float
    """Share of the stride that a forehoof is on the ground."""
    duty_hind: float
    withers_z: Wave
    """Metres."""
    sacrum_z: Wave
    """Metres. With `withers_z` it makes the pitch of the trunk."""
    poll_z: Wave
    """Metres."""
    surge: Wave
    """Fore-aft movement of the trunk within the stride, metres."""
    sway: Wave
    """Movement of the trunk to the left, metres."""
    roll_withers: Wave
    """Degrees."""
    roll_pelvis: Wave
    """Degrees."""
    yaw: Wave
    """Degrees."""
    nod: Wave
    """Pitch of the head beyond what the neck gives, degrees, nose down positive."""
    lift_m: float
    """Height of the hoof's path in swing."""
    carpus_degrees: float
    """Peak flexion of the carpus in swing."""
    fetlock_stance_degrees: float
    """Peak extension of the fetlock in stance."""
    fetlock_swing_degrees: float
    """Peak flexion of the fetlock in swing."""
    impact_g: tuple[float, float]
    """Range of the peak of a hoof's impact at the cannon bone."""


def _wave(*harmonics: tuple[float, int, float]) -> Wave:
    return tuple(Harmonic(amplitude, harmonic, at) for amplitude, harmonic, at in harmonics)


WALK = Gait(
    label="walk",
    stride_hz=0.93,
    speed_m_s=1.5,
    footfall=(0.0, 0.24, 0.50, 0.74),
    duty_fore=0.64,
    duty_hind=0.625,
    # Each end of the trunk vaults over its standing limb, so the two ends rise in turn and the trunk pitches.
    withers_z=_wave((0.0185, 2, 0.06)),
    sacrum_z=_wave((0.026, 2, 0.31)),
    poll_z=_wave((0.052, 2, 0.22)),
    surge=_wave((0.010, 2, 0.45)),
    sway=_wave((0.020, 1, 0.31)),
    roll_withers=_wave((2.0, 1, 0.06)),
    roll_pelvis=_wave((6.5, 1, 0.10)),
    yaw=_wave((1.5, 1, 0.0)),
    nod=_wave((4.0, 2, 0.45)),
    lift_m=0.11,
    carpus_degrees=64.0,
    fetlock_stance_degrees=8.0,
    fetlock_swing_degrees=52.0,
    impact_g=(2.0, 5.0),
)

TROT = Gait(
    label="trot",
    stride_hz=1.34,
    speed_m_s=3.6,
    footfall=(0.0, 0.50, 0.50, 0.0),
    duty_fore=0.42,
    duty_hind=0.40,
    # Lowest in the middle of each diagonal's stance. With half-sine loads the fourth harmonic is a tenth of the second
    # in acceleration: it makes the suspension a flat free fall.
    withers_z=_wave((0.0310, 2, 0.484), (0.0008, 4, 0.230)),
    sacrum_z=_wave((0.0330, 2, 0.426), (0.0008, 4, 0.180)),
    poll_z=_wave((0.0290, 2, 0.485)),
    surge=_wave((0.006, 2, 0.08)),
    sway=_wave((0.008, 1, 0.20)),
    roll_withers=_wave((1.6, 2, 0.10)),
    roll_pelvis=_wave((1.8, 2, 0.12), (1.0, 1, 0.2)),
    yaw=_wave((1.0, 1, 0.0)),
    nod=_wave((1.5, 2, 0.30)),
    lift_m=0.20,
    carpus_degrees=120.0,
    fetlock_stance_degrees=16.0,
    fetlock_swing_degrees=64.0,
    impact_g=(8.0, 20.0),
)

CANTER_LEFT = Gait(
    label="canter",
    stride_hz=1.70,
    speed_m_s=4.6,
    footfall=(0.26, 0.50, 0.0, 0.26),
    duty_fore=0.37,
    duty_hind=0.38,
    # Phases fitted so that the trunk's middle falls freely from the last lift-off to the next contact.
    withers_z=_wave((0.055, 1, 0.017), (0.0140, 2, 0.450), (0.0028, 3, 0.108)),
    sacrum_z=_wave((0.057, 1, 0.805), (0.0140, 2, 0.450), (0.0028, 3, 0.108)),
    poll_z=_wave((0.070, 1, 0.02), (0.012, 2, 0.46)),
    surge=_wave((0.015, 1, 0.68)),
    sway=_wave((0.012, 1, 0.30)),
    roll_withers=_wave((3.8, 1, 0.66)),
    roll_pelvis=_wave((4.6, 1, 0.62)),
    yaw=_wave((2.0, 1, 0.15)),
    nod=_wave((4.0, 1, 0.60)),
    lift_m=0.32,
    carpus_degrees=158.0,
    fetlock_stance_degrees=20.0,
    fetlock_swing_degrees=68.0,
    impact_g=(12.0, 30.0),
)


def _mirrored(gait: Gait) -> Gait:
    """The same gait with left and right exchanged: limbs swap sides, lateral movements change sign."""
    left_hind, left_fore, right_hind, right_fore = gait.footfall
    lateral = {
        name: tuple(Harmonic(-h.amplitude, h.harmonic, h.at) for h in getattr(gait, name))
        for name in ("sway", "roll_withers", "roll_pelvis", "yaw")
    }
    fields = {**gait.__dict__, **lateral, "footfall": (right_hind, right_fore, left_hind, left_fore)}
    return Gait(**fields)


# The four below occur in the field yard alone. Engineering estimates throughout: footfalls are those that define the
# gait, tempo and amplitudes lie between those of the gaits above.
TOLT = replace(
    WALK,
    label="tolt",
    stride_hz=1.70,
    speed_m_s=3.4,
    footfall=(0.0, 0.25, 0.50, 0.75),
    duty_fore=0.46,
    duty_hind=0.48,
    # One hoof at least is on the ground at any time, so the trunk hardly rises; its ends still rise in turn.
    withers_z=_wave((0.011, 2, 0.06)),
    sacrum_z=_wave((0.014, 2, 0.31)),
    poll_z=_wave((0.018, 2, 0.22)),
    roll_withers=_wave((2.2, 1, 0.06)),
    roll_pelvis=_wave((4.0, 1, 0.10)),
    nod=_wave((2.0, 2, 0.45)),
    lift_m=0.24,
    carpus_degrees=125.0,
    fetlock_stance_degrees=14.0,
    fetlock_swing_degrees=62.0,
    impact_g=(6.0, 16.0),
)
PACE = replace(
    TROT,
    label="pace",
    stride_hz=1.55,
    speed_m_s=4.0,
    footfall=(0.0, 0.0, 0.50, 0.50),  # both limbs of a side together
    withers_z=_wave((0.020, 2, 0.484), (0.0008, 4, 0.230)),
    sacrum_z=_wave((0.022, 2, 0.426), (0.0008, 4, 0.180)),
    sway=_wave((0.024, 1, 0.30)),
    roll_withers=_wave((4.0, 1, 0.20)),
    roll_pelvis=_wave((4.5, 1, 0.22)),
)
BACK = replace(
    TROT,
    label="back",
    stride_hz=0.85,
    speed_m_s=-0.6,
    duty_fore=0.60,
    duty_hind=0.60,
    withers_z=_wave((0.010, 2, 0.484)),
    sacrum_z=_wave((0.016, 2, 0.426)),
    poll_z=_wave((0.020, 2, 0.40)),
    roll_withers=_wave((1.6, 1, 0.10)),
    roll_pelvis=_wave((3.0, 1, 0.12)),
    lift_m=0.09,
    carpus_degrees=52.0,
    fetlock_stance_degrees=7.0,
    fetlock_swing_degrees=40.0,
    impact_g=(1.5, 4.0),
)
TURN = replace(
    WALK,
    label="turn",
    stride_hz=0.78,
    speed_m_s=0.15,
    withers_z=_wave((0.010, 2, 0.06)),
    sacrum_z=_wave((0.012, 2, 0.31)),
    poll_z=_wave((0.025, 2, 0.22)),
    sway=_wave((0.030, 1, 0.31)),
    impact_g=(1.5, 4.0),
)

GAITS: dict[str, Gait] = {
    "walk": WALK,
    "trot": TROT,
    "canter_left": CANTER_LEFT,
    "canter_right": _mirrored(CANTER_LEFT),
    "tolt": TOLT,
    "pace": PACE,
    "back": BACK,
    "turn": TURN,
}
"""Every moving gait by name; `stand` has no stride and is described beside the pose."""

LABELS: dict[str, str] = {"stand": "stand"} | {name: gait.label for name, gait in GAITS.items()}
"""The label of each gait name."""
