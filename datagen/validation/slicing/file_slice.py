"""A slice of files, root rows with all their descendants, as blocks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NoReturn

import numpy as np
import pyarrow as pa

from datagen.columnar.block import INT, Block, Bools, Column, Ints
from datagen.columnar.cell_hashes import row_hashes
from datagen.errors import Absent
from datagen.kinds.generators.parent_key import ParentKey
from datagen.random.streams import root_identities
from datagen.validation.inputs.cast import NOWHERE, Cast, cast
from datagen.validation.inputs.dataset_view import View
from datagen.validation.inputs.files import DataFile, read
from datagen.validation.inputs.plain_types import joined
from datagen.validation.metrics.base import TypeMismatch

_LARGEST = 40
"""The rows of a slice are fewer than 2 to this power."""


@dataclass(frozen=True, slots=True)
class Piece:
    """The files of one slice: those of each table of a family."""

    index: int
    root: str
    files: Mapping[str, tuple[DataFile, ...]]
    truth: Mapping[str, tuple[DataFile, ...]] = field(default_factory=dict)
    share: tuple[int, int] | None = None
    """The number of this slice and that of all slices, if the files hold all of them: the process that observes the
    slice divides the files.
    """

    @property
    def rows(self) -> int:
        """The rows of all tables, if the file format stores their number; about so many for a share."""
        return self._shared(sum(file.rows for files in self.files.values() for file in files))

    @property
    def bytes(self) -> int:
        """The size of all files; that of a share of them."""
        return self._shared(sum(file.bytes for files in self.files.values() for file in files))

    def _shared(self, total: int) -> int:
        if self.share is None:
            return total
        number, shares = self.share
        return total * (number + 1) // shares - total * number // shares


class FileSlice:
    """A piece, read on demand. Implements `datagen.validation.metrics.base.Slice`."""

    def __init__(self, view: View, piece: Piece) -> None:
        self._view, self._piece = view, piece
        self._casts: dict[tuple[str, str], Cast] = {}
        self._arrow: dict[str, pa.Table] = {}
        self._names: dict[str, tuple[str, ...]] = {}
        self._stands: dict[tuple[str, str], list[pa.Field]] = {}
        self._blocks: dict[str, Block | Absent | None] = {}
        self._orphans: dict[str, Ints] = {}

    # --- as stored in the files -------------------------------------------------------------------------------

    def names(self, table: str) -> tuple[str, ...]:
        if table not in self._names:
            files = self._piece.files.get(table, ())
            self._names[table] = tuple(dict.fromkeys(name for file in files for name in file.columns))
        return self._names[table]

    def arrow(self, table: str) -> pa.Table:
        if table not in self._arrow:
            declared = self._view.declared(table)
            files = self._piece.files.get(table, ())
            parts = [read(file, list(file.columns), declared) for file in files]
            for part in parts:
                for each in part.schema:
                    self._stands.setdefault((table, each.name), []).append(each)
            self._arrow[table] = joined(parts) if parts else pa.schema(declared.items()).empty_table()
        return self._arrow[table]

    def altered(self, table: str) -> tuple[str, ...]:
        """The files, also those of `_truth/`, that have other bytes than datagen wrote."""
        files = (*self._piece.files.get(table, ()), *self._piece.truth.get(table, ()))
        return tuple(file.path.removeprefix(f"{self._view.source.folder}/") for file in files if file.altered)

    def damage(self, table: str) -> pa.Table | None:
        keys = [file.key for file in self._piece.files.get(table, ())]
        return None if not keys or any(key is None for key in keys) else pa.concat_tables(keys)

    def size(self, table: str) -> int:
        return int(self.arrow(table).num_rows)

    def type_mismatch(self, table: str, column: str) -> TypeMismatch:
        return self._cast(table, column).type_mismatch

    def _cast(self, table: str, column: str) -> Cast:
        """A column in the order of the files. Raises Absent."""
        at = (table, column)
        if at not in self._casts:
            data = self.arrow(table)
            typed = all(file.typed for file in self._piece.files.get(table, ()))
            index = data.schema.get_field_index(column)
            if index < 0:
                self._casts[at] = Cast(self._hidden(table, column))
            else:
                view = self._view
                type_, words = view.type_of(table, column), view.words(table, column)
                found = cast(data.column(index), type_, words, typed)
                self._casts[at] = found.with_original_types(self._stands.get(at, ()), type_) if typed else found
        return self._casts[at]

    def _hidden(self, table: str, column: str) -> Column:
        """A column of `_truth/` in row order: joined by key, or row by row if the key itself is hidden."""
        files, view, facts = self._piece.truth.get(table, ()), self._view, self._view.model.tables[table]
        generator = facts.columns.get(column)
        if not files or generator is None or not generator.hidden:
            raise Absent(f"column '{table}.{column}' is not in the files")
        key = facts.key if facts.key is not None and not facts.columns[facts.key].hidden else None
        requested = [column] if key is None else [key, column]
        truth = joined([read(file, requested, view.declared(table, hidden=True)) for file in files])
        if not {*requested} <= set(truth.column_names):
            raise Absent(f"column '{table}.{column}' is not in the files")
        values = cast(truth.column(column), view.type_of(table, column), view.words(table, column), typed=True).values
        if not len(values):
            raise Absent(f"column '{table}.{column}' has no rows in the files")
        if key is None:
            if len(values) != self.size(table):
                raise Absent(f"'_truth/{table}' has other rows than '{table}', and no visible key to join them by")
            return values
        keys = cast(truth.column(key), view.type_of(table, key), (), typed=True).values
        found = positions(keys, self._cast(table, key).values)
        return values.take(np.maximum(found, 0)).where(found >= 0)

    # --- as blocks -----------------------------------------------------------------------------------------------

    def block(self, table: str) -> Block | None:
        if table not in self._blocks:
            self._blocks[table] = None  # while it is made
            try:
                self._blocks[table] = self._made(table)
            except Absent as error:
                self._blocks[table] = error
        found = self._blocks[table]
        if isinstance(found, Absent):
            raise Absent(str(found))
        return found

    def orphans(self, table: str) -> Ints:
        self.block(table)
        return self._orphans.get(table, NOWHERE)

    def referred(self, table: str, column: str, keys: Column, by: str | None = None) -> Column:
        keys = joint_key([keys])
        found = self._view.keyed(table, by).cells(column, keys.data)
        return found if keys.valid is None else found.where(keys.valid)

    def _made(self, table: str) -> Block | None:
        facts = self._view.model.tables[table]
        if table not in self._piece.files:
            return None
        if facts.parent is None:
            return self._finished(table, None, None)
        parent = self.block(facts.parent)
        if parent is None:
            return None
        if not parent_keys(self._view, table)[0]:
            return self._unjoined(table, facts.parent)
        owner = self._owners(table, parent)
        self._orphans[table] = np.flatnonzero(owner < 0)
        return self._finished(table, parent, owner)

    def _owners(self, table: str, parent: Block) -> Ints:
        """The position of each row's parent in its block, -1 if there is none, in file order."""
        own, keys = parent_keys(self._view, table)
        requested = joint_key([self._cast(table, column).values for column in own])
        return positions(joint_key([parent.columns[key] for key in keys]), requested)

    def _unjoined(self, table: str, parent: str) -> Block:
        size = self.arrow(table).num_rows
        ids = root_identities(np.arange(size) + (self._piece.index << _LARGEST))
        block = UnjoinedRows(table, 0, ids)
        missing = f"'{table}' has no column of type 'parent_key' to join its rows to those of '{parent}'"
        block.why = f"{missing}; a hidden one is enough"
        tables = self._view.model.tables
        block.timed = any(tables[above].rows.time is not None for above in tables[parent].lineage)
        return self._furnished(block, None)

    def _finished(self, table: str, parent: Block | None, owner: Ints | None) -> Block:
        at, counts = None, None
        if owner is not None and parent is not None:
            at = _order(owner)
            owner = owner if at is None else owner[at]
            counts = np.bincount(owner, minlength=len(parent)).astype(np.int64)
        size = self.arrow(table).num_rows if at is None else len(at)
        ids = root_identities(
            np.arange(size) + (self._piece.index << _LARGEST)
        )  # different from all rows of other slices
        return self._furnished(Block(table, 0, ids, parent, owner, counts, row_numbers=at), at)

    def _furnished(self, block: Block, at: Ints | None) -> Block:
        block.columns = _Columns(self, block.table, at)
        block.children = _Children(self, block.table)
        block.attributes = self._attributes(block)
        block.time = self._view.model.tables[block.table].rows.time
        return block

    def _attributes(self, block: Block) -> dict[str, Column]:
        """The row attributes that columns show; the time of rows only if a column shows it for every row."""
        model, time = self._view.model, self._view.model.tables[block.table].rows.time
        found = _Attributes(block.table, time)
        for name, generator in model.tables[block.table].columns.items():
            attribute = generator.row_attribute
            if attribute is None or dict.__contains__(found, attribute):
                continue
            if attribute == time and (not generator.intact or model.nullable(block.table, name)):
                continue
            try:
                found[attribute] = block.columns[name]
            except Absent:
                continue
        return found

    def cells(self, table: str, column: str, at: Ints | None) -> Column:
        """A column in block order."""
        values = self._cast(table, column).values
        return values if at is None else values.take(at)

    def release(self) -> None:
        """Break the reference cycles of blocks and slice, so that they are freed without the garbage collector."""
        for block in self._blocks.values():
            if isinstance(block, Block):
                block.parent, block.children = None, {}
                block.columns = {}
        self._blocks.clear()

    def children_of(self, table: str) -> list[str]:
        return [name for name, facts in self._view.model.tables.items() if facts.parent == table]


