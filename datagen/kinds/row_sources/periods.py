"""A row for each period that begins while the parent is in certain states, such as invoices, readings or snapshots."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from datagen.columnar.block import FLOAT, INT, TIMESTAMP, Attribute, Column, Ints
from datagen.columnar.ragged import ordinals, positions
from datagen.declarations.processes import CohortRetentionDeclaration, LevelBridgeDeclaration
from datagen.kinds.processes.support.examples import view_of
from datagen.kinds.row_sources.support.process_view import (
    ProcessView,
    Select,
    States,
    Words,
    state_attribute,
    value_attributes,
    value_columns,
)
from datagen.names import ColumnName
from datagen.point_process.trajectory import OPEN, Trajectory
from datagen.registry import Strict, did_you_mean
from datagen.time_units import DAY, WEEK

if TYPE_CHECKING:
    from datagen.declarations.base import Declaration
    from datagen.errors import Problem
    from datagen.scope import DeclaredProcess, Scope, StaticContext

Length = Literal["day", "week", "month", "quarter", "year"]
Anchor = Literal["entered", "birth"] | int
_LAST_DAY = {"week": 7, "month": 31, "quarter": 31, "year": 31}
_MONDAY = 4
"""The first Monday of 1970, days after January 1."""
MONTHS = {"month": 1, "quarter": 3, "year": 12}
FIXED = {"day": DAY, "week": WEEK}


class ByValue(Strict):
    """A length of periods for each value of an attribute of the process, as it is when the parent comes into the
    states.
    """

    attribute: ColumnName = Field(description="an attribute of the process", examples=["billing"])
    cases: Annotated[dict[str, Literal["month", "quarter", "year"]], Field(min_length=1, max_length=100)] = Field(
        description="the length for each of its values", examples=[{"monthly": "month", "yearly": "year"}]
    )


class Periods(ProcessView):
    """A row for each calendar period that begins while the parent is in one of the states.

    Periods are counted from an anchor: when the parent came into these states (`entered`, from outside of them), its
    birth, or a day of the calendar: of the month (also of the first month of each quarter or year), or of the week (1
    is Monday), at midnight UTC. The anchor's day is clipped to the end of a shorter month and kept: January 31,
    February 29, March 31.

    Attributes: `starts_at` (the row's time), `ends_at` (when the next period would begin), `number` (1, 2 ... since the
    parent came into these states), `state` (when it begins), the attributes of the process (when it begins), and
    `share`, the part of the period that the parent stays in these states (missing where the window ends before that is
    known).

    With `split`, a period is cut wherever a stay ends within it, so that each part has one state and one value of each
    attribute: what is due is reckoned part by part. `part_from` and `part_to` are the bounds of the part, `share` is
    its length as a part of the period, and `elapsed` is the part of the period before it.
    """

    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        view_of(
            "invoices",
            {"type": "periods", "in": ["active", "past_due"], "every": "month"},
            "starts_at", "ends_at", "number", "share",
        ),
        view_of(
            "charges",
            {"type": "periods", "in": ["active", "past_due"], "every": "month", "split": True},
            "starts_at", "part_from", "part_to", "state", "share", "elapsed",
        ),
        view_of("snapshots", {"type": "periods", "in": ["active"], "every": "week", "anchor": 1}, "starts_at", "state"),
    )  # fmt: skip
    time: ClassVar[str | None] = "starts_at"
    synonyms: ClassVar[tuple[str, ...]] = ("billing_periods", "invoices", "snapshots", "recurring")

    type: Literal["periods"] = "periods"
    in_: States = Field(alias="in", description="the states in which periods begin")
    every: Length | ByValue = Field(description="the length of a period, or a length for each value of an attribute")
    anchor: Anchor = Field(
        default="entered", description="the anchor of periods: `entered`, `birth`, or a day of the month or week"
    )

    split: bool = Field(default=False, description="whether periods are cut where a stay ends within them")

    def attributes(self, context: StaticContext) -> Mapping[str, Attribute] | None:
        process = self.shown(context)
        found = {
            "starts_at": Attribute(TIMESTAMP),
            "ends_at": Attribute(TIMESTAMP),
            "number": Attribute(INT),
            "state": state_attribute(process),
            "share": Attribute(FLOAT, nullable=True),
            **value_attributes(process),
        }
        parts = {
            "part_from": Attribute(TIMESTAMP),
            "part_to": Attribute(TIMESTAMP, nullable=True),
            "elapsed": Attribute(FLOAT),
        }
        return found | parts if self.split else found

    def declarations(self, scope: Scope) -> Iterable[Declaration]:
        yield from self.agreement(scope)
        begins = self.columns(scope.table).get("starts_at")
        if self.every == "month" and not self.filtered and begins is not None and scope.window is not None:
            yield CohortRetentionDeclaration(scope.table.name, begins, scope.window.end)
            for name in scope.table.columns:
                type_ = scope.type_of(name)
                if type_ is not None and type_.name == "decimal":
                    yield LevelBridgeDeclaration(scope.table.name, begins, name, type_.scale, scope.window.end)

    def named_states(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        return (("in", self.in_),)

    def problems(self, scope: Scope) -> Iterator[Problem]:
        yield from super().problems(scope)
        if isinstance(self.every, ByValue):
            yield from self._case_problems(scope, self.every)
        unit = self.every if isinstance(self.every, str) else "month"
        last = _LAST_DAY.get(unit)
        if isinstance(self.anchor, int) and last is None:
            message = "days begin at midnight, so they need no anchor"
            yield scope.problem("no-effect", message, "leave the anchor out, or count weeks or months", "anchor")
        elif isinstance(self.anchor, int) and last is not None and not 1 <= self.anchor <= last:
            unit = "week" if unit == "week" else "month"
            message = f"a {unit} has no day {self.anchor}"
            yield scope.problem("range", message, f"write a day from 1 to {last}", "anchor")

    def _case_problems(self, scope: Scope, every: ByValue) -> Iterator[Problem]:
        process, place = self.shown(scope), scope.at("every")
        if process is None or not process.state_names:
            return
        values = process.attribute_values.get(every.attribute)
        if values is None:
            message = f"the process has no attribute '{every.attribute[:60]}'"
            hint = did_you_mean(every.attribute, list(process.attribute_values))
            yield place.problem("unknown-process", message, hint, "attribute")
            return
        for name in every.cases:
            if name not in values:
                message = f"'{every.attribute}' is never '{name[:60]}'"
                yield place.problem("no-effect", message, did_you_mean(name, list(values)), "cases", name)
        missing = [value for value in values if value not in every.cases]
        if missing:
            message = f"there is no length for {', '.join(missing)[:120]}"
            yield place.problem("missing-case", message, 'write "month", for example', "cases")

    def _lengths(self, process: DeclaredProcess) -> Callable[[Trajectory, Ints], str | Ints]:
        """The length of the periods of spells that begin with these stays."""
        every = self.every
        if isinstance(every, str):
            return lambda *_: every
        name = every.attribute
        months = np.array([MONTHS[every.cases[value]] for value in process.attribute_values[name]], np.int64)
        return lambda found, first: months.take(found.values[name][first])

    def select(self, scope: Scope) -> Select:
        process, window = self.shown(scope), scope.window
        assert process is not None and window is not None
        words, end = Words(process.state_names), window.end
        states, anchors, lengths = words.codes(self.in_), self._anchors(), self._lengths(process)

        def select(found: Trajectory) -> tuple[Ints, dict[str, Column]]:
            first, last = found.spells(states)
            entered, left = found.entered[first], found.left[last]
            periods = Boundaries(anchors(found, first), lengths(found, first))
            begin = periods.before(entered)
            counts = np.maximum(periods.before(np.minimum(left, end)) - begin, 0)
            spell = np.repeat(np.arange(len(first)), counts)
            number = ordinals(counts)
            starts, after = (periods.at(spell, begin[spell] + number + more) for more in (0, 1))
            rows = _Rows(spell, number, starts, after, starts)
            if self.split:
                rows = _cut(rows, found, (first, last), (periods, begin))
            at = _stay(found, first[rows.spell], last[rows.spell], rows.at)
            ended = rows.ended(left) if self.split else left[rows.spell]
            attributes = {
                "starts_at": Column(TIMESTAMP, rows.starts),
                "ends_at": Column(TIMESTAMP, rows.after),
                "number": Column(INT, rows.number + 1),
                "state": words.column(found.state[at]),
                "share": _share(rows, ended, end),
                **value_columns(process, found, at),
            }
            return found.owner[first][rows.spell], attributes | (_parts(rows, ended, end) if self.split else {})

        return select

    def _anchors(self) -> Callable[[Trajectory, Ints], Ints]:
        """The anchor of each spell, int64 microseconds."""
        if isinstance(self.anchor, int):
            weekly = isinstance(self.every, str) and self.every in FIXED
            day = self.anchor - 1 + (_MONDAY if weekly else 0)
            return lambda _, first: np.full(len(first), day * DAY, np.int64)
        if self.anchor == "entered":
            return lambda found, first: found.entered[first]

        def births(found: Trajectory, first: Ints) -> Ints:
            starts = np.cumsum(found.counts) - found.counts
            born: Ints = found.entered[starts[found.owner[first]]]
            return born

        return births


def _stay(found: Trajectory, first: Ints, last: Ints, times: Ints) -> Ints:
    """The position of the stay, from `first` to `last`, that contains each time."""
    low, high = first, last
    for _ in range(int((last - first).max(initial=0)).bit_length()):
        middle = (low + high + 1) >> 1
        reached = found.entered[middle] <= times
        low, high = np.where(reached, middle, low), np.where(reached, high, middle - 1)
    return low


@dataclass(frozen=True, slots=True, eq=False)
class _Rows:
    """Periods or parts of them: the spell, the number and the bounds of the period, and where the row begins."""

    spell: Ints
    number: Ints
    starts: Ints
    after: Ints
    at: Ints

    def ended(self, left: Ints) -> Ints:
        """When each row's part would end, were the period longer: at the next part, or with the spell."""
        following = np.append(self.at[1:], 0)
        same = np.append(self.spell[1:] == self.spell[:-1], False) if len(self.spell) else np.zeros(0, np.bool_)
        return np.where(same, following, left[self.spell])


