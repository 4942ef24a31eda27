"""A dataset seen through its schema: the declared types of columns, and the program that evaluates declarations."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Any

import numpy as np
import pyarrow as pa

from datagen.analysis import analyze_or_raise
from datagen.analysis.semantic_model import SemanticModel
from datagen.columnar.block import Block, Column, Ints, Type
from datagen.engine.program import Program
from datagen.errors import Absent
from datagen.kinds.generators.support.column_lookup import key_start
from datagen.planning.encodings import arrow_type
from datagen.validation.inputs.discovery import DataFolder
from datagen.validation.inputs.key_index import KeyIndex


class DataBackedProgram(Program):
    """The program of a schema on existing data. It reads what it would otherwise recompute."""

    view: View

    def rows_in(self, table: str) -> int:
        """The number of rows in the data; the declared number if the table is missing."""
        rows = self.view.source.rows.get(table)
        return rows if rows is not None else super().rows_in(table)

    def existing(self, table: str) -> Callable[[Ints], Ints]:
        """By the times in the data: a dataset of another scale has other ones. By the plan where they are not shown."""
        declared, moment = super().existing(table), self.model.tables[table].moment
        if moment is None:
            return declared
        recompute, made = self.recomputed(table, moment), list[Ints]()

        def existing(times: Ints) -> Ints:
            try:
                if not made:
                    cells = recompute(np.arange(self.rows_in(table), dtype=np.int64))
                    made.append(np.sort(cells.data if cells.valid is None else cells.data[cells.valid]))
            except Absent:
                return declared(times)
            return np.searchsorted(made[0], times, side="right").astype(np.int64)

        return existing

    def recomputed(self, table: str, column: str) -> Callable[[Ints], Column]:
        start = key_start(self.model.column(table, column), table)
        view = self.view

        def recompute(index: Ints) -> Column:
            return view.keyed(table).cells(column, index + start)

        return recompute

    def scan(self, table: str, columns: tuple[tuple[str, str], ...]) -> Callable[[], Iterator[Block]]:
        if self.view.scanner is None:
            raise Absent(f"the rows of '{table}' are not read as a whole here")
        return partial(self.view.scanner, self.view, table)


Scanner = Callable[["View", str], Iterator[Block]]


@dataclass(eq=False)
class View:
    """One schema over one folder, in one process."""

    model: SemanticModel
    source: DataFolder
    seed: int
    scanner: Scanner | None = None
    """Goes through all rows of a table."""
    _keyed: dict[tuple[str, str | None], KeyIndex] = field(default_factory=dict)

    @cached_property
    def families(self) -> Mapping[str, frozenset[str]]:
        """Root tables, each with itself and all tables below it."""
        found: dict[str, set[str]] = {}
        for name, table in self.model.tables.items():
            found.setdefault(table.root, set()).add(name)
        return {root: frozenset(names) for root, names in found.items()}

    @classmethod
    def of(cls, document: Any, source: DataFolder, scanner: Scanner | None = None) -> View:
        """Raises SchemaError if the document is wrong."""
        model, manifest = analyze_or_raise(document), source.manifest
        rows = source.rows if manifest is None else manifest.rows_of
        model = model.without(frozenset(name for name in model.tables if rows.get(name) == 0))
        shown, hidden = ({name: [*_declared(model, name, hidden=h)] for name in model.tables} for h in (False, True))
        source = source.named(shown, hidden)
        return cls(model, source, manifest.seed if manifest is not None else model.document.seed, scanner)

    @cached_property
    def program(self) -> DataBackedProgram:
        program = DataBackedProgram(self.model, self.seed, 1.0, self.source.rows, {})
        program.view = self
        return program

    def type_of(self, table: str, column: str) -> Type:
        type_ = self.model.type_of(table, column)
        assert type_ is not None
        return type_

    def words(self, table: str, column: str) -> tuple[str, ...]:
        """The declared values of a category, in order."""
        return self.model.tables[table].columns[column].domain(self.model.column(table, column)) or ()

    def declared(self, table: str, *, hidden: bool = False) -> dict[str, pa.DataType]:
        """The columns that the files should have with their Arrow types; with `hidden`, those of `_truth/`, including
        the key.
        """
        written = _declared(self.model, table, hidden=hidden)
        return {name: arrow_type(self.type_of(table, name), 32) for name in written}

    def keyed(self, table: str, by: str | None = None) -> KeyIndex:
        """The rows of a table by its key of type `key`, or by another column, read once per process."""
        by = self.model.tables[table].key if by is None else by
        if (table, by) not in self._keyed:
            files, truth = self.source.tables.get(table, ()), self.source.truth.get(table, ())
            self._keyed[table, by] = KeyIndex(self, table, files, truth, by)
        return self._keyed[table, by]


def _declared(model: SemanticModel, table: str, *, hidden: bool) -> list[str]:
    facts = model.tables[table]
    return [name for name, g in facts.columns.items() if g.hidden == hidden or (hidden and name == facts.key)]
