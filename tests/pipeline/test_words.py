"""Words for people."""

from equigait.pipeline.words import counted


def test_one_is_told_in_the_singular_and_all_other_numbers_in_the_plural() -> None:
    assert [counted(number, "labelled window") for number in (0, 1, 10)] == [
        "0 labelled windows",
        "1 labelled window",
        "10 labelled windows",
    ]
