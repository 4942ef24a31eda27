"""Intervals laid one after the other below each parent: a copy that is rented, a room that is booked, a machine that
runs a job.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from datagen.columnar.block import TIMESTAMP, Attribute, Block, Column, Ints, Rows
from datagen.columnar.row_time import moments
from datagen.declarations.constraints import NoOverlapDeclaration
from datagen.errors import ValueFault
from datagen.kinds.generators.base import Draw, Generator, Numeric
from datagen.kinds.row_sources.base import Children, Expansion
from datagen.kinds.row_sources.support.filterable import FilterableRows
from datagen.random.streams import affordable, child_identities, repeat_child_identities

if TYPE_CHECKING:
    from datagen.declarations.base import Declaration
    from datagen.errors import Problem
    from datagen.scope import Scope, StaticContext

_MOST = 100_000
"""Intervals below one parent."""
_LEAST = 1_000_000
"""The shortest step, a gap and a length together, in microseconds: a second."""


class Intervals(FilterableRows):
    """Intervals below each parent that never overlap: a gap, a length, a gap, a length ... from the parent's time, or
    the window's start.

    Attributes are `starts_at` (the row's time, within the window) and `ends_at`, missing where the interval is open at
    the window's end. A renewal process with two phases (Cox, "Renewal Theory", 1962).
    """

    root: ClassVar[bool] = False
    multiplied: ClassVar[bool] = False
    time: ClassVar[str | None] = "starts_at"
    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        {
            "datagen": 1,
            "name": "rooms",
            "window": {"start": "2024-01-01", "end": "2024-03-01"},
            "tables": {
                "rooms": {"rows": 5, "columns": {"room_id": {"type": "key"}}},
                "bookings": {
                    "parent": "rooms",
                    "rows": {
                        "type": "intervals",
                        "gap": {"type": "exponential", "mean": "12h"},
                        "length": {"type": "lognormal", "median": "2h", "sigma": 0.5},
                    },
                    "columns": {
                        "booking_id": {"type": "key"},
                        "room_id": {"type": "parent_key"},
                        "from": {"type": "row_attribute", "attribute": "starts_at"},
                        "to": {"type": "row_attribute", "attribute": "ends_at"},
                    },
                },
            },
        },
    )

    synonyms: ClassVar[tuple[str, ...]] = ("bookings", "renewal", "occupancy", "no_overlap", "exclusive", "slots")
    type: Literal["intervals"] = "intervals"
    gap: Generator = Field(description="a generator of durations: the time before each interval")
    length: Generator = Field(description="a generator of durations: how long each interval lasts")

    def attributes(self, around: StaticContext) -> Mapping[str, Attribute] | None:
        return {"starts_at": Attribute(TIMESTAMP), "ends_at": Attribute(TIMESTAMP, nullable=True)}

    def problems(self, scope: Scope) -> Iterator[Problem]:
        for key, law in (("gap", self.gap), ("length", self.length)):
            at = scope.at(key)
            yield from law.problems(at)
            type_ = law.result(at)
            if type_ is not None and (type_.name != "duration" or not isinstance(law, Numeric)):
                yield at.problem(
                    "type",
                    "it is no law of durations",
                    "write one such as {'type': 'exponential', 'mean': '2d'}",
                    "type",
                )
            if law.needs(at) or law.modifiers:
                yield at.problem("not-allowed", "it reads columns or has modifiers", "use a plain law", "type")

    def declarations(self, scope: Scope) -> Iterable[Declaration]:
        shown = {
            column.row_attribute: name
            for name, column in scope.table.columns.items()
            if column.intact and not column.hidden
        }
        if {"starts_at", "ends_at"} <= shown.keys():
            yield NoOverlapDeclaration(scope.table.name, shown["starts_at"], ends=shown["ends_at"])

    def bind(self, scope: Scope, scale: float) -> Children:
        assert scope.window is not None and isinstance(self.gap, Numeric) and isinstance(self.length, Numeric)
        laws = self.gap.draw(scope.at("gap")), self.length.draw(scope.at("length"))
        return _Laid(laws, (self.gap, self.length), (scope.window.start, scope.window.end))


@dataclass(frozen=True, slots=True, eq=False)
class _Laid:
    laws: tuple[Draw, Draw]
    declared: tuple[Numeric, Numeric]
    window: tuple[int, int]
    fixed: None = None

    def counts(self, parents: Block) -> Ints:
        return self._laid(parents)[0]

    def expand(self, parents: Block) -> Expansion:
        counts, owner, starts, ends = self._laid(parents)
        order = np.lexsort((starts, owner))
        ends = ends[order]
        closed = ends < self.window[1]
        attributes = {"starts_at": Column(TIMESTAMP, starts[order]), "ends_at": Column(TIMESTAMP, ends).where(closed)}
        return Expansion(counts, repeat_child_identities(parents.ids, counts), attributes)

    def _laid(self, parents: Block) -> tuple[Ints, Ints, Ints, Ints]:
        """Intervals below each parent, and parent, start and end of each: a loop over ordinals, all parents at once."""
        born = moments(Rows(parents))
        here = np.full(len(parents), self.window[0], np.int64) if born is None else np.maximum(born, self.window[0])
        counts, going = np.zeros(len(parents), np.int64), np.arange(len(parents))
        owner, starts, ends = ([np.zeros(0, np.int64)] for _ in range(3))
        for ordinal in range(_MOST):
            ids = child_identities(parents.ids[going], np.full(len(going), ordinal, np.int64))
            rows = Rows(Block(parents.table, 0, ids))
            gap, length = (self._drawn(k, rows) for k in range(2))
            begin = here[going] + gap
            end = begin + np.maximum(length, _LEAST - np.minimum(gap, _LEAST))
            there = begin < self.window[1]
            counts[going[there]] += 1
            for found, part in ((owner, going), (starts, begin), (ends, end)):
                found.append(part[there])
            here[going] = end
            going = going[there]
            affordable(float(sum(map(len, owner))))
            if not len(going):
                return counts, np.concatenate(owner), np.concatenate(starts), np.concatenate(ends)
        raise ValueFault(f"a parent has more than {_MOST:,} intervals; lengthen 'gap' or 'length'")

    def _drawn(self, number: int, rows: Rows) -> Ints:
        law = self.declared[number]
        low, high = law.limits(law.result(None) or TIMESTAMP)  # type: ignore[arg-type]  # durations have one type
        drawn = np.clip(self.laws[number](rows), max(low or 0.0, 0.0), high)
        return np.rint(drawn).astype(np.int64)
