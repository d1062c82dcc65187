"""Changes an input, uses it, and notes what is neither right nor refused; in a process that may die of it."""

import contextlib
import json
import os
import random
import resource
import shutil
import signal
import time
import traceback
from pathlib import Path
from types import FrameType
from typing import Protocol

from equigait.data.errors import BadInput

from .families import FAMILIES, Family
from .mutate import mutated

CPU_SECONDS_AT_MOST = 20.0
"""A use that works for longer hangs. What else the machine does counts for nothing here."""
SECONDS_AT_MOST = 300.0
"""A use that is not done by then waits for what never comes, or hangs in a library, where no alarm reaches it."""
MEMORY_AT_MOST = 4 << 30
"""Bytes of address space beyond what the modules take."""


class HangError(Exception):
    """A use that went on for too long."""


class Work(Protocol):
    """A child's life, to `ends` on the monotonic clock; it counts into `out/counts.json` and never returns."""

    def __call__(self, family: Family, *, ends: float, seed: int, out: Path) -> None: ...


def fuzz(name: str, *, seconds: float, seed: int, out: Path, work: Work) -> dict[str, int]:
    """Fuzzes one family for so long; `out/failures` then holds an input for each kind of failure.

    The uses run in a child, whose life is `work`, and which is started anew where a library ends it.
    """
    shutil.rmtree(out / "current", ignore_errors=True)
    (out / "failures").mkdir(parents=True, exist_ok=True)
    _planted(FAMILIES[name], out=out)
    ends, counts = time.monotonic() + seconds, {"used": 0, "refused": 0, "failed": 0, "deaths": 0}
    while time.monotonic() < ends:
        child = os.fork()
        if child == 0:
            work(FAMILIES[name], ends=ends, seed=seed, out=out)
        status = _status(child, out=out)
        counted = json.loads((out / "counts.json").read_text())
        counts = {key: counts[key] + counted.get(key, 0) for key in counts}
        seed += 1
        if os.WIFSIGNALED(status):
            counts["deaths"] += 1
            _keep(out, kind=f"signal-{os.WTERMSIG(status)}-{counts['deaths']}", text=f"signal {os.WTERMSIG(status)}")
    return counts


def _planted(family: Family, *, out: Path) -> None:
    """Sound inputs, made by a child of their own: a library's threads do not outlive a fork."""
    child = os.fork()
    if child == 0:
        try:
            family.plant(out / "sound")
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    if os.waitpid(child, 0)[1]:
        raise RuntimeError("no sound inputs")


def _status(child: int, *, out: Path) -> int:
    """How a child ended. One that does nothing for long is killed."""
    (out / "counts.json").write_text("{}")
    while True:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return status
        if time.time() - (out / "counts.json").stat().st_mtime > SECONDS_AT_MOST:
            os.kill(child, signal.SIGKILL)
        time.sleep(0.2)


def random_work(family: Family, *, ends: float, seed: int, out: Path) -> None:
    """A child's life: one change at random after the other. It never returns."""
    at, counts = random.Random(seed), {"used": 0, "refused": 0, "failed": 0}
    sound = warmed_up(family, out=out)
    while time.monotonic() < ends:
        note(counts, out=out)
        counts[_once(family, sound=at.choice(sound), at=at, out=out)] += 1
    note(counts, out=out)
    os._exit(0)


def note(counts: dict[str, int], *, out: Path) -> None:
    """Leaves the counts where the parent finds them, whole even where the child dies now. That it lives shows, too."""
    draft = out / "counts.draft"
    draft.write_text(json.dumps(counts))
    draft.replace(out / "counts.json")


def warmed_up(family: Family, *, out: Path) -> list[Path]:
    """The sound inputs, after one use: what is imported late is no use of its own, and no alarm may strike amid it."""
    sound = sorted(folder for folder in (out / "sound").iterdir() if folder.is_dir())
    copied(family, sound=sound[0], out=out)
    with contextlib.suppress(BadInput):
        family.use(out / "current")
    _bound()
    return sound


def _once(family: Family, *, sound: Path, at: random.Random, out: Path) -> str:
    target = at.choice(copied(family, sound=sound, out=out))
    target.write_bytes(mutated(target.read_bytes(), at))
    return tried(family, target, sound=sound, out=out)


def copied(family: Family, *, sound: Path, out: Path) -> list[Path]:
    """A fresh copy of this sound input; returns its files that are to be changed."""
    current = out / "current"
    shutil.rmtree(current, ignore_errors=True)
    shutil.copytree(sound, current)
    return sorted(path for pattern in family.targets for path in current.glob(pattern) if path.is_file())


def tried(family: Family, target: Path, *, sound: Path, out: Path) -> str:
    """Uses the changed copy: `used`, `refused` or `failed`, and then its input is kept."""
    signal.setitimer(signal.ITIMER_PROF, CPU_SECONDS_AT_MOST)
    try:
        family.use(out / "current")
    except BadInput as refusal:
        if "\n" not in str(refusal) and refusal.remedy:
            return "refused"
        _keep(out, kind=f"refusal-{type(refusal).__name__}", text=f"not one line with a way out: {refusal!r}")
    except BaseException as error:
        last = traceback.extract_tb(error.__traceback__)
        own = next((one for one in reversed(last) if "site-packages" not in one.filename), last[-1])
        kind = f"{type(error).__name__}-{Path(own.filename).stem}-{own.lineno}"
        _keep(out, kind=kind, text=f"{sound.name}/{target.name}\n{''.join(traceback.format_exception(error))}")
    else:
        return "used"
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0.0)
    return "failed"


def _keep(out: Path, *, kind: str, text: str) -> None:
    """One input of each kind."""
    folder = out / "failures" / kind
    if not folder.exists():
        shutil.copytree(out / "current", folder)
        (folder / "failure.txt").write_text(text)


def _bound() -> None:
    """Limits of the child: memory, and an alarm for each use."""

    def hang(_number: int, _frame: FrameType | None) -> None:
        raise HangError(f"more than {CPU_SECONDS_AT_MOST:g} s of work")

    signal.signal(signal.SIGPROF, hang)
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    limit = pages * resource.getpagesize() + MEMORY_AT_MOST
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
