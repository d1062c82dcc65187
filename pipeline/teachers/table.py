"""TEACHERS: which video networks can teach, by name, and the two things that are asked of each."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from jaxtyping import Float32, UInt8
from numpy import ndarray as Array

from ...data.errors import BadInput
from ...data.video.pixels import Picture
from .identity import TeacherIdentity, identify_videomae
from .settings import TeacherSettings


@runtime_checkable
class Teacher(Protocol):
    """A frozen video network: frames in, one feature a clip out."""

    @property
    def identity(self) -> TeacherIdentity:
        """Who it is: features of equal identities lie in one space."""
        ...

    @property
    def batch_clips(self) -> int:
        """How many clips it likes to embed at once."""
        ...

    @property
    def concurrent_batches(self) -> int:
        """How many batches may be embedded at the same time, each by a thread of one core."""
        ...

    def preprocess(self, picture: Picture) -> UInt8[Array, "3 size size"]:
        """What the network is shown of a frame, of which the picture holds the columns that `identity` asks for."""
        ...

    def embed(self, clips: UInt8[Array, "clips frames 3 size size"]) -> Float32[Array, "clips dim"]:
        """One feature a clip of preprocessed frames, whatever the other clips are."""
        ...


@dataclass(frozen=True)
class TeacherKind:
    """How to have a teacher: first who it is, from its files alone; then the network, when it is needed."""

    identify: Callable[[TeacherSettings], TeacherIdentity]
    """Its identity; loads no network."""
    load: Callable[[TeacherSettings, TeacherIdentity], Teacher]
    """The teacher itself, given who it is."""


def _load_videomae(settings: TeacherSettings, identity: TeacherIdentity) -> Teacher:
    from .videomae import VideoMae

    return VideoMae(settings, identity=identity)


VIDEOMAE = TeacherKind(identify=identify_videomae, load=_load_videomae)

TEACHERS: dict[str, TeacherKind] = {"videomae-base": VIDEOMAE, "videomae-demo": VIDEOMAE, "videomae": VIDEOMAE}
"""`videomae-base` is MCG-NJU/videomae-base; `videomae-demo` comes with equigait; `videomae` is any other checkpoint."""


def teacher_identity(settings: TeacherSettings) -> TeacherIdentity:
    """Who the teacher of these settings is, from its files alone: no network is loaded."""
    return _kind(settings).identify(settings)


def load_teacher(settings: TeacherSettings, *, identity: TeacherIdentity | None = None) -> Teacher:
    """The teacher of these settings; its network may still be loading. Without an identity files are hashed."""
    kind = _kind(settings)
    return kind.load(settings, identity or kind.identify(settings))


def _kind(settings: TeacherSettings) -> TeacherKind:
    if settings.name not in TEACHERS:
        expected = f"one of {', '.join(TEACHERS)}"
        remedy = "For a checkpoint of your own set teacher.name=videomae teacher.weights=FOLDER."
        raise BadInput("teacher.name", found=repr(settings.name), expected=expected, remedy=remedy)
    return TEACHERS[settings.name]
