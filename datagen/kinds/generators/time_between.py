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
from datagen.kinds.generators.base import Fill, Generator
from datagen.kinds.generators.support.column_lookup import need, type_problems
from datagen.kinds.generators.support.distribution_declarations import even_fit
from datagen.kinds.generators.support.examples import shop
from datagen.random.streams import CHUNK, Stream, in_chunks
from datagen.scope import ColumnRef
from datagen.time_units import DAY, parse_instant

if TYPE_CHECKING:
    from datagen.declarations.base import Declaration
    from datagen.errors import Problem
    from datagen.scope import Scope, StaticContext

EDGES = ("window_start", "window_end")
Moment = Callable[[Rows], Column]


class TimeBetween(Generator):
    """A uniformly distributed instant from one timestamp up to, but excluding, another one.

    Each is a column of this table or of an ancestor, an ISO date or instant, `window_start` or `window_end`. It is the
    first timestamp if the second is not later, and missing if either is missing.
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
    from_: str = Field(alias="from", description="the earlier timestamp: a column, an ISO instant, or window_start")
    to: str = Field(description="the later timestamp: a column, an ISO instant, or window_end")

    def _columns(self) -> dict[str, str]:
        ends = (("from", self.from_), ("to", self.to))
        return {key: end for key, end in ends if end not in EDGES and _instant(end) is None}

    def needs(self, scope: Scope) -> frozenset[ColumnRef]:
        return frozenset(need(scope, column) for column in self._columns().values())

    def result(self, scope: Scope) -> Type | None:
        return TIMESTAMP

    def nullable(self, scope: Scope) -> bool:
        return any(scope.nullable(column) for column in self._columns().values())

    def extent(self, scope: Scope) -> Extent | None:
        fixed = {end: _fixed(scope, end) for end in (self.from_, self.to)}
        ends = [scope.extent(end) if at is None else (at, at) for end, at in fixed.items()]
        known = [end for end in ends if end is not None]
        return (known[0][0], max(known[0][1], known[1][1])) if len(known) == len(ends) else None

    def problems(self, scope: Scope) -> Iterator[Problem]:
        for key, column in self._columns().items():
            yield from type_problems(scope, column, ("timestamp",), key)
        if scope.window is None and not {self.from_, self.to}.isdisjoint(EDGES):
            yield scope.problem("no-window", "the document has no window", "write a 'window' with start and end")
        first, last = _fixed(scope, self.from_), _fixed(scope, self.to)
        if self.from_ == self.to:
            yield scope.problem(
                "no-effect", f"'{self.from_}' and '{self.to}' are the same", "name another column", "to"
            )
        elif first is not None and last is not None and first >= last:
            yield scope.problem("range", f"'{self.to}' is not later than '{self.from_}'", "name a later time", "to")

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


def _moment(scope: Scope, end: str) -> Callable[[Rows], Column]:
    """The timestamps of a column, or one instant for every row."""
    at = _fixed(scope, end)
    if at is None:
        return lambda rows: rows.column(end)
    return lambda rows: Column(TIMESTAMP, np.broadcast_to(np.int64(at), len(rows)))


def _fixed(scope: Scope, end: str) -> int | None:
    """The instant of an end that is the same for every row."""
    if end in EDGES:
        return None if scope.window is None else scope.window.start if end == "window_start" else scope.window.end
    return _instant(end)


def _instant(end: str) -> int | None:
    try:
        return parse_instant(end)
    except ValueError:
        return None
