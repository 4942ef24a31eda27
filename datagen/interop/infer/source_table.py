"""A table as a source gives it: columns as Arrow arrays, or only their types; keys as far as they are declared."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import chain, count
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from datagen.columnar.block import CONVERSION_ERRORS
from datagen.interop.infer.summary import ColumnSummary, KeySketch

_BIRTH = re.compile(r"birth|dob|born", re.IGNORECASE)
_DATE = r"^\d{4}-\d{2}-\d{2}$"
_TIME = r"^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}(\.\d{1,6})?(Z|\+00:?00)?$"
_LOCAL_DATE = r"^\d{1,2}[/.]\d{1,2}[/.]\d{4}$"
_CURRENCY = r"([$€£¥]|USD|EUR|GBP|CHF)"
_MONEY = rf"^-?\s*{_CURRENCY}?\s*-?(\d{{1,3}}(,\d{{3}})+|\d+)(\.\d{{1,4}})?\s*{_CURRENCY}?$"
_MARKED = r"[$€£¥A-Z,.]"
_MOST_SHORT = 3
"""Fewer distinct texts say nothing about what they are."""


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
    allows, whether one says that each comes once, and the summary of all rows where the cells are those of a sample.
    `owners` is the entity that each cell is about; where it is None, each row is one.
    """

    name: str
    type: pa.DataType
    cells: pa.Array | None = None
    nullable: bool = True
    allowed: tuple[Any, ...] = ()
    unique: bool = False
    summary: ColumnSummary | None = None
    owners: NDArray[np.int64] | None = field(default=None, compare=False)

    @property
    def sketch(self) -> KeySketch | None:
        """The keys of all rows; None for columns that hold none."""
        if self.summary is not None:
            return self.summary.sketch
        return KeySketch.of(self.cells) if self.cells is not None else None

    @property
    def complete(self) -> bool:
        """Whether every row has a value, as far as is known."""
        if self.summary is not None:
            return self.summary.nulls == 0
        return self.cells is not None and len(self.cells) > 0 and self.cells.null_count == 0

    @property
    def is_number(self) -> bool:
        """Whether the cells are integers or floating-point numbers."""
        return bool(pa.types.is_integer(self.type) or pa.types.is_floating(self.type))

    @property
    def null_share(self) -> float:
        """The share of missing cells, in all rows where they were counted."""
        if self.summary is not None:
            return self.summary.nulls / max(self.summary.rows, 1)
        return self.cells.null_count / len(self.cells) if self.cells is not None and len(self.cells) else 0.0

    def counts(self, most: int) -> dict[Any, int] | None:
        """How many rows have each value; None where there are more than so many values."""
        if self.summary is not None:
            found = self.summary.values
            return found if found is not None and len(found) <= most else None
        counted = pc.value_counts(self.present)
        if len(counted) > most:
            return None
        return dict(zip(counted.field("values").to_pylist(), counted.field("counts").to_pylist(), strict=True))

    def shared(self, most: int) -> dict[Any, int] | None:
        """How many entities have each value: rows, where no key tells whom they are about; None like `counts`."""
        counted = self.counts(most)
        if self.owners is None or counted is None:
            return counted
        encoded = pc.dictionary_encode(self.present)
        pairs = np.unique(np.asarray(encoded.indices, np.int64) + len(encoded.dictionary) * self.present_owners)
        each = np.bincount(pairs % max(len(encoded.dictionary), 1), minlength=len(encoded.dictionary))
        return dict(zip(encoded.dictionary.to_pylist(), each.tolist(), strict=True))

    @property
    def present_owners(self) -> NDArray[np.int64]:
        """The entity of each cell that is not missing."""
        assert self.cells is not None
        owners = np.arange(len(self.cells)) if self.owners is None else self.owners
        return owners[np.asarray(pc.is_valid(self.cells))] if self.cells.null_count else owners

    @property
    def entities(self) -> int:
        """How many entities have a value."""
        return len(self.present) if self.owners is None else len(np.unique(self.present_owners))

    @property
    def present(self) -> pa.Array:
        """The cells that are not missing."""
        assert self.cells is not None
        return pc.drop_null(self.cells)

    def without_cells(self) -> SourceColumn:
        """What is known without the values."""
        missing = self.nullable if self.cells is None else self.cells.null_count > 0
        return SourceColumn(self.name, self.type, None, missing, self.allowed, self.unique)


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
    notes: list[str] = field(default_factory=list)

    def is_number(self, name: str) -> bool:
        """Whether there is a column of this name that holds numbers."""
        return name in self.columns and self.columns[name].is_number

    @property
    def read(self) -> int:
        """How many rows were read."""
        return max((len(c.cells) for c in self.columns.values() if c.cells is not None), default=0)

    @property
    def is_sample(self) -> bool:
        """Whether the rows that were read are a sample, and summaries are those of all rows."""
        return any(column.summary is not None for column in self.columns.values())

    @property
    def time_column(self) -> str | None:
        """The first timestamp that every row has, else the first date; never a date of birth."""
        whole = [column for column in self.columns.values() if column.complete and not _BIRTH.search(column.name)]
        stamps = [column.name for column in whole if pa.types.is_timestamp(column.type)]
        dates = [column.name for column in whole if pa.types.is_date(column.type)]
        return next(iter(stamps + dates), None)

    @property
    def has_values(self) -> bool:
        """Whether a column has a value, or there are no rows and types alone are known."""
        return any(column.cells is None or column.cells.null_count < len(column.cells) for column in
                   self.columns.values())  # fmt: skip


