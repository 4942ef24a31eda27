"""A range of rows of one table with the columns filled so far.

Everything a generator reads or writes is a `Column`: a logical type, a numpy array (or an Arrow string array for text)
and, where something is missing, a validity mask. Time is int64 microseconds since 1970 (UTC), dates are int64 days
since 1970, decimals are int64 minor units with a scale, categories are int32 codes into an Arrow string dictionary.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from datagen.columnar.ragged import ordinals

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator

Ints = npt.NDArray[np.int64]
Words = npt.NDArray[np.uint64]
"""64-bit words: row identities and random bits, never text."""
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

_NUMBERS = {
    **{f"{sign}int{bits}": f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64)},
    "float": "f4",
    "double": "f8",
}
_INDICES = {"i1": pa.int8(), "i2": pa.int16(), "i4": pa.int32(), "i8": pa.int64(), "u8": pa.uint64()}

CONVERSION_ERRORS = (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError)
"""What Arrow raises if it cannot convert cells to a type."""

TypeName = Literal[
    "int", "float", "decimal", "bool", "text", "category", "timestamp", "date", "duration", "struct", "list", "map"
]


@dataclass(frozen=True, slots=True)
class Type:
    """A logical type; `scale` is the number of decimals of a `decimal`.

    `parts` are the fields of a struct, the item of a list, or key and value of a map: name, type, and whether it can be
    missing.
    """

    name: TypeName
    scale: int = 0
    parts: tuple[tuple[str, Type, bool], ...] = ()
    zone: str = field(default="", compare=False)
    """The time zone that timestamps are shown in, if they are instants; they are kept in UTC."""

    @property
    def numeric(self) -> bool:
        return self.name in ("int", "float", "decimal")

    @property
    def textual(self) -> bool:
        return self.name in ("text", "category")

    @property
    def nested(self) -> bool:
        return self.name in ("struct", "list", "map")

    def __str__(self) -> str:
        if self.nested:
            parts = (f"{name}: {part}" if self.name == "struct" else str(part) for name, part, _ in self.parts)
            return f"{self.name}<{', '.join(parts)}>"
        return f"decimal({self.scale})" if self.name == "decimal" else self.name


INT = Type("int")
FLOAT = Type("float")
BOOL = Type("bool")
TEXT = Type("text")
CATEGORY = Type("category")
TIMESTAMP = Type("timestamp")
DATE = Type("date")
DURATION = Type("duration")


def decimal(scale: int) -> Type:
    """The type of exact numbers with `scale` decimals, stored as int64 minor units."""
    return Type("decimal", scale)


def indices(numbers: npt.NDArray[np.integer]) -> pa.Array:
    """Integers as an Arrow array over the same memory. `pa.array` would import pandas, which takes a
    third of a second.
    """
    numbers = np.ascontiguousarray(numbers)
    return pa.Array.from_buffers(_INDICES[numbers.dtype.str[1:]], len(numbers), [None, pa.py_buffer(numbers)])


def as_numpy(array: pa.Array) -> Any:
    """An Arrow array as numpy, shape (n,), without the pandas import of `to_numpy` where possible."""
    type_ = array.type
    begin, stop = array.offset, array.offset + len(array)
    if array.null_count or not (pa.types.is_boolean(type_) or str(type_) in _NUMBERS):
        return array.to_numpy(zero_copy_only=False)
    data = array.buffers()[1]
    if pa.types.is_boolean(type_):
        bits = np.frombuffer(data, np.uint8) if len(array) else np.zeros(0, np.uint8)
        return np.unpackbits(bits, count=stop, bitorder="little")[begin:].view(np.bool_)
    return np.frombuffer(data, _NUMBERS[str(type_)])[begin:stop] if len(array) else np.zeros(0, _NUMBERS[str(type_)])


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """A column of n cells.

    `data` is int64 (int, decimal, timestamp, date, duration), float64, bool or int32 codes, shape (n,), or an Arrow
    string array for text, or an Arrow array of structs, lists or maps without missing cells. `valid` is None when
    nothing is missing, else a bool array, shape (n,); `data` of a missing cell is arbitrary but deterministic.
    `dictionary` has the texts of a category, by code.
    """

    type: Type
    data: Any
    valid: Bools | None = None
    dictionary: pa.Array | None = None

    def __len__(self) -> int:
        return len(self.data)

    def take(self, index: Ints) -> Column:
        """The cells at `index`, shape (m,)."""
        data = self.data.take(indices(index) if isinstance(self.data, pa.Array) else index)
        return Column(self.type, data, None if self.valid is None else self.valid[index], self.dictionary)

    def slice(self, start: int, stop: int) -> Column:
        data = self.data.slice(start, stop - start) if isinstance(self.data, pa.Array) else self.data[start:stop]
        return Column(self.type, data, None if self.valid is None else self.valid[start:stop], self.dictionary)

    def where(self, valid: Bools) -> Column:
        """The same cells, missing where `valid` is False as well as where they were missing already."""
        both = valid if self.valid is None else self.valid & valid
        return Column(self.type, self.data, None if both.all() else both, self.dictionary)

    @property
    def missing(self) -> int:
        return 0 if self.valid is None else int(len(self.valid) - np.count_nonzero(self.valid))

    @property
    def texts(self) -> pa.Array:
        """The cells as text; that of missing cells is arbitrary."""
        if self.dictionary is not None and not len(self.dictionary):
            ends = pa.py_buffer(np.zeros(len(self.data) + 1, np.int32))
            return pa.StringArray.from_buffers(len(self.data), ends, pa.py_buffer(b""))  # all cells are missing
        return self.data if self.dictionary is None else self.dictionary.take(indices(self.data))

    def as_floats(self) -> Floats:
        """Numbers as float64: decimals divided by their scale, everything else cast."""
        if self.type.name == "decimal":
            return self.data / float(10**self.type.scale)  # type: ignore[no-any-return]
        return self.data.astype(np.float64, copy=False)  # type: ignore[no-any-return]


@dataclass(frozen=True, slots=True)
class Attribute:
    """A column that a row source gives: its type, whether cells can be missing, the values of a category, and whether
    cells depend on how many rows of a table below a parent come before.
    """

    type: Type
    nullable: bool = False
    domain: tuple[str, ...] | None = None
    depends_on_row_number: bool = False


class Attributes(Mapping[str, Column]):
    """Row attributes by name. A function in place of a column is called when the attribute is first read."""

    def __init__(self, columns: Mapping[str, Column | Callable[[], Column]]) -> None:
        self._columns = dict(columns)

    def __getitem__(self, name: str) -> Column:
        found = self._columns[name]
        if not isinstance(found, Column):
            found = self._columns[name] = found()
        return found

    def __contains__(self, name: object) -> bool:
        return name in self._columns

    def __iter__(self) -> Iterator[str]:
        return iter(self._columns)

    def __len__(self) -> int:
        return len(self._columns)


@dataclass(slots=True, eq=False)
class Block:
    """Rows `first` to `first + n` of one table.

    `ids` are the row identities, uint64, shape (n,): a mix of the row index of a root table, else of the parent's
    identity and the ordinal below it. `parent_row` is the position of each row's parent in `parent`; it never
    decreases, so the rows of one parent lie side by side. `attributes` are what the row source knows of its rows beyond
    their number, as columns; `time` names the one of them that says when a row came to be. `ordinal` counts the rows of
    one parent from 0. `memo` keeps what is computed `once` for the whole block, such as the trajectories of a process.
    """

    table: str
    first: int
    ids: Words
    parent: Block | None = None
    parent_row: Ints | None = None
    counts: Ints | None = None
    attributes: Mapping[str, Column] = field(default_factory=dict)
    time: str | None = None
    columns: dict[str, Column] = field(default_factory=dict)
    children: dict[str, Block] = field(default_factory=dict)
    row_numbers: Ints | None = None
    """Row indices if they are not one range: recomputed rows, samples of a plan."""
    memo: dict[Hashable, Any] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def index(self) -> Ints:
        """Dense row indices, from 0 for the first row of the table."""
        if self.row_numbers is not None:
            return self.row_numbers
        return np.arange(self.first, self.first + len(self), dtype=np.int64)

    @property
    def complete(self) -> Ints:
        """The number of rows below each parent, all of which are here, shape (parents,)."""
        assert self.counts is not None
        return self.counts

    @property
    def starts(self) -> Ints:
        """The position of the first row of each parent, shape (parents,)."""
        return np.cumsum(self.complete) - self.complete

    @property
    def ordinal(self) -> Ints:
        """0, 1, 2 ... below each parent."""
        return ordinals(self.complete)

    def once(self, key: Hashable, compute: Callable[[], Any]) -> Any:
        """The result of `compute`, which is called for the first request of this block with `key`."""
        if key not in self.memo:
            self.memo[key] = compute()
        return self.memo[key]

    def lineage(self) -> Iterator[Block]:
        """This block, its parent's, its grandparent's ..."""
        yield self
        if self.parent is not None:
            yield from self.parent.lineage()


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """What a generator sees: the rows of a block, or a subset of them in any order.

    `at` is None for all rows in order, else positions in the block, int64, shape (n,).
    """

    block: Block
    at: Ints | None = None

    def __len__(self) -> int:
        return len(self.block) if self.at is None else len(self.at)

    @property
    def ids(self) -> Words:
        return self.block.ids if self.at is None else self.block.ids[self.at]

    @property
    def index(self) -> Ints:
        return self.index_from(0)

    def index_from(self, start: int) -> Ints:
        """Dense row indices, counted from `start` for the first row of the table."""
        if self.block.row_numbers is not None:
            return (self.block.row_numbers if self.at is None else self.block.row_numbers[self.at]) + start
        start += self.block.first
        return np.arange(start, start + len(self.block), dtype=np.int64) if self.at is None else self.at + start

    def column(self, name: str) -> Column:
        """The cells of a column of this table, or of an ancestor as `table.column`."""
        table, dot, column = name.partition(".")
        if dot:
            return self.above(table).column(column)
        values = self.block.columns[name]
        return values if self.at is None else values.take(self.at)

    def attribute(self, name: str) -> Column:
        """A row attribute of the source by name, shape (n,)."""
        values = self.block.attributes[name]
        return values if self.at is None else values.take(self.at)

    def take(self, index: Ints) -> Rows:
        return Rows(self.block, index if self.at is None else self.at[index])

    def above(self, table: str) -> Rows:
        """The rows of an ancestor (or of this) table, one for each of these rows."""
        rows = self
        while rows.block.table != table:
            rows = rows.up()
        return rows

    @property
    def lineage(self) -> list[Ints]:
        """The index of each row's root, then the ordinals on the path down to the row, shape (n,) each. They do not
        change when the dataset grows.
        """
        ordinals, rows = [], self
        while rows.block.parent is not None:
            ordinal = rows.block.ordinal
            ordinals.append(ordinal if rows.at is None else ordinal[rows.at])
            rows = rows.up()
        return [rows.index, *reversed(ordinals)]

    def up(self) -> Rows:
        """The parents, one for each of these rows."""
        assert self.block.parent is not None and self.block.parent_row is not None
        return Rows(self.block.parent, self.block.parent_row if self.at is None else self.block.parent_row[self.at])