class _Columns(dict[str, Column]):
    """The columns of a block, converted on first use."""

    def __init__(self, part: FileSlice, table: str, at: Ints | None) -> None:
        super().__init__()
        self._part, self._table, self._at = part, table, at

    def __missing__(self, column: str) -> Column:
        self[column] = self._part.cells(self._table, column, self._at)
        return self[column]


class _Attributes(dict[str, Column]):
    """The row attributes that columns show. The time is always among them; reading an attribute without a column raises
    Absent.
    """

    def __init__(self, table: str, time: str | None) -> None:
        super().__init__()
        self._table, self._time = table, time

    def __contains__(self, attribute: object) -> bool:
        return attribute == self._time or super().__contains__(attribute)

    def __missing__(self, attribute: str) -> Column:
        raise Absent(f"no column of '{self._table}' shows its {attribute}")


class _Children(dict[str, Block]):
    """The blocks below a block, joined on first use."""

    def __init__(self, part: FileSlice, table: str) -> None:
        super().__init__()
        self._part, self._table = part, table

    def __missing__(self, child: str) -> Block:
        block = self._part.block(child)
        if block is None:
            raise Absent(f"table '{child}' is missing")
        self[child] = block
        return block

    def values(self) -> Iterator[Block]:  # type: ignore[override]
        return iter([self[child] for child in self._part.children_of(self._table)])