def _cut(rows: _Rows, found: Trajectory, stays: tuple[Ints, Ints], counted: tuple[Boundaries, Ints]) -> _Rows:
    """The periods and the parts that begin within them with a stay, in the order of spell and time."""
    (first, last), (periods, begin) = stays, counted
    lengths = last - first
    spell = np.repeat(np.arange(len(first)), lengths)
    stay = positions(first + 1, lengths)
    at = found.entered[stay]
    number = periods.of(spell).before(at) - begin[spell] - 1
    inner = np.flatnonzero((number >= 0) & (found.left[stay] > at))
    spell, number, at = spell[inner], number[inner], at[inner]
    starts, after = (periods.at(spell, begin[spell] + number + more) for more in (0, 1))
    inner = np.flatnonzero(at < after)  # a stay that begins with a period is no part of the one before
    more = (spell[inner], number[inner], starts[inner], after[inner], at[inner])
    spell, number, starts, after, at = (
        np.concatenate(pair)
        for pair in zip((rows.spell, rows.number, rows.starts, rows.after, rows.at), more, strict=True)
    )
    order = np.lexsort((at, spell))
    return _Rows(spell[order], number[order], starts[order], after[order], at[order])


def _share(rows: _Rows, left: Ints, end: int) -> Column:
    """The part of each period spent in the states; missing if the stay is open at the window's end."""
    known = (left < OPEN) | (rows.after <= end)
    share = (np.minimum(left, rows.after) - rows.at) / (rows.after - rows.starts)
    return Column(FLOAT, np.where(known, share, 0.0), None if known.all() else known)


