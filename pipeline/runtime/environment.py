"""What this machine offers: versions, device, film decoder, weights of the Hub; the facts that a bug report needs."""

import os
import platform
import re
import shutil
import sys
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

REQUIREMENT = re.compile(r"^([A-Za-z0-9_.-]+)[^;]*(?:;.*extra\s*==\s*[\"']([^\"']+)[\"'])?")
"""A line of a package's metadata: the name, and the extra that asks for it, if any."""
USER_EXTRAS = ("cwa", "export", "ray", "students", "teachers", "tensorboard")
"""Extras that a user may want; `dev` is for those who change equigait."""
LARGE_GIB = 10.0
"""Free disk below this is remarked on."""


@dataclass(frozen=True)
class Check:
    """One fact about the machine."""

    name: str
    """What was asked."""
    found: str
    """The answer."""
    remedy: str = ""
    """What to do where the answer is a fault; empty where all is well."""

    def __str__(self) -> str:
        line = f"{self.name:<14} {self.found}"
        return f"{line}\n{'':<14} -> {self.remedy}" if self.remedy else line


def check_environment(*, cache: str | None = None) -> tuple[Check, ...]:
    """Every check in the order in which it is printed. Nothing is downloaded, nothing is written, no network asked."""
    checks = [_python(), *_packages(), *map(_extra, USER_EXTRAS), _processor(), _device(), _decoder(), _hub(), _disk()]
    return (*checks, *([_cache(cache)] if cache else []))


def _python() -> Check:
    found = f"{platform.python_version()} on {platform.system()} {platform.release()} ({platform.machine()})"
    old = sys.version_info < (3, 11)
    return Check("python", found, remedy="Use Python 3.11 or newer." if old else "")


def _packages() -> list[Check]:
    versions = {name: _version(name) for name in ("equigait", *_required(""))}
    missing = [name for name, found in versions.items() if found is None]
    there = ", ".join(f"{name} {found}" for name, found in versions.items() if found is not None)
    remedy = f"Not installed: {', '.join(missing)}. Run `pip install equigait` again." if missing else ""
    return [Check("packages", there, remedy=remedy)]


def _extra(name: str) -> Check:
    versions = {package: _version(package) for package in _required(name)}
    if None in versions.values():
        return Check(f"extra {name}", f"not installed (`pip install 'equigait[{name}]'`)")
    return Check(f"extra {name}", ", ".join(f"{package} {found}" for package, found in versions.items()))


def _processor() -> Check:
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return Check("processor", f"{usable} usable of {os.cpu_count()} cores")


def _device() -> Check:
    try:
        import torch
    except ImportError as error:
        return Check("torch device", f"torch cannot be imported ({error})", remedy="Install torch again.")
    if torch.cuda.is_available():
        names = ", ".join(torch.cuda.get_device_name(index) for index in range(torch.cuda.device_count()))
        return Check("torch device", f"cuda ({names}; CUDA {torch.version.cuda})")
    built = torch.version.cuda
    if built and Path("/dev/nvidiactl").exists():
        remedy = "The driver does not answer torch: see `nvidia-smi`, or install a torch for its CUDA version."
        return Check("torch device", f"cpu, though a GPU is there and torch is built for CUDA {built}", remedy=remedy)
    return Check("torch device", f"cpu (torch is built {f'for CUDA {built}' if built else 'without CUDA'})")


def _decoder() -> Check:
    try:
        import av
        from av.codec import codecs_available
    except ImportError as error:
        return Check("film decoder", f"PyAV cannot be imported ({error})", remedy="Install av again.")
    lacking = [name for name in ("h264", "hevc", "vp9", "av1", "mpeg4", "mjpeg") if name not in codecs_available]
    ffmpeg = ".".join(map(str, av.library_versions["libavcodec"]))
    remedy = f"Films in {', '.join(lacking)} cannot be read: install another build of av." if lacking else ""
    return Check("film decoder", f"PyAV {av.__version__}, libavcodec {ffmpeg}", remedy=remedy)


def _hub() -> Check:
    home = Path(os.environ.get("HF_HOME", Path.home() / ".cache" / "huggingface"))
    folder = Path(os.environ.get("HF_HUB_CACHE", home / "hub"))
    state = "offline (HF_HUB_OFFLINE)" if os.environ.get("HF_HUB_OFFLINE") not in (None, "", "0") else "may be asked"
    there = sorted(path.name.removeprefix("models--").replace("--", "/") for path in folder.glob("models--*"))
    return Check("Hub", f"{state}; weights in {folder}: {', '.join(there) or 'none'}")


def _disk() -> Check:
    free = shutil.disk_usage(Path.cwd()).free / 2**30
    remedy = "Little room for caches and weights." if free < LARGE_GIB else ""
    return Check("disk", f"{free:.1f} GiB free in {Path.cwd()}", remedy=remedy)


def _cache(place: str) -> Check:
    from ...cache.reader import committed
    from ...cache.store import open_store
    from ...data.errors import BadInput

    try:
        number = sum(1 for _ in committed(open_store(place)))
    except (BadInput, OSError) as error:
        return Check("cache", str(error), remedy="Give the folder that `extract-teacher --cache` wrote to.")
    remedy = "" if number else "Check the path: `extract-teacher DATA` keeps its cache in DATA/cache."
    return Check("cache", f"{place}: {number} recordings", remedy=remedy)


def _required(extra: str) -> list[str]:
    """Names of the packages that equigait, or one of its extras, asks for."""
    found = [REQUIREMENT.match(line) for line in requires("equigait") or ()]
    return [match[1] for match in found if match and (match[2] or "") == extra]


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
