"""Splits: by horse, disjoint, repeatable, and refused when they cannot be what they say."""

import pytest
from equigait.data.errors import BadInput
from equigait.data.splits import Split, SplitSpec, split_horses
from hypothesis import given
from hypothesis import strategies as st

EIGHT = tuple(f"h{number:02d}" for number in range(1, 9))


@given(st.sets(st.text(min_size=1, max_size=4), min_size=3, max_size=30), st.integers(0, 5))
def test_every_horse_is_on_exactly_one_side(horses, seed):
    split = split_horses(horses, spec=SplitSpec(seed=seed))
    assert sorted(split.train + split.validation + split.test) == sorted(horses)
    assert split.train
    assert split.validation
    assert split.test


def test_shares_are_of_all_horses_and_rounded():
    split = split_horses(EIGHT, spec=SplitSpec())
    assert (len(split.train), len(split.validation), len(split.test)) == (4, 2, 2)


def test_the_same_names_split_the_same_in_any_order_and_number():
    once = split_horses(EIGHT, spec=SplitSpec(seed=3))
    assert split_horses([*reversed(EIGHT), *EIGHT], spec=SplitSpec(seed=3)) == once
    assert split_horses(EIGHT, spec=SplitSpec(seed=4)) != once


def test_a_split_never_changes_between_releases():
    assert split_horses(EIGHT, spec=SplitSpec()) == Split(
        train=("h01", "h02", "h04", "h05"), validation=("h07", "h08"), test=("h03", "h06")
    )


def test_named_horses_come_first_and_shares_fill_the_rest():
    split = split_horses(EIGHT, spec=SplitSpec(test=("h08",)))
    assert split.test == ("h08",)
    assert len(split.validation) == 2
    assert len(split.train) == 5
    named = SplitSpec(train=("h03", "h01"), validation=(), test=("h05",))
    assert split_horses(EIGHT, spec=named) == Split(train=("h01", "h03"), validation=(), test=("h05",))


def test_a_share_of_nought_draws_no_horse():
    split = split_horses(("a", "b"), spec=SplitSpec(validation_share=0.0))
    assert split.validation == ()
    assert len(split.test) == 1


def test_a_horse_on_two_sides_is_refused():
    with pytest.raises(BadInput, match="h02 in more than one part"):
        split_horses(EIGHT, spec=SplitSpec(train=("h01", "h02"), test=("h02",)))


def test_an_unknown_horse_is_refused_with_the_known_ones():
    with pytest.raises(BadInput, match=r"unknown horses h99; expected horses of the data set: h01, h02"):
        split_horses(EIGHT, spec=SplitSpec(test=("h99",)))


@pytest.mark.parametrize("horses", [(), ("h01",), ("h01", "h02")])
def test_nobody_left_to_train_on_is_refused(horses):
    with pytest.raises(BadInput, match="no horse left to train on"):
        split_horses(horses, spec=SplitSpec())
