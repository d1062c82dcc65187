"""Left and right by name: which site lies opposite, and which labels a mirror image would change. Light to import."""

import re
from collections.abc import Sequence

from ...data.errors import BadInput

SIDES = {
    "left": "right",
    "l": "r",
    "lf": "rf",
    "lh": "rh",
    "fl": "fr",
    "hl": "hr",
    "near": "off",
    "nearside": "offside",
}
"""Words of a name that stand for a side, and their opposites; the other way round as well. A horse's near side is its
left one, its off side the right one."""
WORD = r"[A-Z]?[a-z]+|[A-Z]+"
"""A word of a name: set off by other signs, or by its capital."""
OTHER_SIDE = SIDES | {right: left for left, right in SIDES.items()}


def partners(sites: Sequence[str]) -> tuple[int, ...]:
    """For each site the number of the one opposite, itself on the median plane; refused where that one is missing."""
    opposite = [mirrored_name(site) for site in sites]
    alone = [site for site, other in zip(sites, opposite, strict=True) if other not in sites]
    if alone:
        raise BadInput(
            "augment.mirror",
            found=f"{', '.join(alone)} without the sensor on the other side",
            expected="both sides of every site that has sides",
            remedy="Set augment.mirror=0, or choose grid.sites in pairs.",
        )
    return tuple(list(sites).index(other) for other in opposite)


def mirrored_name(name: str) -> str:
    """`tuber_coxae_right` for `tuber_coxae_left`, `RF` for `LF`, `RightFore` for `LeftFore`; names without a side
    stay."""
    return re.sub(WORD, lambda found: _opposite(found[0]), name)


def check_mirror(*, sites: Sequence[str], labels: Sequence[str]) -> None:
    """Refuses sites that a mirror image cannot be made of, and labels that would not be true of it."""
    partners(sites)
    expected = "labels that are valid for a mirror image too: neither labels nor film are mirrored"
    _refuse_sided(labels, setting="augment.mirror", expected=expected, remedy="Set augment.mirror=0.")


def check_mount_free(labels: Sequence[str], *, signals: str) -> None:
    """Refuses labels that mount-free signals cannot distinguish, sides by name, and signals without gravity."""
    if signals == "linear_acceleration":
        raise BadInput(
            "student.mount_free",
            found="grid.signals=linear_acceleration, which is without gravity",
            expected="gravity in the windows: it shows which way is up",
            remedy="Set student.mount_free=false.",
        )
    remedy = "Set student.mount_free=false, and see that sensors are mounted as their axes in the manifest say."
    expected = "labels without sides: signals that no mount changes do not tell left from right"
    _refuse_sided(labels, setting="student.mount_free", expected=expected, remedy=remedy)


def _refuse_sided(labels: Sequence[str], *, setting: str, expected: str, remedy: str) -> None:
    sided = [label for label in labels if mirrored_name(label) != label]
    if sided:
        found = f"labels that distinguish left and right: {', '.join(sided)}"
        raise BadInput(setting, found=found, expected=expected, remedy=remedy)


def _opposite(word: str) -> str:
    """The other side's word, in the capitals of this one."""
    other = OTHER_SIDE.get(word.lower(), word)
    return other if word.islower() else other.upper() if word.isupper() else other.capitalize()
