"""Proves from functional dependencies that columns are unique in a table."""

from __future__ import annotations

from collections.abc import Iterable

from datagen.analysis.semantic_model import SemanticModel
from datagen.errors import DatagenError
from datagen.kinds.generators.base import Generator
from datagen.scope import ColumnRef


def identified(model: SemanticModel, table: str, columns: Iterable[str]) -> bool:
    """Whether `columns` are provably unique in `table`. False if it does not follow from the document."""
    known = _closure(model, {(table, column) for column in columns})
    facts = model.tables[table]
    lineage = list(facts.lineage)
    if model.tables[lineage[-1]].parent is not None:
        return False  # a cycle of parents
    found = _alone(model, known, lineage[-1])
    for name in reversed(lineage[:-1]):
        found = _alone(model, known, name) or (found and (_apart(model, known, name) or _single(model, name)))
    return found


def _closure(model: SemanticModel, known: set[ColumnRef]) -> set[ColumnRef]:
    """These columns and all columns that depend on them."""
    waiting = list(known)
    while waiting:
        table, column = waiting.pop()
        generator = _intact(model, (table, column))
        new = _determined(model, generator, (table, column)) - known if generator is not None else frozenset()
        known |= new
        waiting.extend(new)
    return known


def _determined(model: SemanticModel, generator: Generator, at: ColumnRef) -> frozenset[ColumnRef]:
    if not model.type_of(*at) or any(f"{at[0]}.{at[1]}" == target for _, target in model.targets):
        return frozenset()
    try:
        return generator.tells(model.column(*at))
    except DatagenError:
        return frozenset()


def _intact(model: SemanticModel, at: ColumnRef) -> Generator | None:
    """The generator of a column, if no modifier changes its values."""
    facts = model.tables.get(at[0])
    generator = facts.columns.get(at[1]) if facts is not None else None
    return generator if generator is not None and generator.intact else None


def _alone(model: SemanticModel, known: set[ColumnRef], table: str) -> bool:
    """Whether one of the known columns of the table is unique, or the cells that the document lists for them are."""
    found = [(at, generator) for at in known if at[0] == table and (generator := _intact(model, at)) is not None]
    listed = (generator.listed_cells(model.column(*at)) for at, generator in found)
    rows = list(zip(*(cells for cells in listed if cells is not None), strict=True))
    return any(generator.identifies for _, generator in found) or (bool(rows) and len(set(rows)) == len(rows))


def _apart(model: SemanticModel, known: set[ColumnRef], table: str) -> bool:
    """Whether one of the known columns is unique among the rows of one parent."""
    found = (_intact(model, at) for at in known if at[0] == table)
    times = model.tables[table].rows.separating
    return any(one is not None and (one.separates or one.row_attribute in times) for one in found)


def _single(model: SemanticModel, table: str) -> bool:
    """Whether no parent has more than one row of the table."""
    multiplied = any(target == table for _, target in model.targets)
    most = model.tables[table].rows.most_below(multiplied=multiplied)
    return most is not None and most <= 1
