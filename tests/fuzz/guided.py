"""Changes that are kept where they run lines of the package that none ran before, by atheris (libFuzzer)."""

import os
import random
import time
from pathlib import Path

import atheris

from .families import Family
from .loop import copied, note, tried, warmed_up
from .mutate import LARGEST, mutated


def guided_work(family: Family, *, ends: float, seed: int, out: Path) -> None:
    """A child's life, led by the lines that were run. It never returns.

    An input begins with the number of a sound input, a byte, and of its file, another; then comes what the file holds.
    """
    sound, counts = warmed_up(family, out=out), {"used": 0, "refused": 0, "failed": 0}

    def use(data: bytes) -> None:
        note(counts, out=out)
        if time.monotonic() > ends:
            os._exit(0)
        if len(data) < 2:
            return
        chosen = sound[data[0] % len(sound)]
        files = copied(family, sound=chosen, out=out)
        target = files[data[1] % len(files)]
        target.write_bytes(data[2:])
        counts[tried(family, target, sound=chosen, out=out)] += 1

    def change(data: bytes, size: int, seed: int) -> bytes:
        at, content = random.Random(seed), data[2:] or b"0"
        content = mutated(content, at) if at.random() < 0.5 else atheris.Mutate(content, max(size - 2, 1))
        return (data[:2] + content)[:size]

    limits = (
        f"-seed={seed + 1}",
        f"-max_len={LARGEST}",
        "-timeout=1000000",
        "-rss_limit_mb=0",
        "-verbosity=0",
        f"-artifact_prefix={out}/",
    )
    atheris.Setup([str(out), *limits, str(_corpus(family, sound, out=out))], use, custom_mutator=change)
    atheris.Fuzz()


def _corpus(family: Family, sound: list[Path], *, out: Path) -> Path:
    """The folder of inputs that lead further; it begins with the sound ones."""
    corpus = out / "corpus"
    corpus.mkdir(exist_ok=True)
    for number, folder in enumerate(sound[:256]):
        for place, path in enumerate(copied(family, sound=folder, out=out)[:256]):
            (corpus / f"{number}-{place}").write_bytes(bytes([number, place]) + path.read_bytes())
    return corpus
