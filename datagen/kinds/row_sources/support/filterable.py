"""Row sources below a parent whose rows can be filtered."""

from __future__ import annotations

from pydantic import Field

from datagen.kinds.row_sources.base import RowSource
from datagen.kinds.row_sources.support.budget import Budget


class FilterableRows(RowSource):
    """Rows of which only those are made that satisfy a condition and whose budget is not spent."""

    where: str | None = Field(
        default=None, description="SQL condition on the row's columns; rows for which it is not true are not made"
    )
    budget: Budget | None = Field(
        default=None, description="rows end where those that refer to a row, such as a campaign, have spent its budget"
    )

    @property
    def row_filter(self) -> str | None:
        return self.where

    @property
    def row_budget(self) -> Budget | None:
        return self.budget
