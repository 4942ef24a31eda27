"""Budgets of rows of another table, such as campaigns, that end the rows which refer to them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

import numpy as np
from pydantic import Field

from datagen.columnar.block import INT, Bools, Ints, Rows
from datagen.columnar.millionths import millionths
from datagen.columnar.row_time import moments
from datagen.declarations.constraints import BudgetDeclaration
from datagen.errors import ValueFault
from datagen.kinds.generators.support.column_lookup import key_start, target_of
from datagen.names import ColumnName
from datagen.registry import Strict, did_you_mean
from datagen.scope import ColumnRef
from datagen.time_units import HOUR

if TYPE_CHECKING:
    from datagen.errors import Problem
    from datagen.scope import Scope

_NUMBERS = ("int", "float", "decimal")
UNLIMITED, LARGEST = 2**62, 2.0**61
"""Millionths of a missing budget, and of the largest budget or cost."""


def campaigns() -> dict[str, Any]:
    """A document with campaigns that have budgets."""
    flight = {"at": "touched_at", "from": "starts_at", "to": "ends_at"}
    rows = [["winter", "2024-01-01", "2024-02-15", 40.0], ["spring", "2024-02-15", "2024-04-01", 60.0]]
    return {
        "datagen": 1,
        "name": "campaigns",
        "window": {"start": "2024-01-01", "end": "2024-04-01"},
        "tables": {
            "campaigns": {
                "rows": {"type": "listed", "columns": ["name", "starts_at", "ends_at", "budget"], "rows": rows},
                "columns": {
                    "campaign_id": {"type": "key"},
                    "name": {"type": "listed"},
                    "starts_at": {"type": "listed", "as": "timestamp"},
                    "ends_at": {"type": "listed", "as": "timestamp"},
                    "budget": {"type": "listed"},
                },
            },
            "people": {"rows": 50, "columns": {"person_id": {"type": "key"}}},
            "touches": {
                "parent": "people",
                "rows": {
                    "type": "events",
                    "mean_per_month": 3,
                    "budget": {"through": "campaign_id", "cost": "cost", "limit": "budget"},
                },
                "columns": {
                    "touch_id": {"type": "key"},
                    "person_id": {"type": "parent_key"},
                    "touched_at": {"type": "event_time"},
                    "campaign_id": {"type": "reference", "table": "campaigns", "valid": flight},
                    "cost": {"type": "lognormal", "median": 0.6, "sigma": 0.5, "decimals": 2},
                },
            },
        },
    }


class Budget(Strict):
    """What the rows that refer to one row of another table may cost together.

    Their cost is added up over all parents, in the order of time: that of the row, or of the row above it that has one.
    They come until the last full hour (UTC) by whose end the sum is within the budget; later ones are not made. A
    missing budget is no limit, a missing cost is 0.
    """

    through: ColumnName = Field(description="the reference to the row with the budget, such as 'campaign_id'")
    cost: ColumnName = Field(description="the column of this table with the cost of a row, 0 or more")
    limit: ColumnName = Field(description="the column of that table with the budget")

    def target(self, scope: Scope) -> str:
        """The table with the budgets; empty if `through` is no reference."""
        return target_of(scope, self.through) or ""

    def needs(self, scope: Scope) -> frozenset[ColumnRef]:
        """The columns that it reads."""
        own = {(scope.table.name, name) for name in (self.through, self.cost) if name in scope.table.columns}
        target = scope.tables().get(self.target(scope))
        return frozenset(own | ({(target.name, self.limit)} if target and self.limit in target.columns else set()))

    def problems(self, scope: Scope) -> Iterator[Problem]:
        if not _has_time(scope):
            message = f"the rows of '{scope.table.name}' have no time, nor has a row above them"
            yield scope.problem("missing", message, "write rows with a time, such as events, or leave the budget out")
            return
        unknown = [field for field in ("through", "cost") if getattr(self, field) not in scope.table.columns]
        for field in unknown:
            name, known = getattr(self, field), list(scope.table.columns)
            message = f"'{scope.table.name}' has no column '{name}'"
            yield scope.problem("unknown-column", message, did_you_mean(name, known), field)
        if not unknown:
            yield from self._column_problems(scope)

    def _column_problems(self, scope: Scope) -> Iterator[Problem]:
        own, target = scope.type_of(self.cost), scope.tables().get(self.target(scope))
        if own is not None and own.name not in _NUMBERS:
            yield scope.problem("type", f"'{self.cost}' is a column of type {own}", "name a column of numbers", "cost")
            return
        key, type_ = scope.table.columns[self.through], scope.type_of(self.through)
        if type_ is None:  # it does not read, which is reported there
            return
        if target is None or target.parent is not None or target.key is None or type_ != INT:
            message = f"'{self.through}' is a '{key.type}', not a reference to the key of a table without a parent"
            yield scope.problem("type", message, "name a reference, to campaigns for example", "through")
            return
        if self.limit not in target.columns:
            message = f"'{target.name}' has no column '{self.limit}'"
            yield scope.problem("unknown-column", message, did_you_mean(self.limit, list(target.columns)), "limit")
            return
        type_ = scope.type_of(self.limit, target.name)
        if type_ is not None and type_.name not in _NUMBERS:
            message = f"'{target.name}.{self.limit}' is a column of type {type_}"
            yield scope.problem("type", message, "name a column of numbers", "limit")
            return
        cost, limit = scope.extent(self.cost), scope.extent(self.limit, target.name)
        if cost is not None and cost[0] < 0:
            yield scope.problem("range", f"'{self.cost}' can be below 0", "write a 'min' of 0", "cost")
        if limit is not None and limit[1] <= 0:
            yield scope.problem("no-effect", "no budget is above 0", "give the rows budgets", "limit")

    def limits(self, scope: Scope) -> Ints:
        """The budget of each row of the other table in millionths, shape (rows,)."""
        target = self.target(scope)
        cells = scope.recompute(target, self.limit)(np.arange(scope.rows_in(target)))
        return millionths(cells, UNLIMITED, LARGEST)

    def bind(self, scope: Scope, end: Callable[[Ints], Mapping[str, int]]) -> BoundBudget:
        """It, ready to be kept; `end` finds from the limits when each is spent."""
        name = f"budgets of {scope.table.name}"
        return BoundBudget(self, scope, lambda: scope.freeze(name, lambda: end(self.limits(scope))))

    def declaration(self, scope: Scope) -> BudgetDeclaration:
        """The rule for validation."""
        target = self.target(scope)
        limits = partial(self.limits, scope)
        return BudgetDeclaration(scope.table.name, self.through, self.cost, target, key_start(scope, target), limits)


def _has_time(scope: Scope) -> bool:
    """Whether the rows, or those they hang on, have a time."""
    tables, name = scope.tables(), scope.table.name
    while tables[name].rows.time is None:
        above = tables[name].parent
        if above is None or above not in tables:
            return False
        name = above
    return True


@dataclass(frozen=True, slots=True, eq=False)
class Costs:
    """n rows that have a budget, in the order of their parents: the position of the row with the budget, the time
    (microseconds), and the cost in millionths. `below` are all rows below each parent, `costed` those with a budget.
    """

    position: Ints
    times: Ints
    units: Ints
    below: Ints
    costed: Ints


@dataclass(frozen=True, eq=False)
class BoundBudget:
    """A budget, ready to be kept. `end` gives, by position, the hour since 1970 at which rows end; missing where they
    do not.
    """

    declared: Budget
    scope: Scope
    end: Callable[[], Mapping[str, int]]

    @cached_property
    def _start(self) -> int:
        return key_start(self.scope, self.declared.target(self.scope))

    @cached_property
    def _ends(self) -> tuple[Ints, Ints]:
        """The positions in order, and when each ends (microseconds)."""
        found = sorted((int(position), hour * HOUR) for position, hour in self.end().items())
        return np.array([one for one, _ in found], np.int64), np.array([time for _, time in found], np.int64)

    def _position(self, rows: Rows) -> Ints:
        """The position of the row with the budget; -1 where there is none."""
        cells = rows.column(self.declared.through)
        found = cells.data - self._start
        return found if cells.valid is None else np.where(cells.valid, found, -1)

    def costs(self, rows: Rows) -> Costs:
        """What these rows cost."""
        position, times = self._position(rows), moments(rows)
        assert times is not None
        units = millionths(rows.column(self.declared.cost), most=LARGEST)
        if units.min(initial=0) < 0:
            raise ValueFault(f"'{self.declared.cost}' is below 0 in a row, which no budget can count; write a 'min'")
        at, above = np.flatnonzero(position >= 0), rows.up()
        assert above.at is not None
        below, costed = (np.bincount(one, minlength=len(above.block)) for one in (above.at, above.at[at]))
        return Costs(position[at], times[at], units[at], below.astype(np.int64), costed.astype(np.int64))

    def kept(self, rows: Rows) -> Bools:
        """The rows that come before their budget is spent, bool (n,)."""
        (positions, ends), position, times = self._ends, self._position(rows), moments(rows)
        assert times is not None
        if not len(positions):
            return np.ones(len(rows), np.bool_)
        at = np.minimum(np.searchsorted(positions, position), len(positions) - 1)
        kept: Bools = (positions[at] != position) | (times < ends[at])
        return kept
