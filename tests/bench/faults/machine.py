"""Faults of the machine: a full disk, permissions, interrupts, no network, no GPU."""

import os
import shutil
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from full_disk import no_file_beyond

from .case import Around, Fault, Plant
from .place import Place, nothing

NOBODY = 65534
EXTRACT = "extract-teacher {yard} --config demo --set windows.hop_steps=100"


@contextmanager
def _full(_: Place) -> Iterator[None]:
    with no_file_beyond(2048):
        yield


@contextmanager
def _nobody(_: Place) -> Iterator[None]:
    """As a user without rights: root may do anything."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


@contextmanager
def _interrupted(_: Place) -> Iterator[None]:
    ignored = signal.signal(signal.SIGINT, signal.default_int_handler)  # a bench in the background ignores it
    timer = threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        signal.signal(signal.SIGINT, ignored)


@contextmanager
def _no_hub(place: Place) -> Iterator[None]:
    """An address that nobody listens at, and an empty cache of downloads."""
    with pytest.MonkeyPatch.context() as patch:
        import huggingface_hub.constants as constants

        patch.setattr(constants, "ENDPOINT", "http://127.0.0.1:9")
        patch.setattr(constants, "HF_HUB_CACHE", str(place.root / "hub"))
        patch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
        yield


def _read_only(path: str) -> Plant:
    def plant(place: Place) -> None:
        for folder, folders, files in os.walk(place.root):
            for name in (*folders, *files):
                os.chmod(os.path.join(folder, name), 0o777)  # noqa: PTH101, PTH118
        place.root.chmod(0o777)
        place.root.parent.chmod(0o755)
        place.names[path.partition("/")[0]].joinpath(*path.split("/")[1:]).chmod(0)

    return plant


def _without_cache(place: Place) -> None:
    shutil.rmtree(place.cache)


def _fault(
    name: str,
    command: str,
    *words: str,
    around: Around | None = None,
    plant: Plant | None = None,
    codes: tuple[int, ...] = (1, 2, 3),
) -> Fault:
    return Fault("machine", name, plant or nothing, command, words, codes, around)


FAULTS = (
    _fault("the disk fills up in extract-teacher", EXTRACT, "File too large|No space", around=_full),
    _fault(
        "the disk fills up in predict",
        "predict {new} --run {run} --out {out}",
        "out",
        "File too large",
        "place",
        around=_full,
    ),
    _fault("the disk fills up in report", "report --run {run}", "report", "File too large", "place", around=_full),
    _fault("the disk fills up in inspect", "inspect {yard}", "inspect", "File too large", "place", around=_full),
    _fault(
        "the disk fills up in simulate", "simulate {out} --horses 1 --seconds 8", "File too large|disk", around=_full
    ),
    _fault(
        "a sensor file that may not be read",
        "inspect {ride}",
        r"poll\.csv",
        "ermission",
        plant=_read_only("ride/poll.csv"),
        around=_nobody,
    ),
    _fault(
        "a film that may not be read",
        "extract-teacher {yard} --config demo",
        r"film\.mp4",
        "ermission",
        plant=_read_only("ride/film.mp4"),
        around=_nobody,
    ),
    _fault(
        "a run that may not be written",
        "report --run {run}",
        "run",
        "ermission",
        plant=_read_only("run"),
        around=_nobody,
    ),
    _fault(
        "an output that is a file", "predict {new} --run {run} --out {run}/recipe.yaml", r"recipe\.yaml", "place|folder"
    ),
    _fault(
        "the Hub cannot be reached",
        "extract-teacher {yard} --config default",
        "MCG-NJU/videomae-base|weights",
        "teacher.weights",
        around=_no_hub,
    ),
    _fault(
        "no GPU here",
        "extract-teacher {yard} --config demo --set teacher.device=cuda",
        *("cuda", "teacher.device"),
        plant=_without_cache,
    ),
    _fault(
        "no GPU here, for training",
        "pretrain --cache {rides} --run {out} --config {run}/recipe.yaml --set train.device=cuda",
        *("cuda", "train.device"),
    ),
    _fault(
        "no GPU here, for decoding",
        "extract-teacher {yard} --config demo --decode cuda",
        *("cuda|decode", "cpu|auto"),
        plant=_without_cache,
    ),
    _fault(
        "an interrupt in extract-teacher",
        "extract-teacher {yard} --config demo --set clips.hop_frames=6 --set windows.hop_steps=60",
        "interrupted",
        "again",
        around=_interrupted,
        codes=(130,),
    ),
)
