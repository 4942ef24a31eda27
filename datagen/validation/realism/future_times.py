"""Realism test of times of what has happened: none is after the window, which ends when the data was taken."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from datagen.validation.metrics.base import Finding, Group, Slice
from datagen.validation.metrics.constraints.base import present
from datagen.validation.realism.base import RealismTest

_IRREGULAR = (
    "been begun bought born bound broken brought built caught cut done drawn driven eaten fallen felt found given gone "
    "grown heard held hit hurt kept known laid led left lent lost made met paid put read run seen sent set shown shut "
    "sold spent spoken stolen struck taken told torn won worn written"
)
_PARTICIPLE = re.compile(rf"(^|_)((re|un)?({'|'.join(_IRREGULAR.split())})|[a-z]+[^e_]ed)_(at|on|time|timestamp|ts)$")
_STEMS = (
    "schedul reschedul plann replann project promis estimat expect forecast anticipat target predict need requir "
    "propos intend guarante desir preferr allott delay deferr limit quot committ reserv"
)
_PLANNED = re.compile(
    rf"(^|_)(({'|'.join(_STEMS.split())})ed|due|until|deadline|next|future|renewal|expiry|to_be|will_be|must_be|valid)(_|$)"
)
"""Times of plans and promises, which can lie ahead."""


def happened(column: str) -> bool:
    """Whether the name of a column says that its time is of something that has happened.

    >>> happened("refunded_at"), happened("expires_at"), happened("scheduled_at")
    (True, False, False)
    """
    name = column.lower()
    return _PARTICIPLE.search(name) is not None and _PLANNED.search(name) is None


@dataclass(frozen=True, eq=False)
class FutureTimes:
    """The times of `column`, of something that has happened, against `end`, the window's end in microseconds."""

    table: str
    column: str
    end: int
    name: ClassVar[str] = "FutureTimes"
    group: Group = "realism"

    def observe(self, part: Slice) -> tuple[int, int] | None:
        """The number of times, and of those from the window's end on."""
        block = part.block(self.table)
        if block is None:
            return None
        values = block.columns[self.column]
        known = present(values.valid, len(block))
        return int(known.sum()), int(np.count_nonzero(known & (values.data >= self.end)))

    def merge(self, one: tuple[int, int], other: tuple[int, int]) -> tuple[int, int]:
        return one[0] + other[0], one[1] + other[1]

    def findings(self, state: tuple[int, int] | None) -> list[Finding]:
        sign = RealismTest(self.name, self.table, self.column)
        if state is None or not state[0]:
            return [sign.not_applicable("there are no times")]
        times, late = state
        return [sign.finding(late > 0, late, 0.0, f"{late:,} of {times:,} times are after the window's end")]
