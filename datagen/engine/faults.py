"""Damages the finished blocks of a table as its faults say, and writes down what was done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from datagen.columnar import arrow_compute, to_arrow
from datagen.columnar.block import TEXT, Block, Bools, Column, Ints, Rows, indices
from datagen.columnar.ragged import positions
from datagen.columnar.text import text_array
from datagen.kinds.faults.base import Cells, ColumnShape, Damage, Fault, Selection
from datagen.planning.answer_key import SCHEMA, spelled

if TYPE_CHECKING:
    from datagen.analysis.semantic_model import SemanticModel
    from datagen.scope import Scope


def shapes(model: SemanticModel, table: str) -> dict[str, ColumnShape]:
    """The columns that the faults of a table leave with another type or nullability, and those that they add."""
    found: dict[str, ColumnShape] = {}
    for fault in model.document.faults.get(table, ()):
        for one in (fault, *fault.of_copies):
            for column in one.touched():
                type_ = model.type_of(table, column)
                assert type_ is not None, f"{table}.{column} passed the checks without a type"
                found[column] = one.shape(column, found.get(column, ColumnShape(type_, model.nullable(table, column))))
    for column, source in added_columns(model, table).items():
        type_ = model.type_of(table, source)
        assert type_ is not None, f"{table}.{source} passed the checks without a type"
        found[column] = ColumnShape(type_, nullable=True)
    return found


def added_columns(model: SemanticModel, table: str) -> dict[str, str]:
    """The columns that the faults of a table add to it, each with the column that it has the type of."""
    return {
        column: source for fault in model.document.faults.get(table, ()) for column, source in fault.added().items()
    }


@dataclass(frozen=True, slots=True, eq=False)
class _Bound:
    """A fault that is ready to be applied, and those of its copies."""

    fault: Fault
    eligible: Selection
    picked: Selection
    damage: Damage
    changes: tuple[_Bound, ...] = ()

    @classmethod
    def of(cls, fault: Fault, scope: Scope) -> _Bound:
        changes = tuple(cls.of(change, scope.at("changes", i)) for i, change in enumerate(fault.of_copies))
        return cls(fault, fault.eligible(scope), fault.picked(scope), fault.bind(scope), changes)

    def select(self, rows: Rows) -> Bools:
        """The rows that are hit, shape (n,)."""
        return self.eligible(rows) & self.picked(rows)


@dataclass(frozen=True, eq=False)
class TableFaults:
    """The faults of one table: `clean` and `dirty` are its Arrow schemas before and after them, `identity` its primary
    key.
    """

    table: str
    clean: pa.Schema
    dirty: pa.Schema
    identity: tuple[str, ...]
    bound: tuple[_Bound, ...]

    @classmethod
    def of(
        cls,
        table: str,
        schemas: tuple[pa.Schema, pa.Schema],
        identity: tuple[str, ...],
        scopes: Sequence[tuple[Fault, Scope]],
    ) -> TableFaults:
        bound = tuple(_Bound.of(fault, scope) for fault, scope in scopes)
        return cls(table, *schemas, identity, bound)

    @cached_property
    def added(self) -> Mapping[str, str]:
        """The columns that faults add, each with the column that it has the type of."""
        return {column: source for one in self.bound for column, source in one.fault.added().items()}

    def apply(self, block: Block, at: tuple[int, int] = (0, 0)) -> tuple[pa.Table, pa.Table]:
        """The damaged rows of a block, and the answer key; `at` is how many rows its file has before it, with and
        without copies.
        """
        work = _Work(self, Rows(block))
        for bound in self.bound:
            work.apply(bound)
        return work.table(), work.key(at)

    def opportunities(self, block: Block) -> dict[tuple[str, str | None], tuple[int, int]]:
        """For each fault and column how many cells (rows, where it copies them) a draw decides: eligible, not damaged
        by a fault before, and changed by this one; and how many faults before have damaged. Faults whose rows are not
        drawn one by one are left out.
        """
        found: dict[tuple[str, str | None], tuple[int, int]] = {}
        work = _Work(self, Rows(block))
        for bound in self.bound:
            at = np.flatnonzero(bound.eligible(work.rows))
            if bound.fault.repeats:
                copied = int(np.count_nonzero(work.copies[at]))
                found[bound.fault.label, None] = len(at) - copied, copied
            elif bound.fault.independent:
                for column, cells in bound.damage(work.rows, at).items():
                    if column not in self.added:  # its cells are damaged together with those of its source
                        taken = int(np.count_nonzero(work.hits(column)[cells.at]))
                        found[bound.fault.label, column] = len(work.changed(column, cells)[0]), taken
            work.apply(bound)
        return found


@dataclass(slots=True, eq=False)
class _Work:
    """The damage of one block, fault by fault. A cell is damaged once at most: the first fault that hits it has it."""

    faults: TableFaults
    rows: Rows
    cells: dict[str, Column] = field(default_factory=dict)
    damaged: dict[str, Bools] = field(default_factory=dict)
    order: Ints = field(init=False)
    copies: Ints = field(init=False)
    records: list[_Record] = field(default_factory=list)
    later: list[tuple[str, Ints, Cells]] = field(default_factory=list)
    """Damage to copies: the column, how many copies each of the rows has, and the cells."""

    def __post_init__(self) -> None:
        n = len(self.rows)
        self.order, self.copies = np.arange(n), np.zeros(n, np.int64)
        none = np.zeros(n, np.bool_)
        for name in self.faults.dirty.names:
            source = self.faults.added.get(name)
            clean = self.rows.column(name) if source is None else self.rows.column(source).where(none)
            self.cells[name] = self._as_written(name, clean)

    def _as_written(self, name: str, cells: Column) -> Column:
        """Cells of a column with the type that they have in the damaged file."""
        if not pa.types.is_string(self.faults.dirty.field(name).type) or cells.type == TEXT:
            return cells
        return Column(TEXT, self._texts(name, cells).fill_null(""), cells.valid)

    def _texts(self, name: str, cells: Column) -> pa.Array:
        """Clean cells as the answer key shows them."""
        return spelled(to_arrow.array(cells, self.faults.clean.field(name).type))

    def _share(self, fault: Fault) -> None:
        """Cells are damaged in an added column only where those of its source are not damaged yet."""
        for column, source in fault.added().items():
            self.damaged[column] = self.hits(source).copy()

    def hits(self, column: str) -> Bools:
        """Which cells of a column are damaged."""
        return self.damaged.setdefault(column, np.zeros(len(self.rows), np.bool_))

    def apply(self, bound: _Bound) -> None:
        self._share(bound.fault)
        at = np.flatnonzero(bound.select(self.rows))
        order = bound.fault.order(self.rows, at)
        if order is not None:
            self._move(bound.fault.label, order)
        elif bound.fault.repeats:
            self._copy(bound, at)
        else:
            for column, cells in bound.damage(self.rows, at).items():
                self._damage(bound.fault.label, column, cells)

    def _damage(self, label: str, column: str, cells: Cells) -> None:
        at, values, was, now = self.changed(column, cells)
        self.damaged[column][at] = True
        self.cells[column] = scattered(self.cells[column], at, values)
        self.records.append(_Record(label, at, column, was, now))

    def changed(self, column: str, cells: Cells) -> tuple[Ints, Column, pa.Array, pa.Array]:
        """The cells that are not damaged yet and whose value changes: their positions, new values, and both values as
        text.
        """
        free = np.flatnonzero(~self.hits(column)[cells.at])
        at, values = cells.at[free], self._as_written(column, cells.values.take(free))
        clean = None if column in self.faults.added else self.rows.column(column).take(at)
        was = pa.nulls(len(at), pa.string()) if clean is None else self._texts(column, clean)
        now = _damaged_texts(values, self.faults.dirty.field(column).type)
        differ = np.flatnonzero(_differ(was, now))
        return at[differ], values.take(differ), was.take(indices(differ)), now.take(indices(differ))

    def _move(self, label: str, order: Ints) -> None:
        self.order = order
        rank = np.empty_like(order)
        rank[order] = np.arange(len(order))
        # a row was moved if one that follows it in the clean table now precedes it
        before = np.minimum.accumulate(rank[::-1])[::-1]
        moved = np.flatnonzero(rank > before)
        self.records.append(_Record(label, moved, None, None, None))

    def _copy(self, bound: _Bound, at: Ints) -> None:
        at = at[self.copies[at] == 0]
        self.copies[at] = bound.fault.repeats
        self.records.append(_Record(bound.fault.label, at, None, None, None, copies=bound.fault.repeats))
        hit = np.zeros(len(self.rows), np.bool_)
        hit[at] = True
        for change in bound.changes:
            some = np.flatnonzero(hit & change.select(self.rows))
            for column, cells in change.damage(self.rows, some).items():
                values = self._as_written(column, cells.values)
                self.later.append((column, self.copies[cells.at], Cells(cells.at, values)))

    # --- the result ----------------------------------------------------------------------------------------------

    def places(self) -> Ints:
        """The position of each clean row among the written ones, shape (n,)."""
        sizes = 1 + self.copies[self.order]
        found = np.empty_like(self.order)
        found[self.order] = np.cumsum(sizes) - sizes
        return found

    def table(self) -> pa.Table:
        cells, places = self.cells, self.places()
        if self.copies.any() or (np.diff(self.order) != 1).any():
            take = np.repeat(self.order, 1 + self.copies[self.order])
            cells = {name: column.take(take) for name, column in cells.items()}
        for column, copies, changed in self.later:
            place = positions(places[changed.at] + 1, copies)
            values = changed.values.take(np.repeat(np.arange(len(changed.at)), copies))
            cells[column] = scattered(cells[column], place, values)
        schema = self.faults.dirty
        return pa.Table.from_arrays([to_arrow.array(cells[f.name], f.type) for f in schema], schema=schema)

    def key(self, at: tuple[int, int]) -> pa.Table:
        places, keys = self.places() + at[0], self._keys()
        parts = [record.table(self.faults.table, places, keys, at[1]) for record in self.records if len(record.at)]
        return pa.concat_tables([SCHEMA.empty_table(), *parts]).unify_dictionaries()

    def _keys(self) -> pa.Array:
        """The clean primary key of each row as text, its parts joined by a comma."""
        names = [name for name in self.faults.identity if name in self.faults.clean.names]
        if not names:
            return pa.nulls(len(self.rows), pa.string())
        texts = [self._texts(name, self.rows.column(name)) for name in names]
        return arrow_compute.binary_join_element_wise(*texts, ",") if len(texts) > 1 else texts[0]


@dataclass(frozen=True, slots=True, eq=False)
class _Record:
    """The effects of one fault: the clean rows that it changed and, for cells, their values before and after."""

    label: str
    at: Ints
    column: str | None
    was: pa.Array | None
    now: pa.Array | None
    copies: int = 0

    def table(self, name: str, places: Ints, keys: pa.Array, clean_before: int) -> pa.Table:
        rows, clean = places[self.at], self.at
        was = self.was
        if self.copies:
            clean = np.repeat(clean, self.copies)
            rows = np.repeat(rows, self.copies) + 1 + np.arange(len(clean)) % self.copies
        elif self.column is None:
            was = indices(clean + clean_before).cast(pa.string())
        n = len(rows)
        return pa.Table.from_arrays(
            [
                _repeated(name, n), indices(rows), keys.take(indices(clean)), _repeated(self.label, n),
                _repeated(self.column, n), pa.nulls(n, pa.string()) if was is None else was,
                pa.nulls(n, pa.string()) if self.now is None else self.now,
            ],
            schema=SCHEMA,
        )  # fmt: skip


def _repeated(word: str | None, n: int) -> pa.Array:
    if word is None:
        return pa.nulls(n, SCHEMA.field("column").type)
    return pa.DictionaryArray.from_arrays(indices(np.zeros(n, np.int32)), text_array([word]))


def _damaged_texts(cells: Column, type_: pa.DataType) -> pa.Array:
    """Damaged cells as the answer key shows them; a category, whose words may be new, as its words."""
    if cells.type.textual:
        return to_arrow.array(cells, pa.string())
    return spelled(to_arrow.array(cells, type_))


def _differ(was: pa.Array, now: pa.Array) -> Bools:
    """Where two arrays of text differ, null unlike any text, shape (n,)."""
    same = arrow_compute.fill_null(arrow_compute.equal(was, now), False)
    both = arrow_compute.and_(arrow_compute.is_null(was), arrow_compute.is_null(now))
    found: Bools = ~np.asarray(arrow_compute.or_(same, both).to_numpy(zero_copy_only=False), np.bool_)
    return found


def scattered(cells: Column, at: Ints, values: Column) -> Column:
    """A column with other cells at these positions, shape (m,) each; both have one type."""
    if not len(at):
        return cells
    valid = cells.valid
    if valid is not None or values.valid is not None:
        valid = np.ones(len(cells), np.bool_) if valid is None else valid.copy()
        valid[at] = True if values.valid is None else values.valid
    if isinstance(cells.data, pa.Array):
        order = np.argsort(at, kind="stable")
        mask = np.zeros(len(cells), np.bool_)
        mask[at] = True
        bits = pa.Array.from_buffers(pa.bool_(), len(cells), [None, pa.py_buffer(np.packbits(mask, bitorder="little"))])
        data = arrow_compute.replace_with_mask(cells.data, bits, values.data.take(indices(order)))
        return replace(cells, data=data, valid=valid)
    data = cells.data.copy()
    data[at] = values.data
    return replace(cells, data=data, valid=valid)
