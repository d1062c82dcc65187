"""What is known about the use of a teacher's weights, and so of students that learned from its features."""

LICENCES = {
    "videomae-base": (
        "The weights MCG-NJU/videomae-base are published under CC BY-NC 4.0: not for commercial use. Whether that "
        "extends to a student that learned from their features is not settled; ask before you use one commercially."
    ),
    "videomae-demo": (
        "Comes with equigait under Apache-2.0 and was trained on simulated film alone: it shows that everything works, "
        "and knows nothing of real horses."
    ),
}
"""In words, by the teacher's name."""
OWN_WEIGHTS = "A checkpoint of your own: its licence is yours to check."


def licence_of(teacher: object) -> str:
    """What is known about the weights of the teacher of this name."""
    return LICENCES.get(str(teacher), OWN_WEIGHTS)


def hub_licence(teacher: object, *, simulated: bool) -> str:
    """An identifier of the Hugging Face Hub for a student of this teacher, in the stricter reading.

    `other` where the owner of the recordings is the one to say it.
    """
    if teacher == "videomae-base":
        return "cc-by-nc-4.0"
    return "apache-2.0" if teacher == "videomae-demo" and simulated else "other"
