"""What reports call who was recorded and what they did: horses and gaits unless a recipe or manifest says otherwise."""

from pydantic import Field

from .settings import Settings

IRREGULAR = {"person": "people", "man": "men", "woman": "women", "sheep": "sheep"}


def plural(noun: str) -> str:
    """The noun for several: "horses", "unseen people", "activities"."""
    before, space, last = noun.rpartition(" ")
    if last in IRREGULAR:
        return f"{before}{space}{IRREGULAR[last]}"
    if noun.endswith("y") and noun[-2:-1] not in "aeiou":
        return f"{noun[:-1]}ies"
    return f"{noun}s"


class Words(Settings):
    """Nouns, in the singular, for tables, logs and pages. Keys and columns keep their names."""

    subject: str = Field(default="horse", min_length=1)
    """Who was recorded: `person` where people were."""
    behaviour: str = Field(default="gait", min_length=1)
    """What a label names: `action`, `activity`."""

    @property
    def subjects(self) -> str:
        """Several of them."""
        return plural(self.subject)

    @property
    def behaviours(self) -> str:
        """Several of them."""
        return plural(self.behaviour)


WORDS = Words()
"""Those of horses."""
