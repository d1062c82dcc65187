"""Settings from YAML: strict, and every fault named by its path in one line."""

from pathlib import Path
from typing import Annotated, ClassVar, Literal

import pytest
from equigait.data.errors import BadInput
from equigait.data.settings import Settings, by_name, parse_settings, parse_yaml, read_yaml, with_override
from pydantic import Field, Tag


class Leg(Settings):
    length: float
    name: str = ""


class Horse(Settings):
    legs: tuple[Leg, ...] = ()
    coat: str | None = None


@pytest.mark.parametrize(
    ("values", "found", "remedy"),
    [
        ({"coats": "bay"}, "unknown key coats", "Did you mean coat?"),
        ({"legs": [{"length": 1, "lenght": 2}]}, "unknown key legs[0].lenght", "Did you mean length?"),
        ({"legs": [{"length": 1}, {"zzz": 2}]}, "no legs[1].length (also at fault: legs[1].zzz)", "Add it."),
        ({"legs": [{"length": "long"}]}, "legs[0].length: 'long'", "Correct that value."),
        ({"legs": 4}, "legs: 4", "Correct that value."),
        ([1], "the whole: [1]", "Correct that value."),
    ],
)
def test_a_fault_is_one_line_with_the_path_of_its_key(values: object, found: str, remedy: str) -> None:
    with pytest.raises(BadInput) as refusal:
        parse_settings(Horse, values, where="horse.yaml")
    assert (refusal.value.where, refusal.value.found, refusal.value.remedy) == ("horse.yaml", found, remedy)
    assert "\n" not in str(refusal.value)


class Bridle(Settings):
    renamed: ClassVar[dict[str, str]] = {"rein_cm": "rein_m"}
    rein_m: float = 1.4


class Room(Settings):
    renamed: ClassVar[dict[str, str]] = {"gear": "bridles"}
    bridles: tuple[Bridle, ...] = ()


@pytest.mark.parametrize(
    ("values", "found", "expected"),
    [
        ({"bridles": [{"rein_m": 2.0}, {"rein_cm": 150}]}, "bridles[1].rein_cm", "bridles[1].rein_m"),
        ({"gear": []}, "gear", "bridles"),
    ],
)
def test_a_key_by_its_former_name_is_refused_by_a_line_with_the_present_one(
    values: object, found: str, expected: str
) -> None:
    with pytest.raises(BadInput) as refusal:
        parse_settings(Room, values, where="room.yaml")
    assert (refusal.value.found, refusal.value.expected) == (found, expected)
    old, new = found.rpartition(".")[2], expected.rpartition(".")[2]
    assert refusal.value.remedy == f"`{old}` is now called `{new}`: rename the key."


class Saddle(Settings):
    name: Literal["saddle"] = "saddle"
    size: float = 17.5


class Harness(Settings):
    name: Literal["harness"] = "harness"
    traces: int = 2


class Stable(Settings):
    tack: Annotated[
        Annotated[Saddle, Tag("saddle")] | Annotated[Harness, Tag("harness")], by_name(default="saddle")
    ] = Saddle()


@pytest.mark.parametrize(
    ("values", "tack"),
    [
        ({}, Saddle()),
        ({"tack": {"size": 16}}, Saddle(size=16)),
        ({"tack": {"name": "harness", "traces": 4}}, Harness(traces=4)),
        ({"tack": Harness()}, Harness()),
    ],
)
def test_a_section_with_a_name_is_read_by_the_class_of_that_name(values: object, tack: Settings) -> None:
    assert parse_settings(Stable, values, where="stable.yaml").tack == tack


@pytest.mark.parametrize(
    ("tack", "found", "expected", "remedy"),
    [
        ({"siz": 16}, "unknown key tack.siz", "one of name, size", "Did you mean size?"),
        ({"name": "harness", "size": 1}, "unknown key tack.size", "one of name, traces", "Take the key out."),
        ({"name": "harnes"}, "tack.name: 'harnes'", "one of saddle, harness", "Did you mean harness?"),
        ({"name": "harness", "traces": "x"}, "tack.traces: 'x'", None, "Correct that value."),
        (
            "harness",
            "tack: 'harness'",
            "a section with a name",
            "Write tack: {name: ...}, or --set 'tack={name: ...}'.",
        ),
    ],
)
def test_a_fault_in_such_a_section_has_the_path_and_the_keys_of_its_class(
    tack: object, found: str, expected: str | None, remedy: str
) -> None:
    with pytest.raises(BadInput) as refusal:
        parse_settings(Stable, {"tack": tack}, where="stable.yaml")
    assert (refusal.value.found, refusal.value.remedy) == (found, remedy)
    assert expected in (None, refusal.value.expected)


