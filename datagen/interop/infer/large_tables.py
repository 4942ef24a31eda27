"""Tables of which not all rows are held: their summaries count all rows, and a sample keeps whole families together.

The sample is the universe sample of Kandula and others (2016): the rows of a root table whose key has a small hash, and
all rows below them. So the number of rows below a row, totals and times after a birth are those of the data.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pyarrow as pa

from datagen.interop.infer.file_parts import HashSample, Spread, TablePart, all_summaries, taken
from datagen.interop.infer.keys import find_keys
from datagen.interop.infer.relations import parent_of, without_cycles
from datagen.interop.infer.source_table import SourceColumn, SourceKey, SourceTable, plain_type, source_table
from datagen.interop.infer.summary import ColumnSummary, hashes


@dataclass(slots=True)
class LargeTable:
    """A table with more rows than are held, with its keys as far as they are declared."""

    name: str
    parts: Sequence[TablePart]
    rows: int
    primary_key: tuple[str, ...] = ()
    foreign_keys: list[SourceKey] = field(default_factory=list)


def sampled(tables: Mapping[str, SourceTable | LargeTable], most: int, spread: Spread) -> list[SourceTable]:
    """All tables in their order, those of families with a large one as samples of about `most` rows at the most."""
    large = {name: table for name, table in tables.items() if isinstance(table, LargeTable)}
    known = {
        name: _summarized(table, spread) if isinstance(table, LargeTable) else replace(table)
        for name, table in tables.items()
    }
    if not large:
        return list(known.values())
    find_keys(list(known.values()))
    timed = {name for name, table in known.items() if table.time_column is not None}
    free = {name: replace(table, foreign_keys=list(table.foreign_keys)) for name, table in known.items()}
    without_cycles(free, [])
    parents = {name: key for name, table in free.items() if (key := parent_of(table, free, timed)) is not None}
    made = dict(known)
    for root in known:
        family = [name for name in known if _root(name, parents) == root]
        if root not in parents and large.keys() & set(family):
            share = min(most / large[name].rows for name in family if name in large)
            for name in sorted(family, key=lambda one: _depth(one, parents)):
                chosen = _chosen(made, name, parents.get(name), min(share, 1.0))
                made[name] = _sample(known[name], large.get(name), chosen, spread)
    return list(made.values())


def _summarized(table: LargeTable, spread: Spread) -> SourceTable:
    """A table without cells."""
    summaries = all_summaries(table.parts, spread)
    columns, notes = {}, []
    for one in table.parts[0].schema:
        kind = plain_type(one.type)
        if kind is None or one.name not in summaries:
            notes.append(f"{one.name}: a column of type {one.type} is not inferred")
            continue
        summary = summaries[one.name]
        columns[one.name] = SourceColumn(one.name, kind, None, summary.nulls > 0, summary=summary)
    return SourceTable(table.name, columns, table.rows, table.primary_key, list(table.foreign_keys), notes)


def _root(name: str, parents: Mapping[str, SourceKey]) -> str:
    return _root(parents[name].table, parents) if name in parents else name


def _depth(name: str, parents: Mapping[str, SourceKey]) -> int:
    return 1 + _depth(parents[name].table, parents) if name in parents else 0


def _chosen(made: Mapping[str, SourceTable], name: str, parent: SourceKey | None, share: float) -> HashSample:
    if parent is not None:
        cells = made[parent.table].columns[parent.key].cells
        assert cells is not None
        return HashSample(parent.column, None, np.unique(hashes(cells)))
    key = made[name].primary_key
    return HashSample(key[0] if len(key) == 1 else None, min(int(share * 2.0**64), 2**64 - 1))


def _sample(table: SourceTable, large: LargeTable | None, chosen: HashSample, spread: Spread) -> SourceTable:
    """The chosen rows of a table, with the summaries of all."""
    if large is not None:
        found = source_table(table.name, taken(chosen, large.parts, spread), table.rows)
        columns = {
            name: replace(one, summary=table.columns[name].summary if one.type == table.columns[name].type else None)
            for name, one in found.columns.items()
            if name in table.columns
        }
        notes = list(dict.fromkeys([*table.notes, *found.notes]))
        return replace(table, columns=columns, notes=notes)
    assert chosen.column is not None
    cells = table.columns[chosen.column].cells
    assert cells is not None
    mask = pa.array(chosen.mask(hashes(cells)))
    columns = {name: replace(one, cells=_filtered(one, mask), summary=_of(one)) for name, one in table.columns.items()}
    return replace(table, columns=columns)


def _filtered(column: SourceColumn, mask: pa.Array) -> pa.Array | None:
    return None if column.cells is None else column.cells.filter(mask)


def _of(column: SourceColumn) -> ColumnSummary | None:
    if column.cells is None:
        return None
    summary = ColumnSummary()
    summary.add(column.cells)
    return summary
