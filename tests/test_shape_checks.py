"""The checks that all other tests run under: an axis has one size in a call, whatever kind of function is called."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from beartype.roar import BeartypeCallHintViolation
from jaxtyping import Float64, TypeCheckError
from numpy import ndarray as Array
from shape_checks import checking

THREE, FOUR = np.zeros((3, 2)), np.zeros((4, 2))


@checking
def pair(one: Float64[Array, "rows 2"], other: Float64[Array, "rows 2"]) -> Float64[Array, "rows 2"]:
    return one if len(one) < 4 else other[:1]


@checking
def pairs(one: Float64[Array, "rows 2"], other: Float64[Array, "rows 2"]) -> Iterator[int]:
    yield len(one) + len(other)


@checking
def first(one: Float64[Array, "rows 2"], *, count: int) -> Float64[Array, "{count} 2"]:
    return one[: min(count, 2)]


@checking
@dataclass(frozen=True)
class Both:
    one: Float64[Array, "rows 2"]
    other: Float64[Array, "rows 2"]


@pytest.mark.parametrize("call", [pair, lambda one, other: list(pairs(one, other)), Both])
def test_sizes_of_one_name_agree(call: Callable[[Array, Array], Any]) -> None:
    call(THREE, THREE)
    with pytest.raises((BeartypeCallHintViolation, TypeCheckError)):
        call(THREE, FOUR)


def test_what_is_given_back_is_checked_with_what_went_in() -> None:
    with pytest.raises(BeartypeCallHintViolation):
        pair(FOUR, FOUR)
    assert len(first(THREE, count=2)) == 2
    with pytest.raises(TypeCheckError):
        first(THREE, count=3)


def test_a_call_within_a_call_has_sizes_of_its_own() -> None:
    assert pair(pair(THREE, THREE)[:2], FOUR[:2]).shape == (2, 2)
