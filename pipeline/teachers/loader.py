"""When a teacher is had: its identity as soon as a film is met, its network when a film has to be embedded."""

import logging
from concurrent.futures import Future
from threading import RLock

from ...data.clips import ClipSpec
from ...data.errors import BadInput
from ..runtime.prefetch import in_background
from .identity import TeacherIdentity
from .keypoints import NAME as KEYPOINTS
from .keypoints import KeypointIdentity, KeypointTeacher, identify_keypoints
from .refusal import refusal_of_teacher
from .settings import TeacherSettings
from .table import Teacher, check_settings, load_teacher, teacher_identity

AnyTeacher = Teacher | KeypointTeacher
AnyIdentity = TeacherIdentity | KeypointIdentity

logger = logging.getLogger(__name__)


class TeacherLoader:
    """Identity and network of the teacher of these settings, each read once and no sooner than it is needed, whichever
    thread asks first."""

    def __init__(self, settings: TeacherSettings, *, clips: ClipSpec) -> None:
        self.settings, self._clips = settings, clips
        self._identity: AnyIdentity | None = None
        self._requested: Future[AnyIdentity] | None = None
        self._teacher: AnyTeacher | None = None
        self._lock = RLock()

    def request_identity(self) -> None:
        """Starts to read the identity in a thread: hashing weights takes as long as reading a recording does."""
        with self._lock:
            if self._identity is None and self._requested is None:
                self._requested = in_background(lambda: _identify(self.settings))

    def identity(self) -> AnyIdentity:
        """Who the teacher is, from its files. Refuses clips of another number of frames than it takes."""
        with self._lock:
            if self._identity is None:
                with refusal_of_teacher():
                    found = self._requested.result() if self._requested else _identify(self.settings)
                    self._identity = _checked(found, clips=self._clips)
            return self._identity

    def teacher(self) -> AnyTeacher:
        """The teacher; a thread loads its network while films are decoded."""
        with self._lock:
            if self._teacher is None:
                identity = self.identity()
                with refusal_of_teacher():
                    self._teacher = _load(self.settings, identity=identity)
                logger.info("teacher: %s", self._teacher)
            return self._teacher


def _checked(identity: AnyIdentity, *, clips: ClipSpec) -> AnyIdentity:
    if identity.clip_frames not in (None, clips.frames):
        found, expected = f"clips.frames {clips.frames}", f"{identity.clip_frames}"
        remedy = f"Set clips.frames={identity.clip_frames}, what {identity.name} takes."
        raise BadInput("recipe", found=found, expected=expected, remedy=remedy)
    return identity


def _identify(settings: TeacherSettings) -> AnyIdentity:
    check_settings(settings)
    return identify_keypoints(settings) if settings.name == KEYPOINTS else teacher_identity(settings)


def _load(settings: TeacherSettings, *, identity: AnyIdentity) -> AnyTeacher:
    if isinstance(identity, KeypointIdentity):
        return KeypointTeacher(settings, identity=identity)
    return load_teacher(settings, identity=identity)
