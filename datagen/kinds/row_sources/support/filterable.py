"""Row sources below a parent whose rows can be filtered."""

from __future__ import annotations

from pydantic import Field

from datagen.kinds.row_sources.base import RowSource


class FilterableRows(RowSource):
    """Rows of which only those are made that satisfy a condition."""

    where: str | None = Field(
        default=None, description="SQL condition on the row's columns; rows for which it is not true are not made"
    )

    @property
    def row_filter(self) -> str | None:
        return self.where