def source_table(name: str, table: pa.Table, rows: int | None = None) -> SourceTable:
    """A table of an Arrow table; types are brought to int64, float64, bool, string, date32, timestamp[us], and structs,
    lists and maps of them. Other columns are left out, and a second column of one name gets a number; `notes` say so.
    """
    columns: dict[str, SourceColumn] = {}
    notes = []
    for label, column in zip(table.column_names, table.columns, strict=True):
        cells = plain_cells(column.combine_chunks() if column.num_chunks != 1 else column.chunk(0))
        if cells is None:
            notes.append(f"{label}: a column of type {column.type} is not inferred")
            continue
        others = (f"{label}_{number}" for number in count(2))
        once = next(one for one in chain([label], others) if one not in columns)
        if once != label:
            notes.append(f"{label}: there is another column of this name; it is called {once}")
        typed = typed_text(cells) if pa.types.is_string(cells.type) else None
        if typed is not None:
            cells = typed[0]
            notes.append(f"{once}: all its texts are {typed[1]}; they are generated as {typed[1]}")
        columns[once] = SourceColumn(once, cells.type, cells if table.num_rows else None)
    return SourceTable(name, columns, table.num_rows if rows is None else rows, notes=notes)


def plain_type(kind: pa.DataType) -> pa.DataType | None:
    """The type that stands for an Arrow type here; None for one that no column can have."""
    if pa.types.is_dictionary(kind):
        return plain_type(kind.value_type)
    if pa.types.is_struct(kind):
        fields = [(field.name, plain_type(field.type)) for field in kind]
        return pa.struct(fields) if fields and all(one is not None for _, one in fields) else None
    if pa.types.is_map(kind):
        item = plain_type(kind.item_type)
        return pa.map_(pa.string(), item) if item is not None and plain_type(kind.key_type) == pa.string() else None
    if pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind):
        item = plain_type(kind.value_type)
        return pa.list_(item) if item is not None else None
    return next((plain for test, plain in _TYPES if test(kind)), None)


_TYPES = (
    (pa.types.is_boolean, pa.bool_()),
    (pa.types.is_integer, pa.int64()),
    (pa.types.is_floating, pa.float64()),
    (pa.types.is_decimal, pa.float64()),
    (pa.types.is_date, pa.date32()),
    (pa.types.is_timestamp, pa.timestamp("us")),
    (pa.types.is_string, pa.string()),
    (pa.types.is_large_string, pa.string()),
    (pa.types.is_null, pa.string()),
)


def plain_cells(cells: pa.Array) -> pa.Array | None:
    """Cells in the type that stands for theirs; None where there is none."""
    kind = plain_type(cells.type)
    if kind is None:
        return None
    try:
        if pa.types.is_timestamp(cells.type) and cells.type.tz is not None:
            cells = pc.local_timestamp(pc.cast(cells, pa.timestamp("us", "UTC")))
        return pc.cast(cells, kind, safe=False)
    except CONVERSION_ERRORS:
        return None


def typed_text(cells: pa.Array) -> tuple[pa.Array, str] | None:
    """Text cells as dates, times or numbers with what they are called; None where one of them is no such thing."""
    present = pc.drop_null(cells)
    if pc.count_distinct(present[:1000]).as_py() < _MOST_SHORT:
        return None
    try:
        if _all(present, _DATE):
            return pc.cast(cells, pa.date32()), "dates"
        if _all(present, _TIME):
            bare = pc.replace_substring_regex(cells, r"(Z|\+00:?00)$", "")
            return pc.cast(bare, pa.timestamp("us")), "times"
        if _all(present, _LOCAL_DATE):
            return pc.cast(pc.strptime(cells, _order(present), "s"), pa.date32()), "dates"
        if _all(present, _MONEY) and pc.any(pc.match_substring_regex(present, _MARKED)).as_py():
            return pc.cast(pc.replace_substring_regex(cells, rf"{_CURRENCY}|[,\s]", ""), pa.float64()), "numbers"
    except pa.ArrowInvalid:  # a 31st of February
        pass
    return None


def _all(present: pa.Array, pattern: str) -> bool:
    first = pc.match_substring_regex(present[:100], pattern)
    return bool(pc.all(first).as_py() and pc.all(pc.match_substring_regex(present, pattern)).as_py())


def _order(present: pa.Array) -> str:
    """Whether the day or the month comes first: what has a number above 12 is the day; with points it is the day."""
    mark = "." if pc.any(pc.match_substring(present[:1], ".")).as_py() else "/"
    second = pc.cast(pc.list_element(pc.split_pattern(present, mark), 1), pa.int64())
    first = pc.cast(pc.list_element(pc.split_pattern(present, mark), 0), pa.int64())
    day_first = pc.max(first).as_py() > 12 or (mark == "." and pc.max(second).as_py() <= 12)
    return f"%d{mark}%m{mark}%Y" if day_first else f"%m{mark}%d{mark}%Y"
