"""Sensors of files that no manifest describes: recognised by content, and for plain tables by what is declared once."""

import logging
import re
from collections.abc import Sequence
from pathlib import Path

from ..errors import BadInput
from ..formats import choose_format
from ..readers import FORMATS
from ..readers.one_body import turning_remarks
from ..readers.plausible import tempo_remarks
from ..readers.sensor import Acceleration, AngularRate, Sensor, Time
from ..readers.streams import read_streams
from ..recording import ImuStream
from ..settings import parse_settings
from ..sites import SITE_SETS
from .column_names import describe_columns, guess_columns
from .sensors import CHANNEL_WORDS

SITES = sorted({site for sites in SITE_SETS.values() for site in sites} | set(sum(CHANNEL_WORDS.values(), ())), key=len)
"""Names that a file's name is searched for, the longest last."""
COLUMNS_REMEDY = (
    "Say what they are: --columns time,ax,ay,az,gx,gy,gz with the file's own names and --units s,m/s^2,rad/s "
    "(or ms, us, ns; g, mg, counts/16384; deg/s); --rate instead of a time column; no gx,gy,gz without a gyroscope. "
    "Or write a recording.yaml and sync that."
)
logger = logging.getLogger(__name__)

_COMMA = re.compile(r",(?![^\[]*\])")


def read_bare(
    files: Sequence[str], *, columns: str | None = None, units: str | None = None, rate_hz: float | None = None
) -> tuple[ImuStream, ...]:
    """The streams of `FILE` or `SITE=FILE` each. Columns and units are for files whose format does not state them.

    A plain table's usual names are understood where they leave no doubt, and what they were taken for is logged.
    """
    guessed = columns is None and units is None
    declared = {} if guessed else declare(columns, units=units, rate_hz=rate_hz)
    sensors = bare_sensors(files, declared=declared, rate_hz=rate_hz if guessed else None)
    try:
        return read_streams(sensors, folder=Path())
    except BadInput as error:
        hint = " Without a manifest: --columns, --units and --rate." if declared else ""
        raise BadInput(
            error.where, found=error.found, expected=error.expected, remedy=f"{error.remedy}{hint}"
        ) from None


def declare(columns: str | None, *, units: str | None, rate_hz: float | None) -> dict[str, object]:
    """What `--columns`, `--units` and `--rate` say together, as the keys of a manifest's sensor; empty without any."""
    if columns is None and units is None and rate_hz is None:
        return {}
    names = [name.strip() for name in _COMMA.split(columns or "")]
    given = [unit.strip() for unit in (units or "").split(",") if unit.strip()]
    stamped = rate_hz is None
    if len(names) - stamped not in (3, 6) or not all(names):
        expected = (
            f"{'a time column, ' if stamped else ''}three of acceleration, and three of angular rate if there are"
        )
        raise BadInput("--columns", found=columns or "none", expected=expected, remedy=COLUMNS_REMEDY)
    triads = (len(names) - stamped) // 3
    if len(given) != stamped + triads:
        expected = f"{stamped + triads} units, in the order of the columns: {'time, ' if stamped else ''}acceleration"
        expected += ", angular rate" if triads == 2 else ""
        raise BadInput("--units", found=units or "none", expected=expected, remedy=COLUMNS_REMEDY)
    time = {"column": names[0], "unit": given[0]} if stamped else {"rate_hz": rate_hz}
    force, *rate = (names[at : at + 3] for at in range(stamped, len(names), 3))
    acceleration = parse_settings(Acceleration, {"columns": force} | _unit(given[stamped]), where="--units")
    turning = [parse_settings(AngularRate, {"columns": r} | _unit(given[-1]), where="--units") for r in rate]
    return {
        "time": parse_settings(Time, time, where="--units"),
        "acceleration": acceleration,
        "angular_rate": turning[0] if turning else "none",
    }


