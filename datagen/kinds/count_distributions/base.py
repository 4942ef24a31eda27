"""The base class of count distributions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from pydantic import Field

from datagen.registry import Kind

if TYPE_CHECKING:
    from datagen.columnar.block import Floats, Ints, Rows, Words
    from datagen.errors import Problem
    from datagen.random.streams import Stream
    from datagen.scope import ColumnRef, Scope


class CountDistribution(Kind, family="count_distributions"):
    """The distribution of the number of children of a parent."""

    shape_hint: ClassVar[str] = "rows decide about columns: for a column with their number, write a 'count_of' there"

    @classmethod
    def shorthand(cls, data: Any) -> Any:
        if isinstance(data, int) and not isinstance(data, bool):
            return {"type": "constant", "value": data}
        return data

    @property
    def fixed(self) -> int | None:
        """The number, if it is the same for every parent."""
        return None

    @property
    def bounded(self) -> bool:
        """Whether the number has an upper limit, so that its mean cannot be multiplied much."""
        return False

    @property
    def decides_zeros(self) -> bool:
        """Whether it decides by itself who has no children."""
        return False

    @property
    def reads(self) -> str | None:
        """The column that gives the number; None if it is drawn."""
        return None

    @property
    def size(self) -> float:
        """The typical number of children of a parent, without the tail of the distribution."""
        raise TypeError(f"count distribution '{self.type}' has no size")

    def problems(self, scope: Scope) -> Iterator[Problem]:
        """Problems of this declaration beyond its shape."""
        yield from ()

    def needs(self, scope: Scope) -> frozenset[ColumnRef]:
        """The columns that must be filled before, as (table, column)."""
        return frozenset()

    def limits(self, *, multiplied: bool) -> tuple[int, int | None]:
        """The fewest and the most children of a parent; None if there is no limit."""
        return (self.fixed, self.fixed) if self.fixed is not None and not multiplied else (0, None)

    def counts(self, stream: Stream, ids: Words, factor: Floats | None) -> Ints:
        """The number for each parent, int64 (n,); `factor` multiplies each parent's mean."""
        raise TypeError(f"count distribution '{self.type}' has no counts")

    def counts_of(self, stream: Stream, rows: Rows, factor: Floats | None) -> Ints:
        """The same, for rows whose columns can be read."""
        return self.counts(stream, rows.ids, factor)


class CappedCount(CountDistribution):
    """A distribution without an upper end, which `max` can give it: larger numbers become the largest one."""

    max: int | None = Field(default=None, ge=0, le=10**9, description="largest number; larger ones become it")

    def limits(self, *, multiplied: bool) -> tuple[int, int | None]:
        return 0, self.max

    def counts(self, stream: Stream, ids: Words, factor: Floats | None) -> Ints:
        drawn = self.uncapped(stream, ids, factor)
        return drawn if self.max is None else np.minimum(drawn, self.max)

    def uncapped(self, stream: Stream, ids: Words, factor: Floats | None) -> Ints:
        """The number for each parent before it is limited, int64 (n,)."""
        raise TypeError(f"count distribution '{self.type}' has no counts")


def baskets(**distribution: Any) -> tuple[dict[str, Any], ...]:
    """An example of count distributions: baskets with lines below them; `distribution` is that of their number."""
    lines = {
        "parent": "baskets",
        "rows": {"type": "per_parent", "count": distribution},
        "columns": {"line_id": {"type": "key"}, "basket_id": {"type": "parent_key"}},
    }
    tables = {"baskets": {"rows": 20, "columns": {"basket_id": {"type": "key"}}}, "lines": lines}
    return ({"datagen": 1, "name": "baskets", "tables": tables},)
