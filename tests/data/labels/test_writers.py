"""Labels that are written read back the same, to a millisecond, whatever their words hold."""

from pathlib import Path

import pytest
from equigait.data.errors import BadInput
from equigait.data.formats import choose_format
from equigait.data.labels import FORMATS
from equigait.data.labels.table import Span
from equigait.data.labels.writers import WRITERS, labels_text
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

SPANS = (
    Span(0.0, 12.3456, "walk", "", tier="gait"),
    Span(12.3456, 20.001, 'trot "à la <b>" & more', "", tier="gait"),
    Span(25.5, 61.25, "canter, left", "", tier="gait"),
)


def written(spans: tuple[Span, ...], *, format: str, folder: Path) -> Path:
    path = folder / f"labels{WRITERS[format][0]}"
    path.write_text(labels_text(spans, format=format, film="ride.mp4"), encoding="utf-8")
    return path


@pytest.mark.parametrize("format", sorted(WRITERS))
def test_labels_come_back_as_they_were_to_a_millisecond(format: str, tmp_path: Path) -> None:
    read = FORMATS[format](written(SPANS, format=format, folder=tmp_path))
    assert [span.label for span in read] == [span.label for span in SPANS]
    for one, other in zip(read, SPANS, strict=True):
        assert one.start_seconds == pytest.approx(round(other.start_seconds, 3), abs=1e-9)
        assert one.stop_seconds == pytest.approx(round(other.stop_seconds, 3), abs=1e-9)


@pytest.mark.parametrize("format", sorted(WRITERS))
def test_the_file_is_recognised_by_its_content(format: str, tmp_path: Path) -> None:
    path = written(SPANS, format=format, folder=tmp_path)
    assert choose_format(path, declared=None, formats=FORMATS) is FORMATS[format]


@pytest.mark.parametrize("format", ["elan", "boris-project", "textgrid"])
def test_tiers_stay_apart(format: str, tmp_path: Path) -> None:
    spans = (Span(0.0, 4.0, "trot", "", tier="gait"), Span(1.0, 3.0, "left", "", tier="rein"))
    read = FORMATS[format](written(spans, format=format, folder=tmp_path))
    assert sorted((span.label, span.tier.rpartition(" / ")[2]) for span in read) == [("left", "rein"), ("trot", "gait")]


@settings(suppress_health_check=[HealthCheck.too_slow])  # the first word of a machine builds tables of Unicode
@given(
    lengths=st.lists(st.integers(1, 100_000), min_size=1, max_size=8),
    words=st.lists(
        st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1).filter(lambda w: w[0] != "\\"),
        min_size=8,
        max_size=8,
    ),
    format=st.sampled_from(["elan", "boris-project", "label-studio", "textgrid", "csv"]),
)
def test_any_word_survives(
    lengths: list[int], words: list[str], format: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    ends = [sum(lengths[:number]) / 1000 for number in range(len(lengths) + 1)]
    spans = tuple(Span(a, b, w, "") for a, b, w in zip(ends, ends[1:], words, strict=False))
    read = FORMATS[format](written(spans, format=format, folder=tmp_path_factory.mktemp("labels")))
    assert [(s.start_seconds, s.label) for s in read] == [(pytest.approx(s.start_seconds), s.label) for s in spans]


def test_spans_that_overlap_in_one_tier_are_refused() -> None:
    with pytest.raises(BadInput, match="canter at 3 s inside walk"):
        labels_text((Span(0.0, 4.0, "walk", ""), Span(3.0, 5.0, "canter", "")), format="elan")


def test_an_unknown_format_is_refused_with_those_that_can_be_written() -> None:
    with pytest.raises(BadInput, match="one of csv, elan, boris-project"):
        labels_text(SPANS, format="boris-events")


@pytest.mark.parametrize("format", ["elan", "boris-project", "label-studio", "textgrid", "csv"])
@pytest.mark.parametrize("letter", ["\r", "\x0b", "\x01"])
def test_letters_that_no_file_holds_are_written_as_blanks(letter: str, format: str, tmp_path: Path) -> None:
    (read,) = FORMATS[format](written((Span(1.0, 4.0, f"walk{letter}on", ""),), format=format, folder=tmp_path))
    assert read.label == "walk on"
