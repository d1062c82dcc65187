"""Kills writers at random instants, lets others resume, and holds the cache against an undisturbed run after each.

Writers are real processes, forked from one that has its imports behind it (so that instants fall into work, and many
kills are affordable), each ended with SIGKILL. S3 is a server of its own that speaks HTTP.
"""

import importlib
import json
import os
import random
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self
from unittest.mock import patch

from equigait.cache import entry_index, reader
from equigait.cache.reader import all_entries
from equigait.cache.store import open_store
from equigait.cache.verify import gc, verify
from made_segments import content, write_rides

Content = dict[str, dict[str, str]]
"""What a store holds, as `content` tells it."""

HERE = Path(__file__).parent
LEAST_INDEXED = 2
"""Entries from which on there is an index of them here: in these caches of a few as in others of very many."""
IMPORTED_BEFORE = (
    "equigait.pipeline.extract_teacher",
    "equigait.pipeline.pretrain",
    "transformers.models.videomae.modeling_videomae",
    "zarr",
)
"""What commands import late: a writer has it from the process that it is forked from, not by seconds of its own."""


@dataclass
class Tally:
    """What was done to a cache, and that it bore it."""

    kills: int = 0
    """Writers that died by SIGKILL."""
    in_writing: int = 0
    """Kills that left objects which no manifest names: they struck between a segment's first byte and its commit."""
    rounds: int = 0
    """Caches that were filled from nothing under kills, each equal to the undisturbed one in the end."""


class Writers:
    """A process that forks a writer whenever told: a command of phase one, `together` with it a second
    process of the same command, or `commit`: the writing of segments alone."""

    def __init__(self) -> None:
        self._parent = subprocess.Popen(
            [sys.executable, "-c", "from kills import serve; serve()"],
            env={**os.environ, "PYTHONPATH": str(HERE), "OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._parent:
            self._parent.kill()

    def run(self, *order: str, kill_after: float | None = None) -> int:
        """Lets a writer do this; -9 when it was killed in it, its exit code otherwise."""
        assert self._parent.stdin
        print(json.dumps(order), file=self._parent.stdin, flush=True)
        writer = int(self._line())
        if kill_after is not None:
            time.sleep(kill_after)
            os.kill(writer, signal.SIGKILL)  # one that has ended is still waited for: its number is not another's
        print(file=self._parent.stdin, flush=True)
        return int(self._line())

    def _line(self) -> str:
        assert self._parent.stdout
        return self._parent.stdout.readline()


@contextmanager
def few_are_indexed() -> Iterator[None]:
    """Within, this process reads and writes the index of entries in caches of LEAST_INDEXED recordings and more."""
    with patch.object(entry_index, "LEAST_NEW", LEAST_INDEXED), patch.object(reader, "LEAST_NEW", LEAST_INDEXED):
        yield


@few_are_indexed()
def serve() -> None:
    """What the process of `Writers` does. It reads and writes no cache itself: stores do not survive a fork."""
    from equigait.cli.app import app

    for name in IMPORTED_BEFORE:
        importlib.import_module(name)
    for line in sys.stdin:
        order = json.loads(line)
        writer = os.fork()
        if writer == 0:
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
            os.dup2(1, 2)
            other = os.fork() if order[0] == "together" else -1
            if order[0] == "commit":
                write_rides(order[1], rides=int(order[2]), seconds=600.0, indexing=True)
            else:
                app(order[other >= 0 :], standalone_mode=False)
            os._exit(int(other > 0 and os.waitpid(other, 0)[1] != 0))
        print(writer, flush=True)
        sys.stdin.readline()
        print(os.waitstatus_to_exitcode(os.waitpid(writer, 0)[1]), flush=True)


@few_are_indexed()
def kill_and_resume(writers: Writers, *order: str, caches: str, kills: int, seed: int = 0) -> Tally:
    """Fills caches under kills until there were that many; `CACHE` in the order stands for each, under `caches`.

    After each kill all that can be seen is whole and as it should be; in the end nothing is lost, doubled or damaged.
    """
    chance, tally = random.Random(seed), Tally()

    def ordered(cache: str) -> tuple[str, ...]:
        return tuple(cache if word == "CACHE" else word for word in order)

    began = time.perf_counter()
    assert writers.run(*ordered(f"{caches}/undisturbed")) == 0
    whole_seconds = time.perf_counter() - began
    expected = content(open_store(f"{caches}/undisturbed"))
    assert expected
    while tally.kills < kills:
        cache = f"{caches}/killed-{tally.rounds}"
        while tally.kills < kills and content(open_store(cache)) != expected:
            left_before = len(verify(open_store(cache)))
            code = writers.run(*ordered(cache), kill_after=chance.uniform(0.0, whole_seconds * 0.7))
            assert code in (0, -signal.SIGKILL)
            orphans, _ = hold_what_is_seen(cache, expected=expected)
            all_entries(open_store(cache), indexing=True)  # what comes later is read beside this index
            tally.kills += code == -signal.SIGKILL
            tally.in_writing += orphans > left_before
        assert writers.run(*ordered(cache)) == 0
        assert list(open_store(cache).names(entry_index.PARTS))
        hold_the_whole(cache, expected=expected)
        tally.rounds += 1
    return tally


def hold_what_is_seen(cache: str | Path, *, expected: Content) -> tuple[int, int]:
    """Asserts that what can be seen of a cache is whole and as it should be: how many orphans and recordings it has."""
    store = open_store(cache)
    faults, seen = verify(store), content(store)
    assert {fault.kind for fault in faults} <= {"orphan"}
    assert seen.items() <= expected.items()
    return len(faults), len(seen)


def hold_the_whole(cache: str | Path, *, expected: Content) -> None:
    """Asserts that nothing of a cache is lost, doubled or damaged."""
    store = open_store(cache)
    assert content(store) == expected
    assert len(all_entries(store)) == len(expected)
    gc(store, grace_seconds=0.0)
    assert verify(store) == ()
    assert content(store) == expected


@contextmanager
def s3_server() -> Iterator[str]:
    """`s3://bucket` on a server of this machine; the environment says where, as it would for any other."""
    words = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", "0"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as server:
        assert server.stdout
        address = next(line.split()[-1] for line in server.stdout if "Running on http" in line)
        told = {
            "AWS_ENDPOINT_URL": address,
            "AWS_ALLOW_HTTP": "true",
            "AWS_ACCESS_KEY_ID": "any",
            "AWS_SECRET_ACCESS_KEY": "any",
            "AWS_REGION": "us-east-1",
        }
        before = {name: os.environ.get(name) for name in told}
        os.environ.update(told)
        try:
            urllib.request.urlopen(urllib.request.Request(f"{address}/bucket", method="PUT")).close()
            server.stdout.close()
            yield "s3://bucket"
        finally:
            for name, value in before.items():
                if value is None:
                    del os.environ[name]
                else:
                    os.environ[name] = value
            server.kill()
