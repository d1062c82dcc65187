"""Faults of manifests, configurations and command lines."""

from .case import Fault, Plant
from .place import manifest, nothing, rewritten

EXTRACT = "extract-teacher {yard} --config demo"


def _text(old: str, new: str) -> Plant:
    return lambda place: rewritten(place.ride / "recording.yaml", old, new)


def _mine(text: str) -> Plant:
    return lambda place: (place.root / "mine.yaml").write_text(text)


def _fault(area: str, name: str, plant: Plant, command: str, *words: str) -> Fault:
    return Fault(area, name, plant, command, words)


MINE = "pretrain --cache {rides} --run {out} --config {root}/mine.yaml"
FAULTS = (
    _fault("manifests", "an unknown key", _text("horse:", "hoerse:"), EXTRACT, "recording", "hoerse", "horse"),
    _fault("manifests", "no horse", _text("horse: h000\n", ""), EXTRACT, "horse"),
    _fault(
        "manifests", "lists two thousand deep", _text("sensors:", f"notes: {'[' * 2000}\nsensors:"), EXTRACT, "deep"
    ),
    _fault("manifests", "not YAML", _text("sensors:", "sensors: ]["), EXTRACT, r"recording\.yaml"),
    _fault(
        "manifests",
        "an empty file",
        lambda p: (p.ride / "recording.yaml").write_text(""),
        EXTRACT,
        "an empty file",
        "README",
    ),
    _fault(
        "manifests", "a list", lambda p: (p.ride / "recording.yaml").write_text("- a\n"), EXTRACT, "expected a manifest"
    ),
    _fault(
        "manifests",
        "bytes that are not UTF-8",
        lambda p: (p.ride / "recording.yaml").write_bytes(b"horse: \xff\n"),
        EXTRACT,
        r"recording\.yaml",
    ),
    _fault("manifests", "a version to come", _text("version: 1", "version: 2"), EXTRACT, "version"),
    _fault("manifests", "no sensors", lambda p: manifest(p.ride, lambda v: v.update(sensors=[])), EXTRACT, "sensors"),
    _fault("manifests", "a site twice", _text("site: withers", "site: poll"), EXTRACT, "poll stands there twice"),
    _fault("manifests", "an unknown unit", _text("unit: m/s^2", "unit: feet"), EXTRACT, "unit"),
    _fault(
        "manifests", "an unknown site", _text("site: poll", "site: nose"), EXTRACT, "no sensor at poll", "grid.sites"
    ),
    _fault("manifests", "an id with a slash", _text("id: h000-r00", "id: a/b"), EXTRACT, "id"),
    _fault(
        "manifests",
        "two recordings of one id",
        lambda p: rewritten(p.ride / "recording.yaml", "id: h000-r00", "id: h001-r00"),
        EXTRACT,
        "h001-r00",
    ),
    _fault(
        "manifests",
        "a device that is not in the file",
        lambda p: manifest(p.ride, lambda v: v["sensors"][0].update(device="7")),
        EXTRACT,
        "device",
    ),
    _fault(
        "manifests",
        "a format that nobody knows",
        lambda p: manifest(p.ride, lambda v: v["sensors"][0].update(format="xyz")),
        EXTRACT,
        "xyz",
        "csv",
    ),
    _fault(
        "manifests",
        "a code in a tag",
        _text("version: 1", "version: !!python/object/apply:os.system ['true']"),
        EXTRACT,
        r"recording\.yaml",
    ),
    _fault(
        "configurations", "a name nobody knows", nothing, "extract-teacher {yard} --config wishful", "wishful", "demo"
    ),
    _fault(
        "configurations", "an unknown key", _mine("train: {stepz: 3}\n"), MINE, r"mine\.yaml", "train.stepz", "steps"
    ),
    _fault("configurations", "a number that is no number", _mine("train: {steps: many}\n"), MINE, "train.steps"),
    _fault("configurations", "no sections", _mine("- train\n"), MINE, r"mine\.yaml", "sections"),
    _fault("configurations", "not YAML", _mine("train: ]["), MINE, r"mine\.yaml"),
    _fault(
        "configurations",
        "probe classes that are no labels",
        _mine("probe: {classes: [piaffe, walk]}\n"),
        MINE,
        "piaffe",
        "windows.labels",
    ),
    _fault(
        "configurations", "patches that do not fit the window", _mine("windows: {steps: 33}\n"), MINE, "steps|patch"
    ),
    _fault(
        "configurations",
        "a setting without a value",
        nothing,
        "extract-teacher {yard} --config demo --set train.steps",
        "train.steps",
    ),
    _fault(
        "configurations",
        "a key by its former name",
        nothing,
        "evaluate --cache {rides} --run {run} --set evaluate.judges=[]",
        "evaluate.classifiers",
    ),
    _fault(
        "configurations",
        "a setting of a section that is fixed",
        nothing,
        "evaluate --cache {rides} --run {run} --set train.steps=9",
        "section evaluate",
    ),
    _fault(
        "configurations",
        "another teacher than the cache's",
        nothing,
        "pretrain --cache {cache} --run {out} --config default",
        "another teacher",
        "teacher.name",
    ),
    _fault(
        "configurations",
        "another window than the cache's",
        nothing,
        "pretrain --cache {cache} --run {out} --config demo --set windows.steps=150 --set windows.hop_steps=75",
        "windows.steps",
    ),
    _fault(
        "configurations",
        "sensors of another kind than the cache's",
        nothing,
        "pretrain --cache {cache} --run {out} --config demo --set grid.signals=specific_force",
        "grid.signals",
    ),
    _fault(
        "configurations",
        "a test horse that is not there",
        nothing,
        "pretrain --cache {cache} --run {out} --config demo --set split.test=[pegasus]",
        "pegasus",
    ),
    _fault("configurations", "no data set", nothing, "inspect {root}/nowhere", "nowhere", "no such folder"),
    _fault("configurations", "an importer nobody knows", nothing, "import ego4d {yard} {out}", "ego4d", "hugadb"),
    _fault(
        "configurations",
        "the wrong folder for an importer",
        nothing,
        "import hugadb {yard} {out}",
        "no file of HuGaDB",
        "Unpack",
    ),
)
