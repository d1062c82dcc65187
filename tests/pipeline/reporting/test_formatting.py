"""Names and colours as pages show them."""

import re
from importlib.resources import files

from equigait.data.simulate.level import BEHAVIOURS
from equigait.pipeline.reporting.charts import LABEL_COLOURS
from equigait.pipeline.reporting.formatting import COLOURS, label_colours


def test_every_behaviour_of_the_field_yard_has_a_colour_of_its_own() -> None:
    numbers = label_colours(BEHAVIOURS)
    assert len(set(numbers.values())) == len(BEHAVIOURS) == 13
    assert len({LABEL_COLOURS[number] for number in numbers.values()}) == 13


def test_light_and_dark_pages_have_each_colour_and_charts_those_of_the_light_one() -> None:
    style = files("equigait.pipeline.reporting").joinpath("templates/style.css").read_text()
    found = re.findall(r"--c(\d+): (#[0-9a-f]{6})", style)
    assert [int(number) for number, _ in found] == [*range(COLOURS)] * 2
    assert tuple(colour for _, colour in found[:COLOURS]) == LABEL_COLOURS
