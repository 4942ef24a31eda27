"""Compares two datasets of one document row by row: which rows differ, and by how much for each entity and in total.

With `without`, the second dataset is the same world with a declaration switched off: what differs is its effect.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pyarrow as pa

from datagen.columnar.block import Bools, Floats, Ints, Words
from datagen.engine.content_hash import cell_words
from datagen.errors import OutputError
from datagen.planning.answer_key import spelled
from datagen.runtime.dataset import Dataset
from datagen.runtime.row_identities import IdentifiedRows, TableRows, numbers, plain

_BATCH_ROWS = 400_000
"""Rows of both datasets in memory at once."""
_MAX_EXAMPLES = 10


@dataclass(slots=True)
class TableDifference:
    """What differs in one table, in pairs of the first and the second dataset.

    `only` counts the rows that only one of them has, `common` those that both have. Of these, `changed` rows differ in
    some column, and `columns` maps each column to the number of rows in which it differs. `totals` are sums of the
    columns of numbers. `left_out` are the columns that number rows, or refer to numbered rows of other families: they
    shift where rows are added. `examples` are a few of the rows that differ.
    """

    table: str
    rows: tuple[int, int] = (0, 0)
    only: tuple[int, int] = (0, 0)
    common: int = 0
    changed: int = 0
    columns: dict[str, int] = field(default_factory=dict)
    totals: dict[str, tuple[float, float]] = field(default_factory=dict)
    left_out: tuple[str, ...] = ()
    examples: list[dict[str, Any]] = field(default_factory=list)

    @property
    def same(self) -> bool:
        return not any(self.only) and not self.changed


@dataclass(frozen=True, slots=True)
class Comparison:
    """What differs between two datasets.

    `entities` maps each root table to an Arrow table of the entities that differ. Its columns are the key, how many
    more rows the first dataset has in each table (`orders`), and how much larger its sum of each column of numbers is
    (`orders.amount`).
    """

    tables: Mapping[str, TableDifference]
    entities: Mapping[str, pa.Table]

    @property
    def same(self) -> bool:
        return all(table.same for table in self.tables.values())


def compare_datasets(first: Dataset, second: Dataset) -> Comparison:
    """Compare them by the identities of rows. Raises OutputError where they are not of one document and seed."""
    one, other = IdentifiedRows(first), IdentifiedRows(second)
    _comparable(one, other)
    tables: dict[str, TableDifference] = {}
    entities: dict[str, pa.Table] = {}
    for root in one.families:
        family = _Family(one, other, root)
        family.compare()
        tables |= family.found
        entities[root] = family.entities
    return Comparison({name: tables[name] for name in one.model.tables}, entities)


def _comparable(one: IdentifiedRows, other: IdentifiedRows) -> None:
    mine, theirs = one.dataset.manifest, other.dataset.manifest
    if (mine.name, mine.seed) != (theirs.name, theirs.seed):
        raise OutputError(
            f"these are '{mine.name}' of seed {mine.seed} and '{theirs.name}' of seed {theirs.seed}: their rows are "
            f"not the same draws; generate both from one document and seed"
        )
    if one.families != other.families:
        raise OutputError("their documents do not have the same tables; generate both from one document")
    for root in one.families:
        if one.sizes[root] != other.sizes[root]:
            raise OutputError(f"'{root}' has {one.sizes[root]:,} and {other.sizes[root]:,} rows; compare at one scale")


class _Family:
    """The tables of one root, compared part by part."""

    def __init__(self, one: IdentifiedRows, other: IdentifiedRows, root: str) -> None:
        self.sides, self.root = (one, other), root
        tables = one.families[root]
        self.columns = {name: self._shared(name) for name in tables}
        left_out = {name: tuple(c for c in self.columns[name] if _shifts(one, name, c)) for name in tables}
        self.compared = {name: [c for c in self.columns[name] if c not in left_out[name]] for name in tables}
        self.found = {name: TableDifference(name, left_out=left_out[name]) for name in tables}
        self._changed_entities: list[pa.Table] = []

    def _shared(self, table: str) -> list[str]:
        """The columns of both; one that a fault adds has no cells in a clean dataset."""
        theirs, declared = self.sides[1].table(table).schema.names, self.sides[0].model.tables[table].columns
        return [name for name in self.sides[0].table(table).schema.names if name in theirs and name in declared]

    @property
    def key(self) -> str | None:
        """The column that names the entity."""
        found = self.sides[0].model.tables[self.root].identity
        return found[0] if len(found) == 1 and found[0] in self.columns[self.root] else None

    @property
    def entities(self) -> pa.Table:
        return pa.concat_tables(self._changed_entities) if self._changed_entities else pa.table({})

    def compare(self) -> None:
        rows = max(sum(side.sizes[name] for name in self.columns) for side in self.sides)
        roots = max(self.sides[0].sizes[self.root], 1)
        step = max(_BATCH_ROWS * roots // max(2 * rows, 1), 1)
        parts = (side.parts(self.root, self.columns, step) for side in self.sides)
        for mine, theirs in zip(*parts, strict=True):
            alike = {name: _same_types(mine[name], theirs[name]) for name in mine}
            self._compare_part(*({name: pair[side] for name, pair in alike.items()} for side in (0, 1)))

    def _compare_part(self, mine: Mapping[str, TableRows], theirs: Mapping[str, TableRows]) -> None:
        roots = len(mine[self.root].ids)
        touched, changes = np.zeros(roots, np.bool_), dict[str, Floats]()
        for name in self.columns:
            self._compare_table(name, (mine[name], theirs[name]), touched)
            changes[name] = _by_root((mine[name], theirs[name]), None, roots)
            for column in self._numeric(name):
                changes[f"{name}.{column}"] = _by_root((mine[name], theirs[name]), column, roots)
        at = np.flatnonzero(touched)
        if len(at):
            whole = mine[self.root]
            who = whole.cells.column(self.key).take(pa.array(at)) if self.key else pa.array(at + whole.first)
            del changes[self.root]
            values = {label: (v[at].astype(np.int64) if "." not in label else v[at]) for label, v in changes.items()}
            self._changed_entities.append(pa.table({self.key or "row": who, **values}))

    def _numeric(self, table: str) -> list[str]:
        schemas = [side.table(table).schema for side in self.sides]
        facts = self.sides[0].model.tables[table]
        return [
            name
            for name in self.compared[table]
            if all(_is_number(schema.field(name).type) for schema in schemas) and facts.columns[name].role == "value"
        ]

    def _compare_table(self, name: str, parts: tuple[TableRows, TableRows], touched: Bools) -> None:
        mine, theirs = parts
        _, here, there = np.intersect1d(mine.ids, theirs.ids, assume_unique=True, return_indices=True)
        order = np.argsort(here)
        here, there = here[order], there[order]
        found = self.found[name]
        different = np.zeros(len(here), np.bool_)
        for column in self.compared[name]:
            cells = (_words(part, column)[at] for part, at in zip(parts, (here, there), strict=True))
            differs = np.not_equal(*cells)
            if differs.any():
                found.columns[column] = found.columns.get(column, 0) + int(np.count_nonzero(differs))
                different |= differs
        alone = tuple(np.setdiff1d(np.arange(len(p.ids)), at) for p, at in zip(parts, (here, there), strict=True))
        touched[mine.root[here[different]]] = True
        for part, at in zip(parts, alone, strict=True):
            touched[part.root[at]] = True
        found.rows = _add_pairs(found.rows, (len(mine.ids), len(theirs.ids)))
        found.only = _add_pairs(found.only, (len(alone[0]), len(alone[1])))
        found.common += len(here)
        found.changed += int(np.count_nonzero(different))
        for column in self._numeric(name):
            sums = tuple(float(np.add.reduce(numbers(plain(part.cells.column(column))))) for part in parts)
            found.totals[column] = _add_pairs(found.totals.get(column, (0.0, 0.0)), (sums[0], sums[1]))
        found.examples += self._examples(parts, alone, (here[different], there[different]))
        del found.examples[_MAX_EXAMPLES:]

    def _examples(
        self, parts: tuple[TableRows, TableRows], alone: tuple[Ints, ...], both: tuple[Ints, Ints]
    ) -> Iterator[dict[str, Any]]:
        for part, at, side in zip(parts, alone, ("first", "second"), strict=True):
            yield from ({"only in": side, **row} for row in part.cells.take(pa.array(at[:_MAX_EXAMPLES])).to_pylist())
        for mine, theirs in zip(*(_rows(part, at) for part, at in zip(parts, both, strict=True)), strict=True):
            yield {"changed": {name: [mine[name], theirs[name]] for name in mine if mine[name] != theirs[name]}, **mine}


def _rows(part: TableRows, at: Ints) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = part.cells.take(pa.array(at[:_MAX_EXAMPLES])).to_pylist()
    return found


def _same_types(mine: TableRows, theirs: TableRows) -> tuple[TableRows, TableRows]:
    """The same rows, where a column that has numbers or times in one dataset and text in the other is text in both."""
    for column in mine.cells.column_names:
        is_text = [_is_text(part.cells.field(column).type) for part in (mine, theirs)]
        if is_text == [False, True]:
            mine = _as_text(mine, column)
        elif is_text == [True, False]:
            theirs = _as_text(theirs, column)
    return mine, theirs


def _as_text(part: TableRows, column: str) -> TableRows:
    texts = spelled(plain(part.cells.column(column)))
    return replace(part, cells=part.cells.set_column(part.cells.column_names.index(column), column, texts))


def _add_pairs(one: Sequence[Any], other: Sequence[Any]) -> tuple[Any, Any]:
    return one[0] + other[0], one[1] + other[1]


def _is_number(type_: pa.DataType) -> bool:
    return bool(pa.types.is_integer(type_) or pa.types.is_floating(type_) or pa.types.is_decimal(type_))


def _is_text(type_: pa.DataType) -> bool:
    values = type_.value_type if pa.types.is_dictionary(type_) else type_
    return bool(pa.types.is_string(values) or pa.types.is_large_string(values))


def _words(part: TableRows, column: str) -> Words:
    return cell_words(plain(part.cells.column(column)))


def _by_root(parts: tuple[TableRows, TableRows], column: str | None, roots: int) -> Floats:
    """Rows, or the sum of a column, of each root row: the first dataset less the second, shape (roots,)."""
    one, other = (
        np.bincount(part.root, None if column is None else numbers(plain(part.cells.column(column))), roots)
        for part in parts
    )
    return np.asarray(one - other, np.float64)


def _shifts(side: IdentifiedRows, table: str, column: str) -> bool:
    """Whether a column counts rows, or holds keys of a table whose rows are counted below others."""
    model = side.model
    generator, place = model.tables[table].columns[column], model.column(table, column)
    if model.tables[table].parent is not None and generator.depends_on_row_number(place):
        return True
    target = generator.refers_to(place)
    return target is not None and model.tables[target].parent is not None
