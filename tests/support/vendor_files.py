"""Files of sensors' vendors for tests: a horse that walks, written as each device's program would export it."""

from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path

import av
import h5py
import numpy as np
from equigait.data.errors import BadInput
from equigait.data.recording import ImuStream
from hypothesis import strategies as st
from sensor_files import GRAVITY, walking


def damaged(content: str | bytes, *, data: st.DataObject, longest: int = 300) -> bytes:
    """The content with one to four stretches cut out and replaced by a few other bytes."""
    text = bytearray(content.encode() if isinstance(content, str) else content)
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(text)))
        stop = data.draw(st.integers(start, min(len(text), start + longest)))
        text[start:stop] = data.draw(st.binary(max_size=12))
    return bytes(text)


def assert_read_or_refused(read: Callable[[], ImuStream]) -> None:
    """Either the one refusal, in one line, or a stream that can be trusted to be one."""
    message, stream = "", None
    try:
        stream = read()
    except BadInput as refusal:
        message = str(refusal)
    assert "\n" not in message
    assert (stream is None) == bool(message)
    if stream is not None:
        assert np.isfinite(stream.time_seconds).all()
        assert (np.diff(stream.time_seconds) > 0).all()
        assert not np.isinf(stream.specific_force).any()
        assert not np.isinf(stream.angular_rate).any()


def movella_text(
    counters: Sequence[int] | np.ndarray, fine: Sequence[int] | np.ndarray, *, tag: str = "3", gravity: bool = True
) -> str:
    """An export of one Movella DOT at walk, a row for each counter, stamps in microseconds."""
    _, signals = walking(len(counters) / 60.0 + 1, rate_hz=60.0)
    acceleration = "Acc_X,Acc_Y,Acc_Z," if gravity else ""
    lines = [
        f"DeviceTag:,{tag}",
        "FirmwareVersion:,2.0.0",
        "OutputRate:,60Hz",
        "",
        f"PacketCounter,SampleTimeFine,FreeAcc_X,FreeAcc_Y,FreeAcc_Z,{acceleration}Gyr_X,Gyr_Y,Gyr_Z",
    ]
    for row, (counter, stamp) in enumerate(zip(counters, fine, strict=True)):
        force = [*signals[row, :3]] if gravity else []
        numbers = [0.1, 0.2, 0.3, *force, *np.rad2deg(signals[row, 3:])]
        lines.append(",".join([str(int(counter)), str(int(stamp)), *(f"{value:.6f}" for value in numbers)]))
    return "\n".join(lines) + "\n"


def shimmer_text(*names: str, wide: bool = True, seconds: float = 5.0) -> str:
    """An export of Shimmers of these names at walk; low-noise accelerometers end at 2 g, as theirs do."""
    times, signals = walking(seconds)
    header, units, columns = [], [], []
    for name in names:
        channels = {"Timestamp_Unix_CAL": (1.7e12 + 1000 * times, "ms")}
        triads = {"Accel_LN": (np.clip(signals[:, :3], -2 * GRAVITY / 2, 2 * GRAVITY / 2), "m/(s^2)")}
        triads |= {"Accel_WR": (signals[:, :3], "m/(s^2)")} if wide else {}
        triads |= {"Gyro": (np.rad2deg(signals[:, 3:]), "deg/s")}
        for kind, (values, unit) in triads.items():
            channels |= {f"{kind}_{axis}_CAL": (values[:, at], unit) for at, axis in enumerate("XYZ")}
        for channel, (values, unit) in channels.items():
            header.append(f"Shimmer_{name}_{channel}")
            units.append(unit)
            columns.append(values)
    rows = [",".join(repr(float(value)) for value in row) + "," for row in zip(*columns, strict=True)]
    return '"sep=,"\n' + ",".join(header) + ",\n" + ",".join(units) + ",\n" + "\n".join(rows) + "\n"


def trident_text(times: np.ndarray, force: np.ndarray, rate: np.ndarray | None) -> str:
    """An export of one Blue Trident file, low-g with a gyroscope or high-g without."""
    names = ["unix_timestamp_microsec", "time_s", "ax_m/s/s", "ay_m/s/s", "az_m/s/s"]
    names += [] if rate is None else ["gx_deg/s", "gy_deg/s", "gz_deg/s"]
    lines = [",".join(names)]
    for row, time in enumerate(times):
        numbers = [time, *force[row], *([] if rate is None else np.rad2deg(rate[row]))]
        lines.append(f"{round(1.7e15 + time * 1e6)}," + ",".join(f"{value:.6f}" for value in numbers))
    return "\n".join(lines) + "\n"


