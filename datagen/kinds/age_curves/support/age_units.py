"""Units that ages and lifetimes are measured in."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

Unit = Literal["day", "week", "month", "quarter", "year"]
"""Mean lengths: a month is 730.5 hours, a quarter three, a year twelve of them."""

Factor = Annotated[float, Field(ge=0, le=1e6)]
"""A multiplier."""
