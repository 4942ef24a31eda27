"""The beginning of service in a waiting line of each parent: desks, lines of support, machines, beds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from datagen.columnar.block import TIMESTAMP, Block, Bools, Column, Ints, Rows, Type
from datagen.declarations.constraints import BeforeDeclaration, DerivedColumnDeclaration, NotBeforeDeclaration
from datagen.declarations.values import OpenEnd
from datagen.errors import ValueFault
from datagen.kinds.behaviors.support.local_time import UTC, unknown_zone
from datagen.kinds.generators.after import both
from datagen.kinds.generators.base import Extent, Fill, Generator
from datagen.kinds.generators.support.column_lookup import ancestors, need, type_problems
from datagen.kinds.generators.support.opening_hours import Hours, hours_problems, known, opening_hours
from datagen.kinds.generators.support.waiting_line import WaitingLines
from datagen.scope import ColumnRef
from datagen.time_units import LAST_INSTANT

if TYPE_CHECKING:
    from datagen.declarations.base import Declaration
    from datagen.errors import Problem
    from datagen.scope import Scope

_MOST_SERVERS = 1000
Servers = Annotated[int, Field(ge=1, le=_MOST_SERVERS)]


class Queue(Generator):
    """When the service of a row begins. The rows of one parent wait in one line, in the order of their arrival, for the
    next of its `servers` that is free (a G/G/c queue).

    A service begins within opening hours and is completed once it has begun. Those who wait at closing time are served
    first when it opens again. Missing where the service has not begun by the window's end.
    """

    alone: ClassVar[bool] = False
    computed: ClassVar[bool] = True
    multiplied: ClassVar[bool] = False
    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        {
            "datagen": 1,
            "name": "desks",
            "window": {"start": "2024-01-01", "end": "2024-02-01"},
            "tables": {
                "desks": {
                    "rows": 5,
                    "columns": {
                        "desk_id": {"type": "key"},
                        "agents": {"type": "uniform", "min": 1, "max": 3, "decimals": 0},
                    },
                },
                "tickets": {
                    "parent": "desks",
                    "rows": {"type": "events", "mean_per_day": 40},
                    "columns": {
                        "desk_id": {"type": "parent_key"},
                        "came_at": {"type": "event_time"},
                        "takes": {"type": "exponential", "mean": "15m"},
                        "begun_at": {
                            "type": "queue",
                            "arrival": "came_at",
                            "service": "takes",
                            "servers": "desks.agents",
                            "hours": {"mon-fri": "08:00-18:00", "sat": "09:00-13:00"},
                        },
                    },
                },
            },
        },
    )

    synonyms: ClassVar[tuple[str, ...]] = ("waiting_line", "waiting_time", "service_start", "mm1", "mmc", "lindley")
    type: Literal["queue"] = "queue"
    arrival: str = Field(description="the timestamp at which a row joins the line")
    service: str = Field(description="the column of durations that services take")
    servers: Servers | str = Field(
        default=1, description="how many rows are served at once, or a column of the parent or of an ancestor"
    )
    hours: Hours | None = Field(
        default=None,
        description='opening hours, in which services begin: {"mon-fri": "08:00-17:00"}; by default always open',
    )
    time_zone: str = Field(default=UTC, description="the IANA time zone of the opening hours")

    def _columns(self) -> dict[str, str]:
        found = {"arrival": self.arrival, "service": self.service}
        return found | ({"servers": self.servers} if isinstance(self.servers, str) else {})

    def needs(self, scope: Scope) -> frozenset[ColumnRef]:
        return frozenset(need(scope, column) for column in self._columns().values())

    def result(self, scope: Scope) -> Type | None:
        return TIMESTAMP

    def nullable(self, scope: Scope) -> bool:
        return scope.window is not None or scope.nullable(self.arrival) or scope.nullable(self.service)

    @property
    def missing_by_rule(self) -> bool:
        return not self.modifiers

    def extent(self, scope: Scope) -> Extent | None:
        arrival, end = scope.extent(self.arrival), LAST_INSTANT if scope.window is None else scope.window.end
        return None if arrival is None else (arrival[0], max(end, arrival[0]))

    def open_end(self, scope: Scope) -> OpenEnd | None:
        return OpenEnd(self.arrival, scope.window.end, lambda _: None) if scope.window is not None else None

    def working(self, scope: Scope) -> int:
        return 64

    def problems(self, scope: Scope) -> Iterator[Problem]:
        if scope.table.parent is None:
            message = f"'{scope.table.name}' has no parent, so that it has no queue"
            yield scope.problem("no-parent", message, "give the table a parent: a desk, a machine")
        yield from type_problems(scope, self.arrival, ("timestamp",), "arrival")
        yield from type_problems(scope, self.service, ("duration",), "service")
        if isinstance(self.servers, str):
            yield from self._server_problems(scope, self.servers)
        yield from unknown_zone(scope, self.time_zone, "time_zone")
        if self.hours is not None:
            yield from hours_problems(scope, self.hours)
        elif self.time_zone != UTC:
            message = "the time zone is that of opening hours, and there are none"
            yield scope.problem("no-effect", message, "leave it out, or write 'hours'", "time_zone")

    def _server_problems(self, scope: Scope, column: str) -> Iterator[Problem]:
        table, dot, _ = column.partition(".")
        above = ancestors(scope.table.name, scope.tables())
        if not dot or table not in above:
            message = f"'{column[:60]}' is no column of a table above '{scope.table.name}'"
            hint = f"write '{scope.table.parent or 'desks'}.{column[:40]}', or a number"
            yield scope.problem("unknown-column", message, hint, "servers")
            return
        problems = list(type_problems(scope, column, ("int",), "servers"))
        yield from problems
        if problems:
            return
        if scope.nullable(column):
            yield scope.problem("nullable", f"'{column}' can be missing", "name another column", "servers")
        extent = scope.extent(column)
        if extent is not None and not 1 <= extent[0] <= extent[1] <= _MOST_SERVERS:
            message = f"'{column}' can be outside 1 to {_MOST_SERVERS}"
            yield scope.problem("range", message, "give it a 'min' of 1 and a 'max'", "servers")

    def declarations(self, scope: Scope) -> Iterable[Declaration]:
        if not self.intact:
            return
        table, column, arrival = scope.table.name, scope.column, self.arrival
        yield NotBeforeDeclaration(table, column, bound=lambda rows: rows.column(arrival), what=f"'{arrival}'")
        if scope.window is not None:
            end = scope.window.end
            yield BeforeDeclaration(
                table, column, bound=lambda rows: np.full(len(rows), end, np.int64), what="the window's end"
            )
        what = f"when a line of {self.servers} servers serves them in the order of '{arrival}'"
        yield DerivedColumnDeclaration(
            table, column or "", fill=self.bind(scope), what=what, may_miss=bool(self.modifiers)
        )

    def bind(self, scope: Scope) -> Fill:
        whole = self._whole(scope)
        key = (scope.table.name, "queue", *scope.keys)

        def fill(rows: Rows) -> Column:
            if rows.at is None:
                return whole(rows.block)
            cells: Column = rows.block.once(key, lambda: whole(rows.block))
            return cells.take(rows.at)

        return fill

    def _whole(self, scope: Scope) -> Callable[[Block], Column]:
        """The cells of a whole block."""
        hours = opening_hours(scope, self.hours, self.time_zone) if self.hours is not None else None
        end = LAST_INSTANT + 1 if scope.window is None else scope.window.end

        def whole(block: Block) -> Column:
            arrival, service = Rows(block).column(self.arrival), Rows(block).column(self.service)
            at, counts = _in_line(block, arrival, both([arrival.valid, service.valid]))
            arrivals = arrival.data[at]
            if hours is not None:
                known(hours, arrivals)
            lines = WaitingLines(
                arrivals,
                np.maximum(service.data[at], 0),
                counts,
                self._servers_of(block),
                hours.next_open if hours is not None else lambda times: times,
            )
            starts = np.full(len(block), end, np.int64)
            starts[at] = lines.starts()
            begun = starts < end
            return Column(TIMESTAMP, np.where(begun, starts, 0), None if begun.all() else begun)

        return whole

    def _servers_of(self, block: Block) -> Ints:
        """The number of servers of each parent."""
        assert block.parent is not None
        if isinstance(self.servers, int):
            return np.full(len(block.parent), self.servers, np.int64)
        table, _, column = self.servers.partition(".")
        found: Ints = Rows(block.parent).above(table).column(column).data.astype(np.int64)
        if len(found) and not 1 <= found.min() <= found.max() <= _MOST_SERVERS:
            raise ValueFault(f"'{self.servers}' has a number of servers outside 1 to {_MOST_SERVERS}")
        return found


def _in_line(block: Block, arrival: Column, valid: Bools | None) -> tuple[Ints, Ints]:
    """The rows that wait, by parent in the order of arrival, and their number below each parent."""
    assert block.parent_row is not None
    at = np.arange(len(block)) if valid is None else np.flatnonzero(valid)
    owner = block.parent_row[at]
    order = np.lexsort((arrival.data[at], owner))
    return at[order], np.bincount(owner, minlength=len(block.complete))