def parent_keys(view: View, table: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The columns with the key of the parent, and the parent's columns that they copy; empty if there are none."""
    facts, found = view.model.tables[table], dict[str, str]()
    for name, generator in facts.columns.items():
        place = view.model.column(table, name)
        if isinstance(generator, ParentKey) and generator.refers_to(place) == facts.parent:
            copied = generator.copied(place)
            if copied is not None:
                found.setdefault(copied, name)
    parent = view.model.tables.get(facts.parent or "")
    if parent is None:
        return (), ()
    single = next((key for key in found if parent.columns[key].identifies), None)
    keys = parent.identity if single is None else (single,)
    return (tuple(found[key] for key in keys), keys) if set(keys) <= set(found) else ((), ())


def joint_key(columns: list[Column]) -> Column:
    """Cells that are equal if all of the columns are equal, as int64: integers themselves, or hashes."""
    first = columns[0]
    if len(columns) == 1 and first.type.name == "int":
        return first
    masks = [column.valid for column in columns if column.valid is not None]
    valid = np.logical_and.reduce(masks) if masks else None
    return Column(INT, row_hashes(columns).view(np.int64), valid)


def positions(keys: Column, requested: Column) -> Ints:
    """The position of each requested key among `keys`, int64 (n,); -1 if missing or unknown."""
    if not len(keys):
        return np.full(len(requested), -1, np.int64)
    own, order = keys.data, None
    if len(own) > 1 and bool((own[1:] <= own[:-1]).any()):
        order = np.argsort(own, kind="stable")
        own = own[order]
    if int(own[-1]) - int(own[0]) == len(own) - 1:
        at = requested.data - own[0]
        there: Bools = (at >= 0) & (at < len(own))
        at = np.where(there, at, 0)
    else:
        at = np.minimum(np.searchsorted(own, requested.data), len(own) - 1)
        there = own[at] == requested.data
    there &= requested.valid if requested.valid is not None else True
    found = at if order is None else order[at]
    return np.where(there, found, -1)


def _order(owner: Ints) -> Ints | None:
    """Positions of the rows with a parent, in parent order; None if that is all rows in file order."""
    if len(owner) == 0 or (int(owner[0]) >= 0 and bool((np.diff(owner) >= 0).all())):
        return None
    kept = np.flatnonzero(owner >= 0)
    order: Ints = kept[np.argsort(owner[kept], kind="stable")]
    return order


class UnjoinedRows(Block):
    """Rows of a child table without a key of its parent. Their columns are known; asking for parents raises Absent, and
    so does asking for the time of a parent if one is `timed`.
    """

    __slots__ = ("timed", "why")

    why: str
    timed: bool

    def _refuse(self) -> NoReturn:
        raise Absent(self.why)

    def lineage(self) -> Iterator[Block]:
        yield self
        if self.timed:
            self._refuse()

    @property
    def parent(self) -> Block | None:
        self._refuse()

    @parent.setter
    def parent(self, _: Block | None) -> None: ...

    @property
    def parent_row(self) -> Ints | None:
        self._refuse()

    @parent_row.setter
    def parent_row(self, _: Ints | None) -> None: ...

    @property
    def counts(self) -> Ints | None:
        self._refuse()

    @counts.setter
    def counts(self, _: Ints | None) -> None: ...
