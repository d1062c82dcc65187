"""One value of a YAML text is set; everything else stays, letter by letter."""

import pytest
import yaml
from equigait.data.manifest.yaml_text import put, scalar_as_written

TEXT = """\
# Bella on Monday
horse: bella   # the grey one
sensors:
  - site: withers       # under the saddle
    path: 'withers.csv'
    axes: [-y, x, z]    # mounted sideways

  - {site: poll, path: poll.csv}   # short
  # - site: sacrum, left at home

clock:
  origin: by-hand    # clapped
  offset_seconds: 0.5   # at the gate
# the end
"""


def test_a_value_is_replaced_in_its_place() -> None:
    edited = put(TEXT, at=("clock", "offset_seconds"), value=-0.257)
    assert edited == TEXT.replace("offset_seconds: 0.5 ", "offset_seconds: -0.257 ")


def test_a_new_key_comes_last_in_its_section_after_the_comment_of_the_line() -> None:
    edited = put(TEXT, at=("clock", "drift_ppm"), value=12.5)
    assert edited == TEXT.replace("at the gate\n", "at the gate\n  drift_ppm: 12.5\n")
    edited = put(TEXT, at=("sensors", 0, "shift_seconds"), value=-7.5)
    assert edited == TEXT.replace("mounted sideways\n", "mounted sideways\n    shift_seconds: -7.5\n")


def test_a_new_key_in_a_section_on_one_line_stays_on_it() -> None:
    edited = put(TEXT, at=("sensors", 1, "shift_seconds"), value=-7.5)
    assert edited == TEXT.replace("path: poll.csv}", "path: poll.csv, shift_seconds: -7.5}")
    assert put("{a: 1}", at=("b",), value={"c": 2}) == "{a: 1, b: {c: 2}}"
    assert yaml.safe_load(put("{a: 1,\n}\n", at=("b",), value=2)) == {"a": 1, "b": 2}


def test_a_new_section_is_appended_as_a_block() -> None:
    assert put("a: 1\n# end\n", at=("b",), value={"c": 2, "d": 3}) == "a: 1\nb:\n  c: 2\n  d: 3\n# end\n"
    assert put("a: 1", at=("b",), value={"c": 2}) == "a: 1\nb:\n  c: 2"
    assert put("a:\r\n  b: 1 # one\r\n", at=("c",), value=2) == "a:\r\n  b: 1 # one\r\nc: 2\r\n"


def test_a_key_without_a_value_is_given_one() -> None:
    assert put("a:\nb: 1\n", at=("a",), value={"c": 2}) == "a: {c: 2}\nb: 1\n"
    assert put("a: null\nb: 1\n", at=("a",), value={"c": 2}) == "a: {c: 2}\nb: 1\n"


def test_a_section_that_is_not_there_is_told() -> None:
    for text in ("", "- a\n", "a: 1\n"):
        with pytest.raises(LookupError):
            put(text, at=("a", "b"), value=1)


def test_a_scalar_is_told_as_it_was_written() -> None:
    assert scalar_as_written("horse: 010\n", key="horse") == "010"
    with pytest.raises(KeyError):
        scalar_as_written("horse: [1]\n", key="horse")
