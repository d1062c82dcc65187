"""Nouns of reports: horses and gaits unless something else is said, with their plurals."""

import pytest
from equigait.data.words import WORDS, Words, plural

PLURALS = {
    "horse": "horses",
    "unseen person": "unseen people",
    "activity": "activities",
    "gait": "gaits",
    "day": "days",
}


@pytest.mark.parametrize(("noun", "several"), PLURALS.items())
def test_nouns_have_their_plurals(noun: str, several: str) -> None:
    assert plural(noun) == several


def test_reports_speak_of_horses_and_gaits_unless_something_else_is_said() -> None:
    assert (WORDS.subjects, WORDS.behaviours) == ("horses", "gaits")
    people = Words(subject="person", behaviour="action")
    assert (people.subjects, people.behaviours) == ("people", "actions")
