"""The base of every component's settings, and the one way to read them from YAML: strict, each fault with its path."""

import difflib
import reprlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar, get_args

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails

from .errors import BadInput


class Settings(BaseModel):
    """Settings of one component, kept beside it. A default is written here once and nowhere else."""

    model_config = ConfigDict(extra="forbid", frozen=True)


Model = TypeVar("Model", bound=Settings)


class _StrictLoader(yaml.SafeLoader):
    """Safe YAML that refuses a key given twice, where PyYAML would silently keep the last."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [getattr(key, "value", None) for key, _ in node.value]
        twice = sorted({str(key) for key in keys if isinstance(key, str) and keys.count(key) > 1})
        if twice:
            raise yaml.MarkedYAMLError(problem=f"the key {', '.join(twice)} twice", problem_mark=node.start_mark)
        return super().construct_mapping(node, deep=deep)


def read_yaml(path: Path) -> object:
    """What a YAML file holds. A missing or unreadable file is bad input."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise BadInput(path, found="no such file", expected="a YAML file", remedy="Check the path.") from None
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(path, found=str(error), expected="a YAML file in UTF-8", remedy="Check the file.") from None
    return parse_yaml(text, where=path)


def parse_yaml(text: str, *, where: object) -> object:
    """What a YAML text holds: None for an empty one. Keys given twice are refused."""
    try:
        return yaml.load(text, Loader=_StrictLoader)
    except yaml.YAMLError as error:
        mark, problem = getattr(error, "problem_mark", None), getattr(error, "problem", None) or str(error)
        line = f" in line {mark.line + 1}" if mark else ""
        raise BadInput(where, found=f"{problem}{line}", expected="YAML", remedy="Mend that line.") from None


def parse_settings(model: type[Model], values: object, *, where: object) -> Model:
    """Settings from plain values such as YAML gives. Faults name a key by its path: `sensors[0].acceleration.unit`."""
    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise _explain(error.errors(), model=model, where=where) from None


def with_override(values: Mapping[str, Any], override: str) -> dict[str, Any]:
    """A copy of `values` in which `a.b=v` has set the key b of section a to v, read as YAML."""
    path, equals, text = override.partition("=")
    where = f"--set {override}"
    if not equals or not path:
        expected, remedy = "section.key=value", "Write --set train.steps=500."
        raise BadInput(where, found="no value" if path else "no key", expected=expected, remedy=remedy)
    return _put(values, keys=path.split("."), value=parse_yaml(text, where=where), where=where)


def _put(values: Mapping[str, Any], *, keys: Sequence[str], value: object, where: str) -> dict[str, Any]:
    key, *inner_keys = keys
    if not inner_keys:
        return {**values, key: value}
    inner = values.get(key) or {}
    if not isinstance(inner, Mapping):
        raise BadInput(where, found=f"{key} is a value", expected="a section", remedy=f"Write --set {key}=...")
    return {**values, key: _put(inner, keys=inner_keys, value=value, where=where)}


def _explain(faults: Sequence[ErrorDetails], *, model: type[BaseModel], where: object) -> BadInput:
    """One line for the first fault, and where the others are."""
    first, others = faults[0], ", ".join(_path(fault["loc"]) for fault in faults[1:])
    key, more = _path(first["loc"]), f" (also at fault: {others})" if others else ""
    if first["type"] == "extra_forbidden":
        known = _keys_at(first["loc"][:-1], model=model)
        close = difflib.get_close_matches(str(first["loc"][-1]), known, n=1)
        remedy = f"Did you mean {close[0]}?" if close else "Take the key out."
        return BadInput(where, found=f"unknown key {key}{more}", expected=f"one of {', '.join(known)}", remedy=remedy)
    if first["type"] == "missing":
        return BadInput(where, found=f"no {key}{more}", expected=f"the key {key}", remedy="Add it.")
    message = first["msg"].removeprefix("Value error, ")
    found = f"{key}: {reprlib.repr(first['input'])}" if not isinstance(first["input"], dict) else key
    return BadInput(where, found=f"{found}{more}", expected=message, remedy="Correct that value.")


def _path(location: tuple[int | str, ...]) -> str:
    parts = (f"[{part}]" if isinstance(part, int) else f".{part}" for part in location)
    return "".join(parts).removeprefix(".") or "the whole"


def _keys_at(location: tuple[int | str, ...], *, model: type[BaseModel]) -> list[str]:
    """The keys that the section at this location knows."""
    for part in location:
        if isinstance(part, str) and part in model.model_fields:
            inner = _models_in(model.model_fields[part].annotation)
            model = inner[0] if inner else model
    return list(model.model_fields)


def _models_in(annotation: object) -> list[type[BaseModel]]:
    """The settings classes named in an annotation such as `tuple[Sensor, ...] | None`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for inner in get_args(annotation) for model in _models_in(inner)]
