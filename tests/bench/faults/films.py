"""Faults of films, clocks and labels."""

from collections.abc import Callable
from typing import Any

from .case import Fault, Plant
from .place import Place, cut, flipped, manifest, nothing, zeroed

EXTRACT = "extract-teacher {yard} --config demo"
INSPECT = "inspect {ride}"


def _film(change: Callable[..., Any]) -> Plant:
    return lambda place: change(place.ride / "film.mp4")


def _keys(**keys: object) -> Plant:
    return lambda place: manifest(place.ride, lambda values: values.update(keys))


def _labels(text: str) -> Plant:
    return lambda place: (place.ride / "labels.csv").write_text(text)


def _fault(area: str, name: str, plant: Plant, command: str, *words: str, codes: tuple[int, ...] = (1, 2, 3)) -> Fault:
    return Fault(area, name, plant, command, words, codes)


def _swap(place: Place) -> None:
    (place.ride / "film.mp4").write_bytes((place.yard / "h001-r00" / "film.mp4").read_bytes())


HEAD = "start,end,label\n"
CLOCK = {"origin": "by-hand", "offset_seconds": 0.0}
FAULTS = (
    _fault("films", "the film is missing", _film(lambda f: f.unlink()), EXTRACT, r"film\.mp4", "no such file"),
    _fault(
        "films", "the film is empty", _film(lambda f: f.write_bytes(b"")), EXTRACT, r"film\.mp4", "Copy the film again"
    ),
    _fault(
        "films", "the film is text", _film(lambda f: f.write_text("not a film")), EXTRACT, r"film\.mp4", "Copy the film"
    ),
    _fault("films", "the film is cut off", _film(lambda f: cut(f, 0.6)), EXTRACT, r"film\.mp4", "cut off or damaged"),
    _fault(
        "films", "the film's head is gone", _film(lambda f: f.write_bytes(f.read_bytes()[200:])), EXTRACT, r"film\.mp4"
    ),
    _fault(
        "films", "zeros in mid-film", _film(lambda f: zeroed(f, 0.3, 20000)), EXTRACT, r"film\.mp4", "damaged|cannot"
    ),
    _fault("films", "the film is cut off, for inspect", _film(lambda f: cut(f, 0.6)), INSPECT, "REFUSED", r"film\.mp4"),
    _fault(
        "films",
        "the film is cut off, for sync",
        _film(lambda f: cut(f, 0.6)),
        "sync {ride}",
        r"film\.mp4",
        "Copy the film",
    ),
    _fault("films", "the film is of another recording", _swap, "inspect {yard}", "byte by byte that of", codes=(0,)),
    _fault("films", "the film is a folder", _film(lambda f: (f.unlink(), f.mkdir())), EXTRACT, r"film\.mp4"),
    _fault("films", "film and chapters both", _keys(chapters=["film.mp4"]), EXTRACT, "either `film` or `chapters`"),
    _fault("films", "no film, for sync", _keys(film=None), "sync {ride}", "no film", "sensors alone need no clock"),
    _fault("clocks", "no clock", _keys(clock=None), EXTRACT, "clock", "equigait-cli sync"),
    _fault(
        "clocks",
        "a clock far away",
        _keys(clock={**CLOCK, "offset_seconds": 5000.0}),
        EXTRACT,
        "overlap",
        "Check `clock:`",
    ),
    _fault(
        "clocks",
        "an offset that is no number",
        _keys(clock={**CLOCK, "offset_seconds": "soon"}),
        EXTRACT,
        "clock.offset_seconds",
    ),
    _fault(
        "clocks",
        "an offset that is not finite",
        _keys(clock={**CLOCK, "offset_seconds": float("nan")}),
        EXTRACT,
        "clock.offset_seconds",
    ),
    _fault("clocks", "a drift of two hundredths", _keys(clock={**CLOCK, "drift_ppm": 2e4}), EXTRACT, "clock.drift_ppm"),
    _fault("clocks", "an origin nobody knows", _keys(clock={**CLOCK, "origin": "guess"}), EXTRACT, "clock.origin"),
    _fault("clocks", "sync of eight seconds", nothing, "sync {ride}", "REFUSE|REVIEW", codes=(0, 1)),
    _fault(
        "clocks",
        "a film against the other horse's sensors",
        _swap,
        "sync {ride} --force",
        "REFUSE|REVIEW",
        codes=(0, 1),
    ),
    _fault(
        "clocks",
        "events that contradict each other",
        nothing,
        "sync {ride} --event film:1,imu:1 --event film:2,imu:7",
        "event",
    ),
    _fault(
        "labels",
        "the label file is missing",
        lambda p: (p.ride / "labels.csv").unlink(),
        EXTRACT,
        r"labels\.csv",
        "no such file",
    ),
    _fault("labels", "the label file is empty", _labels(""), EXTRACT, r"labels\.csv"),
    _fault(
        "labels", "a label outside the vocabulary", _labels(HEAD + "0,4,piaffe\n"), EXTRACT, "piaffe", "labels: map:"
    ),
    _fault("labels", "a bout that ends before it starts", _labels(HEAD + "4,1,walk\n"), EXTRACT, r"labels\.csv"),
    _fault("labels", "a time that is no number", _labels(HEAD + "0,x,walk\n"), EXTRACT, r"labels\.csv"),
    _fault("labels", "two labels at one time", _labels(HEAD + "0,6,walk\n1,5,trot\n"), EXTRACT, r"labels\.csv|overlap"),
    _fault(
        "labels", "labels in milliseconds", _labels(HEAD + "0,4000,walk\n4000,8000,trot\n"), EXTRACT, "Write seconds"
    ),
    _fault("labels", "labels of another time", _labels(HEAD + "900,904,walk\n"), EXTRACT, "labels", "time:"),
    _fault("labels", "a column is missing", _labels("start,label\n0,walk\n"), EXTRACT, r"labels\.csv", "end"),
    _fault(
        "labels",
        "labels in another encoding",
        lambda p: (p.ride / "labels.csv").write_bytes("start,end,label\n0,4,g\xe4hen\n".encode("latin-1")),
        EXTRACT,
        r"labels\.csv",
    ),
    _fault(
        "labels",
        "a flipped bit",
        lambda p: flipped(p.ride / "labels.csv", 0.99),
        EXTRACT,
        r"labels\.csv|found the labels",
    ),
)
