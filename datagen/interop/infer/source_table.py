"""A table as a source gives it: columns as Arrow arrays, or only their types; keys as far as they are declared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc


@dataclass(frozen=True, slots=True)
class SourceKey:
    """A column whose values are those of a column of another table."""

    column: str
    table: str
    key: str
    declared: bool = True


@dataclass(frozen=True, slots=True)
class SourceColumn:
    """One column: its cells in the rows that were read (None: there are none), its type, the values that a constraint
    allows, and whether one says that each comes once.
    """

    name: str
    type: pa.DataType
    cells: pa.Array | None = None
    nullable: bool = True
    allowed: tuple[Any, ...] = ()
    unique: bool = False

    @property
    def present(self) -> pa.Array:
        """The cells that are not missing."""
        assert self.cells is not None
        return pc.drop_null(self.cells)


@dataclass(slots=True)
class SourceTable:
    """One table: `rows` is how many there are, of which the first ones may have been read. Composite foreign keys are
    left out.
    """

    name: str
    columns: Mapping[str, SourceColumn]
    rows: int | None
    primary_key: tuple[str, ...] = ()
    foreign_keys: list[SourceKey] = field(default_factory=list)

    @property
    def read(self) -> int:
        """How many rows were read."""
        return max((len(c.cells) for c in self.columns.values() if c.cells is not None), default=0)


def source_table(name: str, table: pa.Table, rows: int | None = None) -> SourceTable:
    """A table of an Arrow table; types are brought to int64, float64, bool, string, date32 and timestamp[us]; others
    are left out.
    """
    columns = {}
    for label, column in zip(table.column_names, table.columns, strict=True):
        cells = _plain(column.combine_chunks() if column.num_chunks != 1 else column.chunk(0))
        if cells is not None:
            columns[label] = SourceColumn(label, cells.type, cells)
    return SourceTable(name, columns, table.num_rows if rows is None else rows)


def plain_type(kind: pa.DataType) -> pa.DataType | None:
    """The type that stands for an Arrow type here; None for one that no column can have."""
    if pa.types.is_dictionary(kind):
        return plain_type(kind.value_type)
    for test, plain in _TYPES:
        if test(kind):
            return plain
    return None


_TYPES = (
    (pa.types.is_boolean, pa.bool_()),
    (pa.types.is_integer, pa.int64()),
    (pa.types.is_floating, pa.float64()),
    (pa.types.is_decimal, pa.float64()),
    (pa.types.is_date, pa.date32()),
    (pa.types.is_timestamp, pa.timestamp("us")),
    (pa.types.is_string, pa.string()),
    (pa.types.is_large_string, pa.string()),
)


def _plain(cells: pa.Array) -> pa.Array | None:
    kind = plain_type(cells.type)
    if kind is None:
        return None
    try:
        if pa.types.is_timestamp(cells.type) and cells.type.tz is not None:
            cells = pc.local_timestamp(pc.cast(cells, pa.timestamp("us", "UTC")))
        return pc.cast(cells, kind, safe=False)
    except pa.ArrowInvalid:
        return None
