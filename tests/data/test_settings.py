"""Settings from YAML: strict, and every fault named by its path in one line."""

from pathlib import Path

import pytest
from equigait.data.errors import BadInput
from equigait.data.settings import Settings, parse_settings, parse_yaml, read_yaml


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