def test_a_long_value_is_not_printed_whole() -> None:
    with pytest.raises(BadInput) as refusal:
        parse_settings(Horse, {"coat": list(range(1000))}, where="horse.yaml")
    assert len(refusal.value.found) < 100


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("coat: bay\ncoat: black\n", "the key coat twice in line 1"),
        ("coat: [bay\n", "in line 2"),
        ("coat: bay\n\tlegs: 4\n", "in line 2"),
        ("coat: !!python/object:os.system x\n", "in line 1"),
    ],
)
def test_yaml_that_is_none_is_refused_with_its_line(text: str, found: str) -> None:
    with pytest.raises(BadInput) as refusal:
        parse_yaml(text, where="horse.yaml")
    assert found in refusal.value.found


def test_a_missing_file_and_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no such file"):
        read_yaml(tmp_path / "horse.yaml")
    (tmp_path / "horse.yaml").write_bytes(b"coat: \xff\xfe")
    with pytest.raises(BadInput, match="UTF-8"):
        read_yaml(tmp_path / "horse.yaml")


def test_a_key_below_a_value_is_refused_by_its_whole_path() -> None:
    with pytest.raises(BadInput, match=r"train\.steps is a value; expected a section\. Write --set train\.steps="):
        with_override({"train": {"steps": 3}}, "train.steps.x=5")


def test_a_character_that_yaml_does_not_allow_is_refused_in_one_line() -> None:
    with pytest.raises(BadInput) as refusal:
        parse_yaml("horse: be\x1ella\n", where="recording.yaml")
    assert "#x001e: special characters are not allowed" in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_yaml_of_lists_within_lists_is_refused_however_deep() -> None:
    with pytest.raises(BadInput, match="hundreds deep"):
        parse_yaml("sensors: " + "[" * 2000, where="recording.yaml")


class Herd(Settings):
    names: tuple[str, ...] = Field(min_length=2, max_length=3)
    place: str = Field(default="yard", max_length=4, pattern="^[a-z]+$")


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"names": "bella"}, "a list, such as [a, b]"),
        ({"names": ["bella"]}, "2 entries or more"),
        ({"names": list("abcd")}, "at most 3 entries"),
        ({"names": ["a", "b"], "place": "stable"}, "at most 4 letters"),
        ({"names": ["a", "b"], "place": "A"}, "a text of the pattern ^[a-z]+$"),
    ],
)
def test_what_a_key_is_held_to_is_said_without_words_of_the_library_that_holds_it(
    values: object, expected: str
) -> None:
    with pytest.raises(BadInput) as refusal:
        parse_settings(Herd, values, where="herd.yaml")
    assert refusal.value.expected == expected


def test_of_very_many_keys_the_one_given_twice_is_found() -> None:
    lines = [f"k{number}: 1" for number in range(20_000)]
    values = parse_yaml("\n".join(lines), where="many.yaml")
    assert isinstance(values, dict)
    assert len(values) == 20_000
    with pytest.raises(BadInput, match="k19999"):
        parse_yaml("\n".join([*lines, "k19999: 2"]), where="many.yaml")


def test_a_file_that_may_not_be_read_is_told_from_one_that_is_no_yaml(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: Path, **_: object) -> str:
        raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr(Path, "read_text", refuse)
    with pytest.raises(BadInput, match=r"recipe\.yaml: found Permission denied;.*see to its permissions"):
        read_yaml(tmp_path / "recipe.yaml")


@pytest.mark.parametrize(("text", "value"), [("012", "012"), ("-08", "-08"), ("0", 0), ("12", 12), ("0x1f", 31)])
def test_a_number_with_a_nought_before_it_is_not_counted_in_eights(text: str, value: object) -> None:
    assert parse_yaml(f"legs: {text}\n", where="horse.yaml") == {"legs": value}


class Legs(Settings):
    """Settings of numbers and a flag."""

    legs: int = 4
    height: float | None = None
    shod: bool = False


def test_a_number_with_a_nought_before_it_is_the_one_that_people_read() -> None:
    legs = parse_settings(Legs, parse_yaml("legs: 012\nheight: -01.5\n", where="horse.yaml"), where="horse.yaml")
    assert (legs.legs, legs.height) == (12, -1.5)


@pytest.mark.parametrize("name", ["legs", "height"])
def test_a_flag_is_no_number(name: str) -> None:
    assert parse_settings(Legs, {"shod": True}, where="horse.yaml").shod
    with pytest.raises(BadInput, match=f"`{name}: true` is no number"):
        parse_settings(Legs, {name: True}, where="horse.yaml")