def racechrono_text(seconds: float = 5.0) -> str:
    """A RaceChrono session at walk: a preamble, duplicate names, text among the numbers, rows of a few milliseconds."""
    preamble = (
        "This file is created using RaceChrono Pro v9.1.3 ( http://racechrono.com/ ).\nFormat,2\n" + "Note,\n" * 8
    )
    names = "Time (s),Trap name,Speed (m/s),Device update rate (Hz)"
    names += "".join(f",{axis} acceleration (G) *acc" for axis in "XYZ") + ",Device update rate (Hz) *acc"
    names += "".join(f",{axis} rate of rotation (deg/s) *gyro" for axis in "XYZ")
    times, signals = walking(seconds)
    lines = [
        f"{1.7e9 + time:.3f},,1.0,25.0,"
        + ",".join(f"{value:.6f}" for value in (*row[:3] / GRAVITY, 25.0, *np.rad2deg(row[3:])))
        for time, row in zip(times, signals, strict=True)
    ]
    return preamble + "\n" + names + "\n" + "\n".join(lines) + "\n"


def write_apdm(path: Path, *labels: str, seconds: float = 5.0) -> None:
    """An HDF5 file of Opals with these labels, identities 1000, 1001..."""
    times, signals = walking(seconds, rate_hz=128.0)
    with h5py.File(path, "w") as file:
        file.attrs["FileFormatVersion"] = 5
        for at, label in enumerate(labels):
            group = file.create_group(f"Sensors/{1000 + at}")
            group["Accelerometer"], group["Gyroscope"] = signals[:, :3] + at * 0.01, signals[:, 3:]
            group["Time"] = (1.7e15 + 1e6 * times).astype(np.uint64)
            group.create_group("Configuration").attrs["Label 0"] = np.bytes_(label)
        file.create_group("Processed")


def gpmf_record(key: str, kind: str, values: bytes, *, size: int) -> bytes:
    """One GPMF record: key, type, size of an element, count, and the content padded to four bytes."""
    count = len(values) // size
    head = key.encode() + kind.encode("latin-1") + bytes([size]) + count.to_bytes(2, "big")
    return head + values + b"\0" * (-len(values) % 4)


def gpmf_payload(force: np.ndarray, rate: np.ndarray, *, orientation: str | None = None) -> bytes:
    """A payload with both sensors: int16 with scales 418 and 3755, channels in the given order."""
    streams = b""
    for key, unit, scale, values in (("ACCL", b"m/s\xb2", 418, force), ("GYRO", b"rad/s", 3755, rate)):
        counts = np.round(values * scale).astype(">i2").tobytes()
        records = gpmf_record("STNM", "c", b"sensor\0", size=1)
        records += gpmf_record("ORIN", "c", orientation.encode(), size=1) if orientation else b""
        records += gpmf_record("SIUN", "c", unit, size=len(unit))
        records += gpmf_record("SCAL", "s", scale.to_bytes(2, "big"), size=2) + gpmf_record(key, "s", counts, size=6)
        streams += gpmf_record("STRM", "\0", records, size=1)
    return gpmf_record("DEVC", "\0", gpmf_record("DVID", "L", b"\0\0\0\1", size=4) + streams, size=1)


def write_gopro(path: Path, payloads: Sequence[bytes], *, seconds: float = 1.001) -> None:
    """A film without pictures: an MP4 whose telemetry track holds these payloads, one after each `seconds`."""
    with av.open(str(path), "w", format="mp4") as container:
        stream = container.add_data_stream("bin_data")
        stream.metadata["handler_name"] = "GoPro MET"
        for at, payload in enumerate(payloads):
            packet = av.Packet(payload)
            packet.stream, packet.pts = stream, round(at * seconds * 1000)
            packet.dts, packet.time_base, packet.duration = packet.pts, Fraction(1, 1000), round(seconds * 1000)
            container.mux(packet)
