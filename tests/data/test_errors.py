"""A refusal is one line, whatever the file that it quotes holds."""

import pickle

import pytest
from equigait.data.errors import BadInput, in_one_line


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("ax\n\naz", "ax\\n\\naz"),
        ("\x1b[2J\x07", "\\x1b[2J\\x07"),
        ("Übergröße °/s – 馬", "Übergröße °/s – 馬"),
        ("\udce4 \u202e.csv", "\\udce4 \\u202e.csv"),
    ],
)
def test_what_breaks_a_line_or_commands_a_terminal_is_shown_by_its_escape(text: str, shown: str) -> None:
    assert in_one_line(text) == shown
    refusal = BadInput(f"{text}.csv", found=text, expected="a column", remedy="Mend it.")
    assert str(refusal) == f"{shown}.csv: found {shown}; expected a column. Mend it."
    assert str(pickle.loads(pickle.dumps(refusal))) == str(refusal)
