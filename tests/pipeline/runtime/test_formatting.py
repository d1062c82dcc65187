"""Words for people."""

from equigait.pipeline.runtime.formatting import counted, in_words


def test_one_is_told_in_the_singular_and_all_other_numbers_in_the_plural() -> None:
    assert [counted(number, "labelled window") for number in (0, 1, 10)] == [
        "0 labelled windows",
        "1 labelled window",
        "10 labelled windows",
    ]


def test_a_list_is_written_without_its_brackets() -> None:
    assert in_words(("poll", "withers")) == "poll, withers"
    assert in_words(50.0) == "50.0"
