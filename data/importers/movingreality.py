"""Imports MovingReality's Xsens trials: people who walk on a treadmill with five MTw units, 100 Hz, no film, no labels.

The measurement system's text exports are copied as they are. Which unit sat where stands beside them in
`sensorspec.json` (or `.json.txt`), with identities in full (`00B4778E.txt`) or short (`4778F.txt`).
"""

import json
import re
import shutil
from collections.abc import Mapping
from pathlib import Path

from ..errors import BadInput
from ..manifest.schema import Manifest
from ..readers.sensor import Sensor, Time
from ..words import Words
from .recordings import import_each, write_recording

PEOPLE = Words(subject="person", behaviour="gait")
RATE_HZ = 100.0
"""The exports do not state it; their velocity increments, 0.01 s times the acceleration, do."""
SITES = {
    "lumbar": "lumbar",
    "leftshank": "left_shank",
    "rightshank": "right_shank",
    "leftfoot": "left_foot",
    "rightfoot": "right_foot",
}
"""The set's words for its sites and ours, in channel order."""
SPEC_NAMES = ("sensorspec.json", "sensorspec.json.txt")

_PERSON = re.compile(r"pp\d+", re.IGNORECASE)
_UNIT = re.compile(r"MT_\w+-\w+_(?P<device>[0-9A-F]{8})\.txt", re.IGNORECASE)


def import_movingreality(source: Path, *, out: Path, refused: list[BadInput] | None = None) -> list[Path]:
    """Writes a recording for each trial below `source`; gives the manifests. The horse is the person: `pp07`."""
    specs = sorted(path for name in SPEC_NAMES for path in source.rglob(name))
    if not specs:
        expected = "folders such as 1019_pp02/Xsens/exported000 with a sensorspec.json"
        raise BadInput(
            source, found="no trial of MovingReality", expected=expected, remedy="Unpack the data set there."
        )
    return import_each(
        specs,
        lambda spec: _import_trial(spec, out=out),
        name="movingreality",
        called=lambda spec: "-".join(_names(spec.parent)) if _is_alone(spec) else str(spec),
        refused=refused,
    )


def _import_trial(spec: Path, *, out: Path) -> Path:
    trial = spec.parent
    if all((trial / name).is_file() for name in SPEC_NAMES):
        raise BadInput(trial, found="two sensorspecs", expected="one", remedy="Remove the wrong one.")
    devices = {
        match["device"].upper(): path for path in sorted(trial.iterdir()) if (match := _UNIT.fullmatch(path.name))
    }
    chosen = _devices_by_site(spec, devices=devices)
    person, number = _names(trial)
    folder = out / f"{person}-{number}"
    folder.mkdir(parents=True, exist_ok=True)
    for device in chosen.values():
        shutil.copyfile(devices[device], folder / devices[device].name)
    time = Time(rate_hz=RATE_HZ)
    sensors = tuple(
        Sensor(site=site, path=devices[device].name, format="xsens-mtw", device=device, time=time)
        for site, device in chosen.items()
    )
    return write_recording(folder, Manifest(id=folder.name, horse=person, words=PEOPLE, sensors=sensors))


def _is_alone(spec: Path) -> bool:
    """Whether its folder holds no other sensorspec."""
    return sum((spec.parent / name).is_file() for name in SPEC_NAMES) == 1


def _names(trial: Path) -> tuple[str, str]:
    """The person and the trial, which together name a recording."""
    person = next((match[0] for part in reversed(trial.resolve().parts) if (match := _PERSON.search(part))), None)
    if person is None:
        expected = "a folder such as 1019_pp02 above it"
        raise BadInput(
            trial, found="no person's number in the path", expected=expected, remedy="Keep the set's folders."
        )
    return person, trial.name


def _devices_by_site(spec: Path, *, devices: Mapping[str, Path]) -> dict[str, str]:
    """The unit at each of our sites, by its full identity: each must be there, once."""
    try:
        declared = {str(site): str(name) for site, name in json.loads(spec.read_text(encoding="utf-8-sig")).items()}
    except (ValueError, AttributeError) as error:
        expected = "a JSON object of sites and units"
        raise BadInput(spec, found=str(error), expected=expected, remedy="Download it again.") from None
    found: dict[str, str] = {}
    for theirs, ours in SITES.items():
        identity = declared.get(theirs, "").upper().removesuffix(".TXT")
        matching = [device for device in devices if identity and device.endswith(identity)]
        if len(matching) != 1:
            raise BadInput(
                spec,
                found=f"{len(matching)} files of the unit {identity or '(none)'} for {theirs}",
                expected=f"one of the units {', '.join(devices)}",
                remedy="Complete the trial's folder, or correct its sensorspec.",
            )
        found[ours] = matching[0]
    if len(set(found.values())) < len(found):
        raise BadInput(spec, found="one unit at two sites", expected="five units", remedy="Correct the sensorspec.")
    return found