def _parts(rows: _Rows, left: Ints, end: int) -> dict[str, Column]:
    """The bounds of each part, and what of the period lies before it."""
    known = (left < OPEN) | (rows.after <= end)
    until = np.where(known, np.minimum(left, rows.after), 0)
    return {
        "part_from": Column(TIMESTAMP, rows.at),
        "part_to": Column(TIMESTAMP, until, None if known.all() else known),
        "elapsed": Column(FLOAT, (rows.at - rows.starts) / (rows.after - rows.starts)),
    }


@dataclass(frozen=True, slots=True, eq=False)
class Boundaries:
    """For n anchors, instants (int64 microseconds) one period apart; boundary 0 is the anchor itself.

    Boundary k of months is k x `months` after the anchor's month, on the anchor's day or the last day of a shorter
    month, at the anchor's time of day. Boundaries of weeks and days are equidistant.
    `every` may be the months of a period of each anchor, shape (n,).
    """

    anchor: Ints
    every: str | Ints

    def _months(self, at: Ints | slice) -> Ints | int:
        """The months of a period of these anchors."""
        return MONTHS[self.every] if isinstance(self.every, str) else self.every[at]

    def of(self, anchors: Ints) -> Boundaries:
        """The boundaries of the anchors at these positions."""
        return Boundaries(self.anchor[anchors], self.every if isinstance(self.every, str) else self.every[anchors])

    def _split(self, at: Ints | slice) -> tuple[Ints, Ints, Ints]:
        """The month (since 1970), the day in it (from 0) and the time of day of the anchors."""
        anchor = self.anchor[at]
        days = anchor // DAY
        dates = days.astype("datetime64[D]")
        months = dates.astype("datetime64[M]")
        within = (dates - months.astype("datetime64[D]")).astype(np.int64)
        return months.astype(np.int64), within, anchor - days * DAY

    def at(self, owner: Ints, number: Ints) -> Ints:
        """Boundary `number` of anchor `owner`, shape (m,)."""
        if isinstance(self.every, str) and self.every in FIXED:
            moved: Ints = self.anchor[owner] + number * FIXED[self.every]
            return moved
        months, day, time = self._split(owner)
        month = (months + number * self._months(owner)).astype("datetime64[M]")
        first = month.astype("datetime64[D]").astype(np.int64)
        length = (month + 1).astype("datetime64[D]").astype(np.int64) - first
        placed: Ints = (first + np.minimum(day, length - 1)) * DAY + time
        return placed

    def before(self, limits: Ints) -> Ints:
        """The number of the first boundary that is not before the limit of each anchor, shape (n,)."""
        if isinstance(self.every, str) and self.every in FIXED:
            count: Ints = -((self.anchor - limits) // FIXED[self.every])
            return count
        months = self._split(slice(None))[0]
        limit = (limits // DAY).astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
        number = (limit - months) // self._months(slice(None))
        late = self.at(np.arange(len(limits)), number) < limits
        return number + late
