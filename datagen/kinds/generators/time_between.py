"""A time between two others."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from datagen.columnar.block import FLOAT, TIMESTAMP, Column, Ints, Rows, Type, Words
from datagen.declarations.constraints import BeforeDeclaration, NotBeforeDeclaration
from datagen.expressions.extents import Extent
from datagen.kinds.generators.after import both
from datagen.kinds.generators.base import ColumnRef, Fill, Generator
from datagen.kinds.generators.support.column_lookup import need, type_problems
from datagen.kinds.generators.support.distribution_declarations import even_fit
from datagen.kinds.generators.support.examples import shop
from datagen.random.streams import CHUNK, Stream, in_chunks
from datagen.time_units import DAY

if TYPE_CHECKING:
    from datagen.declarations.base import Declaration
    from datagen.errors import Problem
    from datagen.kinds.generators.support.column_lookup import StaticContext
    from datagen.scope import Scope

EDGES = ("window_start", "window_end")
Moment = Callable[[Rows], Column]


class TimeBetween(Generator):
    """A uniformly distributed instant from one timestamp up to, but excluding, another one.

    Each is a column of this table or of an ancestor, `window_start` or `window_end`. It is the first timestamp if the
    second is not later, and missing if either is missing.
    """

    computed: ClassVar[bool] = True
    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        shop(customers={"last_seen_at": {"type": "time_between", "from": "created_at", "to": "window_end"}}),
    )

    synonyms: ClassVar[tuple[str, ...]] = (
        "between",
        "within",
        "instant_between",
    )
    type: Literal["time_between"] = "time_between"
    from_: str = Field(alias="from", description="the earlier timestamp, or window_start")
    to: str = Field(description="the later timestamp, or window_end")

    def _columns(self) -> dict[str, str]:
        return {key: column for key, column in (("from", self.from_), ("to", self.to)) if column not in EDGES}

    def needs(self, scope: Scope) -> frozenset[ColumnRef]:
        return frozenset(need(scope, column) for column in self._columns().values())

    def result(self, scope: Scope) -> Type | None:
        return TIMESTAMP

    def nullable(self, scope: Scope) -> bool:
        return any(scope.nullable(column) for column in self._columns().values())

    def extent(self, scope: Scope) -> Extent | None:
        edges = {"window_start": scope.window.start, "window_end": scope.window.end} if scope.window else {}
        ends = [(edges[c], edges[c]) if c in edges else scope.extent(c) for c in (self.from_, self.to)]
        known = [end for end in ends if end is not None]
        return (known[0][0], max(known[0][1], known[1][1])) if len(known) == len(ends) else None

    def problems(self, scope: Scope) -> Iterator[Problem]:
        for key, column in self._columns().items():
            yield from type_problems(scope, column, ("timestamp",), key)
        if scope.window is None and len(self._columns()) < 2:
            yield scope.problem("no-window", "the document has no window", "write a 'window' with start and end")
        if self.from_ == self.to or (self.from_, self.to) == EDGES[::-1]:
            yield scope.problem(
                "no-effect", f"'{self.from_}' and '{self.to}' are the same", "name another column", "to"
            )

    def inversion(self, scope: StaticContext) -> tuple[str, ...] | str:
        return ()

    def declarations(self, scope: Scope) -> Iterable[Declaration]:
        if not self.intact:
            return
        early, late = _moment(scope, self.from_), _moment(scope, self.to)

        def bound(rows: Rows) -> Column:
            start, end = early(rows), late(rows)
            return Column(TIMESTAMP, np.maximum(end.data, start.data + 1), both([start.valid, end.valid]))

        yield NotBeforeDeclaration(scope.table.name, scope.column, bound=early, what=f"'{self.from_}'")
        yield BeforeDeclaration(scope.table.name, scope.column, bound=bound, what=f"'{self.to}'")
        yield even_fit(scope, 0.0, 1.0, self._shares(early, late, scope.column or ""), 0.0)

    def _shares(self, early: Moment, late: Moment, column: str) -> Moment:
        """The relative position of each cell in its span, 0 to 1."""

        def shares(rows: Rows) -> Column:
            start, end, cells = early(rows), late(rows), rows.column(column)
            span = end.data - start.data
            found = (cells.data - start.data) / np.maximum(span, 1)
            return Column(FLOAT, found, both([start.valid, end.valid, cells.valid, span > DAY]))

        return shares

    def bind(self, scope: Scope) -> Fill:
        stream, early, late = scope.stream(), _moment(scope, self.from_), _moment(scope, self.to)

        def fill(rows: Rows) -> Column:
            start, end = early(rows), late(rows)
            values = Column(TIMESTAMP, _between(start.data, end.data, stream, rows.ids), start.valid)
            return values if end.valid is None else values.where(end.valid)

        return fill


def _between(start: Ints, end: Ints, stream: Stream, ids: Words) -> Ints:
    """An instant for each row; `start` if `end` is not later, int64, shape (n,)."""
    times, (shares, spans) = np.empty(len(ids), np.int64), np.empty((2, min(len(ids), CHUNK)))
    for chunk in in_chunks(len(ids)):
        part = times[chunk]
        np.subtract(end[chunk], start[chunk], out=part)
        np.maximum(part, 0, out=part)
        share, span = stream.uniforms(ids[chunk], shares[: len(part)]), spans[: len(part)]
        span[:] = part  # a float product after a copy is much faster than a mixed one
        share *= span
        part[:] = share
        part += start[chunk]
    return times


def _moment(scope: Scope, column: str) -> Callable[[Rows], Column]:
    """The timestamps of a column, or an edge of the window for every row."""
    if column not in EDGES:
        return lambda rows: rows.column(column)
    assert scope.window is not None
    edge = scope.window.start if column == "window_start" else scope.window.end
    return lambda rows: Column(TIMESTAMP, np.broadcast_to(np.int64(edge), len(rows)))
