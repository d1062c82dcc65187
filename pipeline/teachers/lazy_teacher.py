"""A teacher that is still on its way: what needs no network of it is there at once, so decoding goes on meanwhile."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

from jaxtyping import Float32, UInt8
from numpy import ndarray as Array

from ...data.errors import BadInput
from ...data.video.pixels import Picture
from .identity import TeacherIdentity
from .settings import TeacherSettings
from .table import Teacher

Found = TypeVar("Found")


class TeacherRefused(BadInput):
    """The teacher itself cannot be had: no recording can be extracted, so the run ends."""


class LazyTeacher:
    """A teacher whose network is being loaded by a thread of its own; `embed` waits for it."""

    def __init__(self, settings: TeacherSettings, *, identity: TeacherIdentity, load: Callable[[], Teacher]) -> None:
        from ..runtime.device import choose_device
        from .compute import choose_batch, choose_concurrent_batches

        device = choose_device(settings.device, setting="teacher.device")
        self.identity = identity
        self.batch_clips = choose_batch(settings, device=device)
        self.concurrent_batches = choose_concurrent_batches(settings, device=device)
        self._loading = in_background(load)

    def preprocess(self, picture: Picture) -> UInt8[Array, "3 size size"]:
        """What the network is shown of a frame."""
        from .resize_center_crop import resize_center_crop

        return resize_center_crop(picture, preprocessing=self.identity.preprocessing)

    def embed(self, clips: UInt8[Array, "clips frames 3 size size"]) -> Float32[Array, "clips dim"]:
        """One feature a clip of preprocessed frames, once the network is there; refuses what cannot be loaded."""
        with refusal_of_teacher():
            teacher = self._loading.result()
        return teacher.embed(clips)


def in_background(work: Callable[[], Found]) -> "Future[Found]":
    """What `work` will have found, in a thread that goes when it is done."""
    pool = ThreadPoolExecutor(1, thread_name_prefix="background")
    found = pool.submit(work)
    pool.shutdown(wait=False)
    return found


@contextmanager
def refusal_of_teacher() -> Iterator[None]:
    """Bad input of the teacher's is no single recording's fault."""
    try:
        yield
    except BadInput as error:
        raise TeacherRefused(
            error.where, found=error.found, expected=error.expected, remedy=error.remedy
        ) from error.__cause__
