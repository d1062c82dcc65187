"""Bounded numbers that settings are made of, each range named once."""

from typing import Annotated

from pydantic import Field

Count = Annotated[int, Field(ge=1)]
"""1 or more."""
Steps = Annotated[int, Field(ge=0)]
"""0 or more."""
Positive = Annotated[float, Field(gt=0)]
"""Above 0."""
NotNegative = Annotated[float, Field(ge=0)]
"""0 or more."""
Share = Annotated[float, Field(ge=0, lt=1)]
"""A part of a whole, [0, 1): never all of it."""
OpenShare = Annotated[float, Field(gt=0, lt=1)]
"""A part of a whole, (0, 1): neither nothing nor all of it."""
PositiveShare = Annotated[float, Field(gt=0, le=1)]
"""A part of a whole, (0, 1]: at least something."""
Probability = Annotated[float, Field(ge=0, le=1)]
"""[0, 1]."""
