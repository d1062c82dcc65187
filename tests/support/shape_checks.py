"""Checks of types and shapes while tests run: whatever is called with or gives another shape than it says is an error.

jaxtyping's hook decorates every function as its module is imported. Its own decorator checks arguments twice, and a
quarter of the tests' time went there: here beartype checks them once. Jaxtyping's serves where a shape counts with an
argument, a type stands in quotes, or a generator runs when its call is over.
"""

import dataclasses
import functools
from collections.abc import Callable, Iterator
from inspect import isclass, isgeneratorfunction
from typing import Any, TypeVar, get_args

import jaxtyping
from beartype import BeartypeConf, beartype
from jaxtyping import AbstractArray

Made = TypeVar("Made")
_checked = beartype(conf=BeartypeConf(is_pep484_tower=True))  # int is allowed for float, as PEP 484 has it
_by_jaxtyping = jaxtyping.jaxtyped


def check_shapes(package: str) -> None:
    """Checks this package from now on: modules of it that are imported later."""
    jaxtyping.jaxtyped = lambda **_: checking
    jaxtyping.install_import_hook(package, None)


def checking(made: Made) -> Made:
    """A function or dataclass that checks; functions within functions, made anew at each call, stay as they are."""
    if isclass(made):
        if dataclasses.is_dataclass(made):
            made.__init__ = checking(made.__init__)
        return made
    if isinstance(made, classmethod | staticmethod):
        return type(made)(checking(made.__func__))
    if isinstance(made, property):
        return property(checking(made.fget))
    if "<locals>" in made.__qualname__:
        return made
    parts = [part for annotation in made.__annotations__.values() for part in _parts(annotation)]
    shapes = [part.dim_str for part in parts if isclass(part) and issubclass(part, AbstractArray)]
    quoted = any(isinstance(part, str) for part in parts)
    if quoted or any("{" in shape for shape in shapes) or (shapes and isgeneratorfunction(made)):
        return _by_jaxtyping(made, typechecker=_checked)
    return _in_a_call(_checked(made)) if shapes else _checked(made)


def _in_a_call(function: Callable[..., Any]) -> Callable[..., Any]:
    """An axis has one size in all that goes into a call and comes out of it."""

    @functools.wraps(function)
    def called(*arguments: Any, **named: Any) -> Any:
        with _by_jaxtyping("context"):
            return function(*arguments, **named)

    return called


def _parts(annotation: Any) -> Iterator[Any]:
    """An annotation, and what it is made of."""
    yield annotation
    for part in get_args(annotation):
        yield from _parts(part)
