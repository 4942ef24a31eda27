"""AT TIME ZONE: from instants to local time and back, as in PostgreSQL and DuckDB.

Offsets are those of the pinned package `tzdata` for the years 1900 to 2100; the last one holds beyond. A local time
that a clock skips counts with the offset before, one that comes twice is the second.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from datagen.columnar.block import TIMESTAMP, Column, Ints, Type, as_numpy
from datagen.errors import ExpressionError
from datagen.expressions.functions.arithmetic import both
from datagen.expressions.functions.registry import Arguments, CellError, Typed, function
from datagen.expressions.functions.temporal import time_like
from datagen.expressions.functions.text import texts
from datagen.expressions.ranges import within_calendar
from datagen.expressions.runtime.arrow_bridge import as_text
from datagen.expressions.tree import Constant, Node
from datagen.expressions.typing import coerce
from datagen.time_zones import offset_changes, zone_problem

_FIRST, _LAST = -2_208_988_800, 4_102_444_800
"""The years 1900 and 2100, seconds since 1970."""
_SECOND = 1_000_000


def _rule(args: tuple[Node, ...]) -> Typed:
    cell = coerce(time_like("AT TIME ZONE", args[0]), TIMESTAMP, "AT TIME ZONE")
    zone = texts("AT TIME ZONE", args[1])
    name = str(zone.value) if isinstance(zone, Constant) else "UTC"
    if (problem := zone_problem(name)) is not None:
        raise ExpressionError(*problem, "invalid-value")
    return (cell, zone), TIMESTAMP if cell.type.zone else Type("timestamp", zone=name)


@function("AT TIME ZONE", (2, 2), _rule)
def _at_zone(args: Arguments) -> Column:
    """An instant as local time of the zone; a local time of the zone as an instant."""
    cells, local = args[0], bool(args.call.args[0].type.zone)
    zones = as_text(args[1]).dictionary_encode()
    valid = both(cells, args[1])
    names, codes = zones.dictionary.to_pylist(), as_numpy(zones.indices)
    times = np.broadcast_to(cells.data, args.n) if len(cells.data) == 1 else cells.data
    if len(codes) == 1:
        return _within(Column(TIMESTAMP, times + _ahead(names[0], times, local=local), valid))
    found = times.copy()
    for code, name in enumerate(names):
        at = np.flatnonzero(codes == code if valid is None else (codes == code) & valid)
        if len(at):
            found[at] += _ahead(name, times[at], local=local)
    return _within(Column(TIMESTAMP, found, valid))


def _within(cells: Column) -> Column:
    return within_calendar(cells)


def _ahead(zone: str, times: Ints, *, local: bool) -> Ints:
    """The offsets to add to these times, microseconds."""
    begins, ahead = _offsets(zone)
    edges = begins if local else begins + ahead
    moved: Ints = ahead[np.maximum(np.searchsorted(edges, times, side="right") - 1, 0)]
    return moved if local else -moved


@lru_cache(256)
def _offsets(zone: str) -> tuple[Ints, Ints]:
    """The instants from which local time is ahead by an offset, microseconds each."""
    if (problem := zone_problem(zone)) is not None:
        raise CellError(problem[0])
    begins, ahead = np.array(offset_changes(zone, _FIRST, _LAST), np.int64).T * _SECOND
    return begins, ahead
