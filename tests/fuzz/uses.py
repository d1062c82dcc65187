"""What a command does with an input, as far as the first refusal."""

import itertools
from pathlib import Path

import numpy as np
from equigait.cache.reader import committed, read_segments
from equigait.cache.store import open_store
from equigait.cache.verify import require_cache, verify
from equigait.data.errors import BadInput
from equigait.data.labels import FORMATS
from equigait.data.labels.bouts import Labels, read_bouts
from equigait.data.labels.table import Span
from equigait.data.labels.writers import WRITERS, labels_text
from equigait.data.manifest.files import read_manifest, write_manifest
from equigait.data.manifest.load import load_sensors
from equigait.data.manifest.schema import Clock
from equigait.data.manifest.update import update_manifest
from equigait.data.quality.signals import sensor_facts
from equigait.data.recording import ClockMap
from equigait.data.video.decode import decode_frames
from equigait.data.video.probe import probe_film
from equigait.pipeline.predict import Predictor
from equigait.pipeline.report import write_report


def sensors(folder: Path) -> None:
    """Streams that can be trusted to be streams, and their facts."""
    for stream in load_sensors(folder).streams:
        if not (np.diff(stream.time_seconds) > 0).all():
            raise AssertionError("times that do not increase")
        sensor_facts(stream)


def film(folder: Path) -> None:
    """The film's facts, and three of its frames."""
    video = probe_film(next(folder.glob("ride.*")))
    if not (np.diff(video.frame_seconds) > 0).all():
        raise AssertionError("frames whose times do not increase")
    last = len(video.frame_seconds) - 1
    for _, picture in decode_frames(video, frame_index=np.unique([0, last // 2, last])):
        if picture.shape[2] != 3:
            raise AssertionError(f"a picture of shape {picture.shape}")


def manifest(folder: Path) -> None:
    """Read, written and read again it is the same; a clock can be put in; its sensors load or are refused."""
    path = folder / "recording.yaml"
    read = read_manifest(path)
    write_manifest(read, folder / "again.yaml")
    if read_manifest(folder / "again.yaml").model_copy(update={"id": read.id}) != read:
        raise AssertionError("another manifest after writing it")
    clock = Clock(origin="sync", offset_seconds=1.5, drift_ppm=3.0, reference_seconds=0.0)
    if update_manifest(path, clock=clock, shifts={}) and read_manifest(path).clock != clock:
        raise AssertionError("another clock than was written")
    load_sensors(path)


def label_file(folder: Path) -> None:
    """Bouts in order, each of some length."""
    path = next(folder.glob("labels.*"))
    bouts = read_bouts(
        Labels(path=path.name, time="film"), folder=folder, clock=ClockMap(offset_seconds=0.0), vocabulary=None
    )
    for before, after in itertools.pairwise(bouts):
        if not before.start_seconds < before.stop_seconds <= after.start_seconds + 1e-6:
            raise AssertionError(f"bouts out of order: {before}, {after}")


def words(folder: Path) -> None:
    """Any words as labels come back from every format that is written."""
    lines = (folder / "words.txt").read_text(errors="replace").splitlines()
    text = [" ".join(line.split()) for line in lines if " ".join(line.split())][:20]
    spans = [Span(float(at), at + 0.5, word, f"line {at}") for at, word in enumerate(text)]
    for name, (ending, _) in WRITERS.items():
        path = folder / f"back{ending}"
        path.write_text(labels_text(spans, format=name), encoding="utf-8")
        back = FORMATS[name](path)
        if [(span.start_seconds, span.label) for span in back if span.label] != [
            (span.start_seconds, span.label) for span in spans
        ]:
            raise AssertionError(f"other labels from {name}")


def cache(folder: Path) -> None:
    """Whatever was changed is found: by `verify`, or by a refusal to read."""
    store = open_store(folder / "cache")
    require_cache(store)
    faults = [fault for fault in verify(store) if fault.is_damage]
    try:
        list(read_segments(store, committed(store)))
    except BadInput:
        if not faults:
            raise AssertionError("refused to read what verify calls sound") from None


def run(folder: Path) -> None:
    """Its page, and the model that predicts."""
    write_report(folder)
    Predictor.load(folder)
