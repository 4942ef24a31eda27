"""Credits of attribution: which touches before a conversion get how much of it under the usual rules."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from datagen.columnar.block import CATEGORY, FLOAT, INT, TIMESTAMP, Attribute, Block, Column, Floats, Ints, Rows
from datagen.columnar.ragged import ordinals
from datagen.declarations.constraints import CreditSumDeclaration
from datagen.declarations.processes import ChannelDeclaration
from datagen.kinds.generators.support.column_lookup import key_start, seen_from
from datagen.kinds.row_sources.base import Children, Expansion
from datagen.kinds.row_sources.support.filterable import FilterableRows
from datagen.names import ColumnName, TableName
from datagen.random.math.elementary import exp
from datagen.random.streams import repeat_child_identities
from datagen.registry import did_you_mean
from datagen.scope import ColumnRef
from datagen.time_units import WEEK, Duration

if TYPE_CHECKING:
    from datagen.declarations.base import Declaration
    from datagen.errors import Problem
    from datagen.scope import Scope, StaticContext, Table

RULES = ("first", "last", "linear", "time_decay", "position_based")
_LN_2 = float.fromhex("0x1.62e42fefa39efp-1")


def _attributed() -> dict[str, Any]:
    conversions = {
        "type": "events",
        "mean_per_month": 0.1,
        "triggered_by": {"table": "touches", "effect": 0.2, "half_life": "3d"},
    }
    return {
        "datagen": 1,
        "name": "attribution",
        "window": {"start": "2024-01-01", "end": "2024-04-01"},
        "tables": {
            "people": {"rows": 40, "columns": {"person_id": {"type": "key"}}},
            "touches": {
                "parent": "people",
                "rows": {"type": "events", "mean_per_month": 3},
                "columns": {"touch_id": {"type": "key"}, "touched_at": {"type": "event_time"}},
            },
            "conversions": {
                "parent": "people",
                "rows": conversions,
                "columns": {"conversion_id": {"type": "key"}, "converted_at": {"type": "event_time"}},
            },
            "credits": {
                "parent": "conversions",
                "rows": {"type": "credits", "touches": "touches", "lookback": "30d"},
                "columns": {
                    "conversion_id": {"type": "parent_key"},
                    **{name: {"type": "row_attribute", "attribute": name} for name in ("touch", "position", *RULES)},
                },
            },
        },
    }


class Credits(FilterableRows):
    """A row for each touch of the same parent before a conversion, with its credit under each rule; the table hangs
    below conversions.

    Attributes: `touch` (its key), `kind` (its cell in the column `by`), `touched_at`, `position` (from 1, the earliest
    touch) and `touches` (how many there are), and the credits: `first`,
    `last`, `linear` (equal), `time_decay` (halved with every `half_life` before the conversion), and `position_based`
    (40 % to the first and the last, 20 % to those between; 50 % each if there are two). The credits of a conversion sum
    to one. A conversion without a touch within `lookback` has no rows.
    """

    root: ClassVar[bool] = False
    multiplied: ClassVar[bool] = False
    examples: ClassVar[tuple[dict[str, Any], ...]] = (_attributed(),)
    synonyms: ClassVar[tuple[str, ...]] = ("attribution", "attribution_credits")
    type: Literal["credits"] = "credits"
    touches: TableName = Field(description="the table of the touches; it has the same parent as the conversions")
    by: ColumnName | None = Field(
        default=None, description="the column of the touches with their kind, such as a channel"
    )
    lookback: Duration = Field(gt=0, description="how long before a conversion a touch counts")
    half_life: Duration = Field(default=WEEK, gt=0, description="of the rule time_decay")
    most: int = Field(default=100, ge=1, le=10_000, description="the most touches of one conversion: the latest")

    def needs(self, scope: Scope) -> frozenset[ColumnRef]:
        return frozenset({(self.touches, self.by)} if self.by else ())

    @property
    def after(self) -> str | None:
        return self.touches

    def attributes(self, context: StaticContext) -> Mapping[str, Attribute] | None:
        found = {
            "touch": Attribute(INT, depends_on_row_number=True),
            "touched_at": Attribute(TIMESTAMP),
            "position": Attribute(INT),
            "touches": Attribute(INT),
        }
        if self.by is not None:
            there = seen_from(context, self.touches)
            kinds = there.table.columns.get(self.by) if there is not None else None
            domain = kinds.domain(there) if there is not None and kinds is not None else None
            found["kind"] = Attribute(CATEGORY, nullable=True, domain=domain)
        return found | {rule: Attribute(FLOAT) for rule in RULES}

    def problems(self, scope: Scope) -> Iterator[Problem]:
        tables = scope.tables()
        conversions, touches = tables.get(scope.table.parent or ""), tables.get(self.touches)
        if touches is None:
            hint = did_you_mean(self.touches, list(tables))
            yield scope.problem("unknown-table", f"there is no table '{self.touches}'", hint, "touches")
        elif conversions is not None and (touches.parent != conversions.parent or touches.parent is None):
            message = f"'{self.touches}' and '{conversions.name}' do not have the same parent"
            yield scope.problem("unrelated-table", message, "name a sibling table of the conversions", "touches")
        if self.by is not None and touches is not None:
            yield from self._kind_problems(scope, touches)
        for name in (self.touches, scope.table.parent or ""):
            if name in tables and not tables[name].row_times:
                message = f"the rows of '{name}' have no time"
                yield scope.problem("unrelated-table", message, "give it events", "touches")

    def _kind_problems(self, scope: Scope, touches: Table) -> Iterator[Problem]:
        if self.by not in touches.columns:
            hint = did_you_mean(self.by or "", list(touches.columns))
            yield scope.problem("unknown-column", f"'{self.touches}' has no column '{self.by}'", hint, "by")
            return
        type_ = scope.type_of(self.by or "", self.touches)
        if type_ is not None and type_.name != "category":
            yield scope.problem("type", f"'{self.by}' is {type_}, not a category", "name a column of type choice", "by")

    def declarations(self, scope: Scope) -> Iterable[Declaration]:
        if self.filtered:
            return  # credits of the touches that are left do not add up
        columns = scope.table.columns.items()
        rules = {one.row_attribute: name for name, one in columns if one.row_attribute in RULES and one.intact}
        for rule, column in sorted(rules.items(), key=lambda one: str(one[0])):
            yield CreditSumDeclaration(scope.table.name, column, rule=str(rule))
        yield from self._channels(scope, tuple(rules[rule] for rule in RULES if rule in rules))

    def _channels(self, scope: Scope, given: tuple[str, ...]) -> Iterator[Declaration]:
        """The table of kinds: touches and their amounts, what each kind caused, and its credits."""
        shown = _showing(scope.table, "kind")
        touches, conversions = scope.tables().get(self.touches), scope.tables().get(scope.table.parent or "")
        if shown is None or self.by is None or touches is None or conversions is None:
            return
        types = ((name, scope.type_of(name, touches.name)) for name in touches.columns)
        amounts = tuple(name for name, type_ in types if type_ is not None and type_.name == "decimal")
        cause = _showing(conversions, "cause_kind")
        caused = (conversions.name, cause) if cause is not None else None
        yield ChannelDeclaration(scope.table.name, shown, given, (touches.name, self.by, amounts), caused)

    def bind(self, scope: Scope, scale: float) -> Children:
        return _CreditRows(self, key_start(scope, self.touches))


def _showing(table: Table, attribute: str) -> str | None:
    """The column of a table that shows an attribute unchanged."""
    columns = table.columns.items()
    return next((name for name, one in columns if one.row_attribute == attribute and one.intact), None)


@dataclass(frozen=True, slots=True, eq=False)
class _CreditRows:
    declared: Credits
    start: int
    fixed: int | None = None

    def counts(self, parents: Block) -> Ints:
        first, end = self._touches(parents)
        return end - first

    def expand(self, parents: Block) -> Expansion:
        first, end = self._touches(parents)
        counts = end - first
        touches = _beside(parents, self.declared.touches)
        owner = np.repeat(np.arange(len(parents)), counts)
        place = ordinals(counts)
        at = first[owner] + place
        when = _times(touches)[at] if len(touches) else np.zeros(0, np.int64)
        number = counts[owner]
        key = Rows(touches, at).index_from(self.start) if len(touches) else at
        attributes = {
            "touch": Column(INT, key),
            "touched_at": Column(TIMESTAMP, when),
            "position": Column(INT, place + 1),
            "touches": Column(INT, number),
            **self._credits(place, number, _times(parents)[owner] - when),
        }
        if self.declared.by is not None:
            kinds = Rows(touches).column(self.declared.by)
            none = Column(kinds.type, np.zeros(len(at), np.int32), None, kinds.dictionary)
            attributes["kind"] = kinds.take(at) if len(touches) else none
        return Expansion(counts, repeat_child_identities(parents.ids, counts), attributes)

    def _touches(self, parents: Block) -> tuple[Ints, Ints]:
        """The positions of the first touch that each conversion counts, and of the one after the last."""
        touches = _beside(parents, self.declared.touches)
        owner, times = parents.parent_row, _times(parents)
        assert owner is not None and touches.counts is not None
        begin = touches.starts[owner]
        stop = begin + touches.counts[owner]
        end = _bisected(_times(touches), times, (begin, stop))
        first = _bisected(_times(touches), times - self.declared.lookback - 1, (begin, stop))
        return np.maximum(first, end - self.declared.most), end

    def _credits(self, place: Ints, number: Ints, before: Ints) -> dict[str, Column]:
        one, first, last = np.ones(len(place)), place == 0, place == number - 1
        middle = 0.2 / np.maximum(number - 2, 1)
        ends = np.where(number == 1, 1.0, np.where(number == 2, 0.5, 0.4))
        weight = exp(np.maximum(before * (-_LN_2 / self.declared.half_life), -700.0))
        found = {
            "first": np.where(first, one, 0.0),
            "last": np.where(last, one, 0.0),
            "linear": one / np.maximum(number, 1),
            "time_decay": weight / _sums(weight, place, number),
            "position_based": np.where(first | last, ends, middle),
        }
        return {name: Column(FLOAT, values) for name, values in found.items()}


def _beside(parents: Block, table: str) -> Block:
    """The block of a table that hangs below the same rows."""
    assert parents.parent is not None
    return parents.parent.children[table]


def _times(block: Block) -> Ints:
    assert block.time is not None
    times: Ints = block.attributes[block.time].data
    return times


def _bisected(times: Ints, limit: Ints, within: tuple[Ints, Ints]) -> Ints:
    """The position of the first time within each range that is later than its limit, else its end; times ascend in each
    range.
    """
    low, high = within
    while bool((low < high).any()):
        middle = (low + high) >> 1
        late = times.take(np.minimum(middle, max(len(times) - 1, 0))) > limit if len(times) else low < high
        low, high = np.where(~late & (low < high), middle + 1, low), np.where(late, middle, high)
    return low


def _sums(weight: Floats, place: Ints, number: Ints) -> Floats:
    """The sum of the weights of each row's conversion, added in their order, shape (n,)."""
    total = np.zeros(len(weight))
    begin = np.arange(len(weight)) - place
    for step in range(int(number.max(initial=0))):
        there = step < number
        total = total + np.where(there, weight.take(np.where(there, begin + step, 0)), 0.0)
    return total
