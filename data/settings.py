"""The base of every component's settings, and the one way to read them from YAML: strict, each fault with its path."""

import difflib
import re
import reprlib
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, TypeVar, get_args

import yaml
from pydantic import BaseModel, ConfigDict, Discriminator, ValidationError, model_validator
from pydantic_core import ErrorDetails, PydanticCustomError

from .errors import BadInput, refusal


class Settings(BaseModel):
    """Settings of one component, kept beside it. A default is written here once and nowhere else."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    renamed: ClassVar[dict[str, str]] = {}
    """Former names of keys and what they are called now: a former name is refused, naming the present one."""

    @model_validator(mode="before")
    @classmethod
    def _refuse_renamed_keys(cls, values: Any) -> Any:
        for old, new in cls.renamed.items() if isinstance(values, Mapping) else ():
            if old in values:
                raise PydanticCustomError("renamed_key", "`{old}` is now called `{new}`", {"old": old, "new": new})
        return values

    @model_validator(mode="before")
    @classmethod
    def _refuse_flags_for_numbers(cls, values: Any) -> Any:
        """`yes` in place of a number is a slip, and would count as 1."""
        for name, value in values.items() if isinstance(values, Mapping) else ():
            if isinstance(value, bool) and name in cls.model_fields:
                kind = cls.model_fields[name].annotation
                kinds = {kind, *get_args(kind)}
                if kinds & {int, float} and bool not in kinds:
                    shown = {"name": name, "value": str(value).lower()}
                    raise PydanticCustomError("flag", "`{name}: {value}` is no number", shown)
        return values


Model = TypeVar("Model", bound=Settings)


def by_name(*, default: str) -> Discriminator:
    """Chooses of the settings classes of a union by what the section calls `name`; `default` where it is left out."""

    def name_of(section: object) -> object:
        if isinstance(section, Mapping):
            return section.get("name", default)
        return getattr(section, "name", None)

    return Discriminator(name_of)


class _StrictLoader(yaml.SafeLoader):
    """Safe YAML that refuses a key given twice, where PyYAML would silently keep the last."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = Counter(key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode))
        twice = sorted(str(key) for key, count in keys.items() if count > 1)
        if twice:
            raise yaml.MarkedYAMLError(problem=f"the key {', '.join(twice)} twice", problem_mark=node.start_mark)
        return super().construct_mapping(node, deep=deep)

    def construct_whole_number(self, node: yaml.ScalarNode) -> int | str:
        """A whole number; one with a nought before it as text, as people mean it: YAML reads 012 as ten."""
        if re.fullmatch(r"[-+]?0[0-9]+", node.value):
            return str(node.value)
        return int(super().construct_yaml_int(node))


_StrictLoader.add_constructor("tag:yaml.org,2002:int", _StrictLoader.construct_whole_number)


