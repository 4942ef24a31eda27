"""Rows at exact, regular times below each parent: readings, daily balances, monthly statements."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, get_args

import numpy as np
from pydantic import BeforeValidator, Field
from pydantic_core import PydanticCustomError

from datagen.columnar.block import TIMESTAMP, Attribute, Block, Column, Ints, Rows
from datagen.columnar.ragged import positions
from datagen.columnar.row_time import moments
from datagen.declarations.constraints import ChildCountDeclaration, RangeDeclaration
from datagen.kinds.row_sources.base import Children, Expansion
from datagen.kinds.row_sources.support.filterable import FilterableRows
from datagen.random.streams import affordable, repeat_child_identities
from datagen.registry import describe, did_you_mean
from datagen.time_units import DAY, Duration, parse_duration

if TYPE_CHECKING:
    from datagen.declarations.base import Declaration
    from datagen.errors import Problem
    from datagen.scope import Scope, StaticContext, Window

Calendar = Literal["day", "week", "month", "quarter", "year"]


def _step(data: Any) -> Any:
    """A step that is neither a unit of the calendar nor a duration has one problem, not one for each."""
    if data in get_args(Calendar):
        return data
    try:
        parse_duration(data if isinstance(data, str) else f"{data}")
    except ValueError:
        hint = did_you_mean(data, list(get_args(Calendar))) if isinstance(data, str) else ""
        message = "needs a duration such as '6h', or 'day', 'week', 'month', 'quarter' or 'year', not {found}"
        found = f"'{data[:40]}'" if isinstance(data, str) else describe(data)
        raise PydanticCustomError(
            "invalid-value", message, {"found": found, "hint": "" if hint.startswith("known") else hint}
        ) from None
    return data


_MONTHS = {"month": 1, "quarter": 3, "year": 12}
_DAYS = {"day": 1, "week": 7}
_MONDAY = 4
"""The first Monday of 1970, days after January 1."""
_SHORTEST = 1_000
"""Microseconds."""


class Grid(FilterableRows):
    """A row below each parent at every step of a grid that covers the window, from the parent's time on: one every five
    minutes per device.

    A duration counts from the window's start; `day`, `week` (Mondays), `month`, `quarter` and `year` begin at midnight
    UTC. The attribute is `event_time`.
    """

    root: ClassVar[bool] = False
    multiplied: ClassVar[bool] = False
    time: ClassVar[str | None] = "event_time"
    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        {
            "datagen": 1,
            "name": "devices",
            "window": {"start": "2024-01-01", "end": "2024-01-02"},
            "tables": {
                "devices": {"rows": 3, "columns": {"device_id": {"type": "key"}}},
                "readings": {
                    "parent": "devices",
                    "rows": {"type": "grid", "every": "1h"},
                    "columns": {
                        "device_id": {"type": "parent_key"},
                        "at": {"type": "event_time"},
                        "celsius": {"type": "autoregressive", "mean": 21, "sd": 2, "phi": 0.9, "decimals": 1},
                    },
                },
            },
        },
    )

    separating: ClassVar[frozenset[str]] = frozenset({"event_time"})
    synonyms: ClassVar[tuple[str, ...]] = ("regular", "every", "schedule", "readings")
    type: Literal["grid"] = "grid"
    every: Annotated[Calendar | Duration, BeforeValidator(_step)] = Field(
        description="the step: a duration, or a unit of the calendar"
    )

    def attributes(self, context: StaticContext) -> Mapping[str, Attribute] | None:
        return {"event_time": Attribute(TIMESTAMP)}

    @property
    def regular(self) -> bool:
        return True

    def problems(self, scope: Scope) -> Iterator[Problem]:
        if isinstance(self.every, int) and self.every < _SHORTEST:
            yield scope.problem("range", "the step is shorter than a millisecond", "write a longer one", "every")

    def declarations(self, scope: Scope) -> Iterable[Declaration]:
        table, column, window = scope.table, scope.table.moment, scope.window
        if window is None or table.parent is None:
            return
        if column is not None:
            yield RangeDeclaration(
                table.name, column, low=window.start, high=window.end, range="the window", open_end=True
            )
        if not self.filtered:
            many = self._steps(window).many
            low = 0 if _timed(scope, table.parent) else many
            yield ChildCountDeclaration(table.parent, child=table.name, low=low, high=many)

    def bind(self, scope: Scope, scale: float) -> Children:
        assert scope.window is not None
        return self._steps(scope.window)

    def _steps(self, window: Window) -> _Steps:
        start, end = window.start, window.end
        if isinstance(self.every, int):
            return _Steps(start, self.every, max(-(-(end - start) // self.every), 0), None)
        bounds = _bounds(self.every, start, end)
        return _Steps(start, 0, len(bounds), bounds)


def _timed(scope: Scope, table: str | None) -> bool:
    """Whether rows of a table, or of one above it, have a time, from which the grid then begins."""
    while table is not None:
        if scope.tables()[table].row_times:
            return True
        table = scope.tables()[table].parent
    return False


def _bounds(unit: Calendar, start: int, end: int) -> Ints:
    """The beginnings of periods within a window, microseconds, ascending."""
    if unit in _DAYS:
        step = _DAYS[unit] * DAY
        offset = (_MONDAY * DAY) % step if unit == "week" else 0
        first = -(-(start - offset) // step) * step + offset
        return np.arange(first, end, step, dtype=np.int64)
    months = np.arange(
        np.datetime64(start, "us").astype("datetime64[M]"), np.datetime64(end, "us").astype("datetime64[M]") + 1
    )
    months = months[months.astype(np.int64) % _MONTHS[unit] == 0]
    found: Ints = months.astype("datetime64[us]").astype(np.int64)
    return found[(found >= start) & (found < end)]


@dataclass(frozen=True, slots=True, eq=False)
class _Steps:
    """Times `start` + k `step`, or those of `bounds`, for k below `many`."""

    start: int
    step: int
    many: int
    bounds: Ints | None

    @property
    def fixed(self) -> int | None:
        return None

    def counts(self, parents: Block) -> Ints:
        return self.many - self._first(parents)

    def expand(self, parents: Block) -> Expansion:
        first = self._first(parents)
        counts = self.many - first
        affordable(float(counts.sum()))
        number = positions(first, counts)
        times = self.start + number * self.step if self.bounds is None else self.bounds[number]
        return Expansion(counts, repeat_child_identities(parents.ids, counts), {"event_time": Column(TIMESTAMP, times)})

    def _first(self, parents: Block) -> Ints:
        """The first step of each parent: not before it came to be."""
        born = moments(Rows(parents))
        if born is None:
            return np.zeros(len(parents), np.int64)
        if self.bounds is not None:
            return np.searchsorted(self.bounds, born, side="left").astype(np.int64)
        return np.clip(-(-(born - self.start) // self.step), 0, self.many)