def bare_sensors(
    files: Sequence[str], *, declared: dict[str, object], rate_hz: float | None = None
) -> tuple[Sensor, ...]:
    """One sensor a device. Sites by what was said, else by the file's name, else `imu-1`, `imu-2`..."""
    sensors: list[Sensor] = []
    used = False
    for text in files:
        site, path = _named(text)
        if not path.is_file():
            raise BadInput(path, found="no such file", expected="a sensor file", remedy="Check --imu.")
        reader = choose_format(path, declared=None, formats=FORMATS)
        used |= reader.generic
        keys = (declared or _understood(path, rate_hz=rate_hz)) if reader.generic else {}
        devices = {} if reader.generic else reader(path, columns=()).devices
        if site and len(devices) > 1:
            found = f"{len(devices)} devices in the file named {site}"
            raise BadInput(path, found=found, expected="one", remedy="Give the file without a name.")
        for device in devices if len(devices) > 1 else [None]:
            own = device and (devices[device].label or f"imu-{device}")
            name = site or own or site_in(path.stem) or f"imu-{len(sensors) + 1}"
            sensors.append(Sensor.model_validate({"site": name, "path": str(path), "device": device} | keys))
    if (declared or rate_hz) and not used:
        found = "files whose format states its columns by itself"
        option = "--columns" if declared else "--rate"
        raise BadInput(option, found=found, expected="a plain table", remedy=f"Leave {option} out.")
    return _unique(sensors)


def _understood(path: Path, *, rate_hz: float | None) -> dict[str, object]:
    """The keys of a plain table by the names of its columns; refused where they leave a doubt."""
    keys = guess_columns(path, rate_hz=rate_hz)
    if not keys or _doubtful(path, keys=keys):
        expected = "columns that are declared, or names and values that leave no doubt"
        raise BadInput(path, found=_columns_there(path), expected=expected, remedy=COLUMNS_REMEDY)
    logger.info("%s: taken for %s; --columns and --units say otherwise", path.name, describe_columns(keys))
    return keys


def _doubtful(path: Path, *, keys: dict[str, object]) -> bool:
    """Whether a body would move too slowly or too fast, or turn as gravity does not, if the columns were these."""
    try:
        (stream,) = read_streams([Sensor.model_validate({"site": "imu", "path": str(path)} | keys)], folder=Path())
    except BadInput:
        return False  # to be refused as what it is
    return bool(tempo_remarks(stream) or turning_remarks(stream))


def site_in(stem: str) -> str | None:
    """The site that a file's name holds as whole words, e.g. `sacrum` in `Bella-sacrum_01`; None without one."""
    words = f"_{'_'.join(re.findall('[a-z]+', stem.lower()))}_"
    return next((site for site in reversed(SITES) if f"_{site}_" in words), None)


def _named(text: str) -> tuple[str, Path]:
    """`SITE=FILE`, or a file alone, whose own name may hold an equals sign."""
    site, equals, path = text.partition("=")
    return (site, Path(path)) if equals and not Path(text).exists() else ("", Path(text))


def _unit(text: str) -> dict[str, object]:
    """`g`, or `counts/16384`: counts to one g or deg/s."""
    unit, slash, scale = text.partition("/")
    return {"unit": "counts", "per_unit": scale} if unit == "counts" and slash else {"unit": text}


def _columns_there(path: Path) -> str:
    """What a plain table holds, in the words with which its reader refuses a column that is not there."""
    try:
        choose_format(path, declared=None, formats=FORMATS)(path, columns=("\0",))
    except BadInput as error:
        return error.found
    return "columns"


def _unique(sensors: Sequence[Sensor]) -> tuple[Sensor, ...]:
    sites = [sensor.site for sensor in sensors]
    twice = next((site for site in sites if sites.count(site) > 1), None)
    if twice:
        paths = " and ".join(sensor.path for sensor in sensors if sensor.site == twice)
        raise BadInput(
            "--imu", found=f"{paths}, both {twice}", expected="each site once", remedy="Write --imu SITE=FILE."
        )
    return tuple(sensors)
