"""Charts keep their words apart, however many classes there are."""

import re

import numpy as np
import pytest
from equigait.pipeline.reporting.charts import confusion_chart


def figures(classes: list[str]) -> tuple[str, str]:
    """The wide and the narrow drawing of a matrix of these classes."""
    counts = np.eye(len(classes), dtype=int) * 31 + np.eye(len(classes), k=1, dtype=int) * 7
    wide, narrow = str(confusion_chart(counts.tolist(), classes=classes, behaviour="action")).split('class="narrow"')
    return wide, narrow


def texts(svg: str) -> list[str]:
    return [text.strip() for text in re.findall(r"<text[^>]*>([^<]*)<", svg)]


def test_few_classes_have_their_names_at_both_sides_and_shares_in_each_cell() -> None:
    for svg in figures(["walk", "trot", "canter"]):
        assert texts(svg).count("canter") == 2
        assert "0 %" in " ".join(texts(svg))


@pytest.mark.parametrize("number", [15, 27])
def test_many_classes_have_numbers_for_columns_and_no_word_lies_upon_another(number: int) -> None:
    classes = [f"an_action_of_number_{at}" for at in range(1, number + 1)]
    wide, narrow = figures(classes)
    assert texts(wide).count("31") == number
    assert f"{classes[0]} 1" in texts(wide)
    assert not any("%" in text for text in texts(wide) + texts(narrow))
    assert "31" not in texts(narrow)
    assert any(text.endswith(f"… {number}") for text in texts(narrow))
    columns = [text for text in texts(narrow) if text.isdigit()]
    assert 2 <= len(columns) <= number / 2
