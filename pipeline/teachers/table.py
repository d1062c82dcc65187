"""TEACHERS: which frozen networks can teach, by name, and the two things that are asked of each."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Protocol, runtime_checkable

from jaxtyping import Float32, UInt8
from numpy import ndarray as Array

from ...data.errors import BadInput
from ...data.video.pixels import Picture
from .efficientnet_teacher import identify_efficientnet, load_efficientnet
from .family import Family
from .identity import TeacherIdentity, identify_family, identify_videomae
from .image_families import IMAGE_FAMILIES
from .keypoints import NAME as KEYPOINTS
from .settings import TeacherSettings, pooling_of
from .video_families import VIDEO_FAMILIES


@runtime_checkable
class Teacher(Protocol):
    """A frozen network: frames in, one feature a clip out."""

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

    def preprocess(self, picture: Picture) -> Any:
        """What the network is shown of a frame, of which the picture holds the columns that `identity` asks for: bytes
        `[3, size, size]`, an array or, where the network is on a GPU, a tensor there."""
        ...

    def embed(self, clips: UInt8[Array, "clips frames 3 size size"]) -> Float32[Array, "clips dim"]:
        """One feature a clip of preprocessed frames, whatever the other clips are."""
        ...


@runtime_checkable
class FrameTeacher(Teacher, Protocol):
    """A teacher that sees frame by frame, so that a film's frames are embedded once however many clips share them."""

    @property
    def batch_frames(self) -> int:
        """How many frames it likes to embed at once."""
        ...

    def embed_frames(self, frames: UInt8[Array, "frames 3 size size"]) -> Float32[Array, "frames frame_dim"]:
        """One feature a preprocessed frame."""
        ...

    def pool(self, features: Float32[Array, "clips frames frame_dim"]) -> Float32[Array, "clips dim"]:
        """One feature a clip of the features of its frames; `embed` gives the same."""
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


def _video(family: Family) -> TeacherKind:
    def load(settings: TeacherSettings, identity: TeacherIdentity) -> Teacher:
        from .family_network import VideoNetwork

        return VideoNetwork(settings, identity=identity, family=family)

    return TeacherKind(identify=partial(identify_family, family=family), load=load)


def _images(family: Family) -> TeacherKind:
    def identify(settings: TeacherSettings) -> TeacherIdentity:
        return identify_family(settings, family=family, temporal_pooling=pooling_of(settings))

    def load(settings: TeacherSettings, identity: TeacherIdentity) -> Teacher:
        from .family_network import ImageNetwork

        return ImageNetwork(settings, identity=identity, load=family.load, feature=family.feature)

    return TeacherKind(identify=identify, load=load)


def _load_efficientnet(settings: TeacherSettings, identity: TeacherIdentity) -> Teacher:
    from .efficientnet_lite import feature
    from .family_network import ImageNetwork

    return ImageNetwork(settings, identity=identity, load=load_efficientnet, feature=feature)


VIDEOMAE = TeacherKind(identify=identify_videomae, load=_load_videomae)
EFFICIENTNET = TeacherKind(identify=identify_efficientnet, load=_load_efficientnet)

TEACHERS: dict[str, TeacherKind] = {
    "videomae-base": VIDEOMAE,
    "videomae-demo": VIDEOMAE,
    "videomae": VIDEOMAE,
    **{name: _video(family) for name, family in VIDEO_FAMILIES.items()},
    **{name: _images(family) for name, family in IMAGE_FAMILIES.items()},
    "efficientnet-lite0": EFFICIENTNET,
}
"""`videomae-base` is MCG-NJU/videomae-base; `videomae-demo` comes with equigait; `videomae` is any other checkpoint.
The families' teachers have a published checkpoint for a default; `teacher.weights` names any other of their kind."""


OPTIONS = {"temporal_pooling": (*IMAGE_FAMILIES, "efficientnet-lite0"), "keypoints": (KEYPOINTS,)}
"""Settings that only some teachers have, and which."""


def teacher_identity(settings: TeacherSettings) -> TeacherIdentity:
    """Who the teacher of these settings is, from its files alone: no network is loaded."""
    return replace(_kind(settings).identify(settings), crop=settings.crop)


def load_teacher(settings: TeacherSettings, *, identity: TeacherIdentity | None = None) -> Teacher:
    """The teacher of these settings; its network may still be loading. Without an identity files are hashed."""
    return _kind(settings).load(settings, identity or teacher_identity(settings))


def check_settings(settings: TeacherSettings) -> None:
    """Refuses a teacher that there is not, and a setting that this one does not have."""
    if settings.name not in (*TEACHERS, KEYPOINTS):
        expected = f"one of {', '.join(TEACHERS)}, {KEYPOINTS}"
        remedy = "For a checkpoint of your own take its kind's name, and set teacher.weights=FOLDER."
        raise BadInput("teacher.name", found=repr(settings.name), expected=expected, remedy=remedy)
    for option, having in OPTIONS.items():
        default = TeacherSettings.model_fields[option].default
        if getattr(settings, option) != default and settings.name not in having:
            found, expected = f"teacher.{option} with {settings.name}", f"it with {', '.join(having)}"
            raise BadInput("recipe", found=found, expected=expected, remedy="Take the setting out.")

    if settings.crop != "none" and (settings.scaling == "fast" or settings.name == KEYPOINTS):
        found, remedy = "teacher.crop=motion with teacher.scaling=fast or joints", "Leave one of them out."
        raise BadInput("recipe", found=found, expected="whole frames to crop", remedy=remedy)


def _kind(settings: TeacherSettings) -> TeacherKind:
    check_settings(settings)
    if settings.name == KEYPOINTS:
        raise ValueError("keypoints is no network: see loader.py")
    return TEACHERS[settings.name]