def read_yaml(path: Path) -> object:
    """What a YAML file holds. A missing or unreadable file is bad input."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise BadInput(path, found="no such file", expected="a YAML file", remedy="Check the path.") from None
    except PermissionError as error:
        raise refusal(error) from None
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(path, found=str(error), expected="a YAML file in UTF-8", remedy="Check the file.") from None
    return parse_yaml(text, where=path)


def parse_yaml(text: str, *, where: object) -> object:
    """What a YAML text holds: None for an empty one. Keys given twice are refused."""
    try:
        return yaml.load(text, Loader=_StrictLoader)
    except (yaml.YAMLError, ValueError) as error:  # a date that is not in the calendar is a ValueError
        mark, problem = getattr(error, "problem_mark", None), getattr(error, "problem", None) or str(error)
        line = f" in line {mark.line + 1}" if mark else ""
        found = f"{' '.join(problem.split())}{line}"
        raise BadInput(where, found=found, expected="YAML", remedy="Mend that line.") from None
    except RecursionError:
        found = "lists within lists, hundreds deep"
        raise BadInput(where, found=found, expected="YAML", remedy="Write it flatter.") from None


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
        path = where.removeprefix("--set ").partition(f".{inner_keys[0]}")[0]
        raise BadInput(where, found=f"{path} is a value", expected="a section", remedy=f"Write --set {path}=...")
    return {**values, key: _put(inner, keys=inner_keys, value=value, where=where)}


def _explain(faults: Sequence[ErrorDetails], *, model: type[BaseModel], where: object) -> BadInput:
    """One line for the first fault, and where the others are."""
    first, others = faults[0], ", ".join(_path(fault["loc"], model=model) for fault in faults[1:])
    key, more = _path(first["loc"], model=model), f" (also at fault: {others})" if others else ""
    if first["type"] == "extra_forbidden":
        known = list(_walk(first["loc"][:-1], model=model)[1].model_fields)
        remedy = _nearest(first["loc"][-1], known, otherwise="Take the key out.")
        return BadInput(where, found=f"unknown key {key}{more}", expected=f"one of {', '.join(known)}", remedy=remedy)
    if first["type"] == "union_tag_invalid":
        tag, known = first["ctx"]["tag"], re.findall(r"'([^']+)'", first["ctx"]["expected_tags"])
        remedy = _nearest(tag, known, otherwise="Take one of those.")
        return BadInput(where, found=f"{key}.name: {tag!r}{more}", expected=f"one of {', '.join(known)}", remedy=remedy)
    if first["type"] == "union_tag_not_found":
        remedy = f"Write {key}: {{name: ...}}, or --set '{key}={{name: ...}}'."
        found = f"{key}: {reprlib.repr(first['input'])}{more}"
        return BadInput(where, found=found, expected="a section with a name", remedy=remedy)
    if first["type"] == "renamed_key":
        old, new = first["ctx"]["old"], first["ctx"]["new"]
        section = f"{key}." if first["loc"] else ""
        remedy = f"{first['msg']}: rename the key."
        return BadInput(where, found=f"{section}{old}{more}", expected=f"{section}{new}", remedy=remedy)
    if first["type"] == "missing":
        return BadInput(where, found=f"no {key}{more}", expected=f"the key {key}", remedy="Add it.")
    message = _in_plain_words(first)
    if first["type"] == "value_error" and isinstance(first["input"], (dict, BaseModel)):  # of several keys together
        remedy = "Correct that value, or what it has to fit."
        return BadInput(where, found=f"{key}: {message}{more}", expected="settings that hold together", remedy=remedy)
    found = f"{key}: {reprlib.repr(first['input'])}" if not isinstance(first["input"], dict) else key
    return BadInput(where, found=f"{found}{more}", expected=message, remedy="Correct that value.")


def _in_plain_words(fault: ErrorDetails) -> str:
    """What a key is held to, without the words of the library that holds it."""
    context, kind = fault.get("ctx", {}), fault["type"]
    if kind in ("tuple_type", "list_type"):
        return "a list, such as [a, b]"
    if kind in ("too_short", "too_long"):
        least, most = context.get("min_length"), context.get("max_length")
        return f"{least} entries or more" if kind == "too_short" else f"at most {most} entries"
    if kind in ("string_too_short", "string_too_long"):
        most = context.get("max_length")
        return "a text that is not empty" if kind == "string_too_short" else f"at most {most} letters"
    if kind == "string_pattern_mismatch":
        return f"a text of the pattern {context.get('pattern')}"
    return fault["msg"].removeprefix("Value error, ").removeprefix("Input should be ").removeprefix("String should ")


def _nearest(word: object, known: Sequence[str], *, otherwise: str) -> str:
    close = difflib.get_close_matches(str(word), known, n=1)
    return f"Did you mean {close[0]}?" if close else otherwise


def _path(location: tuple[int | str, ...], *, model: type[BaseModel]) -> str:
    keys = _walk(location, model=model)[0]
    parts = (f"[{k}]" if isinstance(k, int) else f".{k if k.isprintable() else ascii(k)}" for k in keys)
    return "".join(parts).removeprefix(".") or "the whole"


def _walk(location: tuple[int | str, ...], *, model: type[BaseModel]) -> tuple[tuple[int | str, ...], type[BaseModel]]:
    """The keys of a location as they stand in the file, and the settings class to which the last of them leads.

    Where a union chooses by name, pydantic puts that name into the location: it is no key and is left out.
    """
    keys: list[int | str] = []
    choices: dict[str, type[BaseModel]] = {}
    for part in location:
        if isinstance(part, str) and part in choices:
            model, choices = choices[part], {}
            continue
        keys.append(part)
        if isinstance(part, str) and part in model.model_fields:
            inner = _models_in(model.model_fields[part].annotation)
            model = inner[0] if inner else model
            choices = {str(each.model_fields["name"].default): each for each in inner if "name" in each.model_fields}
    return tuple(keys), model


def _models_in(annotation: object) -> list[type[BaseModel]]:
    """The settings classes named in an annotation such as `tuple[Sensor, ...] | None`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for inner in get_args(annotation) for model in _models_in(inner)]
