"""Splits a data set by horse, so that no horse is ever on both sides."""

import hashlib
import math
from collections.abc import Iterable
from dataclasses import dataclass

from .errors import BadInput
from .settings import Settings
from .types import Share


class SplitSpec(Settings):
    """Which horses teach, choose the checkpoint, and are scored. Named horses come first, shares fill the rest."""

    train: tuple[str, ...] | None = None
    """Horses to train on; None takes all that are left."""
    validation: tuple[str, ...] | None = None
    """Horses that choose the checkpoint; None draws `validation_share` of all horses."""
    test: tuple[str, ...] | None = None
    """Horses that are scored; None draws `test_share` of all horses."""
    validation_share: Share = 0.2
    """Share of all horses, rounded, at least one unless the share is 0."""
    test_share: Share = 0.25
    """Share of all horses, rounded, at least one unless the share is 0."""
    seed: int = 0
    """Another seed draws other horses."""


@dataclass(frozen=True)
class Split:
    """Three disjoint sets of horses, each sorted by name."""

    train: tuple[str, ...]
    """Their windows teach the student, and give the scaling statistics."""
    validation: tuple[str, ...]
    """Their windows choose the checkpoint."""
    test: tuple[str, ...]
    """Their windows are scored, once."""


def split_horses(horses: Iterable[str], *, spec: SplitSpec) -> Split:
    """The split of these horses: the same for the same names and spec, whatever their order or the library versions."""
    known = sorted(set(horses))
    _check_named(spec, known=known)
    free = _drawing_order(set(known) - _named(spec), seed=spec.seed)
    test = spec.test if spec.test is not None else _take(free, share=spec.test_share, of=len(known))
    free = [horse for horse in free if horse not in test]
    drawn = _take(free, share=spec.validation_share, of=len(known))
    validation = spec.validation if spec.validation is not None else drawn
    train = spec.train if spec.train is not None else tuple(horse for horse in free if horse not in validation)
    if not train:
        raise BadInput(
            "split",
            found=f"no horse left to train on: test {', '.join(test)}; validation {', '.join(validation)}",
            expected="at least one horse in train",
            remedy="Add horses, lower split.test_share or split.validation_share, or name the horses of split.train.",
        )
    return Split(train=tuple(sorted(train)), validation=tuple(sorted(validation)), test=tuple(sorted(test)))


def _named(spec: SplitSpec) -> set[str]:
    return {horse for part in (spec.train, spec.validation, spec.test) for horse in part or ()}


def _check_named(spec: SplitSpec, *, known: list[str]) -> None:
    """Refuses a horse in two parts, and a name that no recording has."""
    every = [horse for part in (spec.train, spec.validation, spec.test) for horse in dict.fromkeys(part or ())]
    twice = sorted({horse for horse in every if every.count(horse) > 1})
    if twice:
        raise BadInput(
            "split",
            found=f"{', '.join(twice)} in more than one part",
            expected="every horse in one part at most",
            remedy="Take the horse out of all but one of split.train, split.validation and split.test.",
        )
    unknown = sorted(set(every) - set(known))
    if unknown:
        raise BadInput(
            "split",
            found=f"unknown horses {', '.join(unknown)}",
            expected=f"horses of the data set: {', '.join(known)}",
            remedy="Correct the names in split.train, split.validation and split.test.",
        )


def _drawing_order(horses: set[str], *, seed: int) -> list[str]:
    """Horses by the hash of seed and name: a new horse never changes the order of the others."""
    return sorted(horses, key=lambda horse: hashlib.sha256(f"{seed}:{horse}".encode()).digest())


def _take(horses: list[str], *, share: float, of: int) -> tuple[str, ...]:
    """The first `share * of` of these horses, rounded half up, at least one unless the share is 0."""
    count = 0 if share == 0.0 else max(1, math.floor(share * of + 0.5))
    return tuple(horses[:count])
