"""The refusal of a teacher that cannot be had, apart from that of a recording: it ends the run."""

from collections.abc import Iterator
from contextlib import contextmanager

from ...data.errors import BadInput


class TeacherRefused(BadInput):
    """The teacher itself cannot be had: no recording can be extracted, so the run ends."""


@contextmanager
def refusal_of_teacher() -> Iterator[None]:
    """Bad input of the teacher's is no single recording's fault."""
    try:
        yield
    except BadInput as error:
        raise TeacherRefused(
            error.where, found=error.found, expected=error.expected, remedy=error.remedy
        ) from error.__cause__
