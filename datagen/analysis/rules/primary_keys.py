"""Primary keys: at most one column of type `key`, existing columns without nulls, a visible column.
Functional dependencies prove that the columns are unique.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from datagen.analysis.semantic_model import SemanticModel
from datagen.analysis.static_scope import no_column
from datagen.analysis.table_info import OpenColumns, TableInfo
from datagen.errors import DatagenError, Problem
from datagen.kinds.generators.base import Generator
from datagen.scope import ColumnRef


def primary_keys(model: SemanticModel) -> Iterator[Problem]:
    """Primary keys are unique, visible and never null."""
    for facts in model.tables.values():
        yield from _one_key(facts)
        yield from _nothing_shown(facts)
        wrong = [found for k, name in enumerate(facts.primary_key) for found in _primary(model, facts, name, k)]
        yield from wrong
        if facts.primary_key and not wrong:
            yield from _not_unique(model, facts)


def _nothing_shown(facts: TableInfo) -> Iterator[Problem]:
    if not isinstance(facts.columns, OpenColumns) and all(facts.columns[name].hidden for name in facts.declared):
        message = f"every column of '{facts.name}' is hidden, so the table has no data"
        yield Problem("no-effect", ("tables", facts.name, "columns"), message, "make at least one of them visible")


def _not_unique(model: SemanticModel, facts: TableInfo) -> Iterator[Problem]:
    if any(primary_keys[:2] == ("tables", name) for primary_keys in model.schema.unparsed for name in facts.lineage):
        return  # an unparsed piece may make it unique
    if not identified(model, facts.name, facts.primary_key):
        named = ", ".join(f"'{name}'" for name in facts.primary_key)
        message = f"nothing makes {named} unique: rows of '{facts.name}' can have the same"
        yield Problem("primary-key", ("tables", facts.name, "primary_key"), message, _would_be(facts))


def _would_be(facts: TableInfo) -> str:
    alone = "name a column of type key or uuid, or one that is 'unique'"
    if facts.parent is None:
        return alone
    return f"{alone}, or the key of '{facts.parent}' together with an 'ordinal' or a 'distinct' reference"


def _one_key(facts: TableInfo) -> Iterator[Problem]:
    found = [name for name in facts.declared if facts.columns[name].role == "key"]
    for name in found[1:]:
        message = f"'{facts.name}' already has a column of type key: '{found[0]}'"
        yield Problem("primary-key", ("tables", facts.name, "columns", name), message, "keep one of them")


def _primary(model: SemanticModel, facts: TableInfo, name: str, index: int) -> Iterator[Problem]:
    at = ("tables", facts.name, "primary_key", index)
    if name not in facts.columns:
        code, message, hint = no_column(facts.name, name, list(facts.declared))
        yield Problem(code, at, message, hint)
    elif name in facts.primary_key[:index]:
        yield Problem("primary-key", at, f"'{name}' is given twice", "name it once")
    elif model.nullable(facts.name, name):
        yield Problem(
            "primary-key", at, f"'{name}' can be missing", "a primary key must not be null: choose another column"
        )
    elif facts.columns[name].hidden:
        yield Problem("primary-key", at, f"'{name}' is hidden", "a primary key must be visible")


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
        return generator.determines(model.column(*at))
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
    return any(one is not None and (one.unique_per_parent or one.row_attribute in times) for one in found)


def _single(model: SemanticModel, table: str) -> bool:
    """Whether no parent has more than one row of the table."""
    multiplied = any(target == table for _, target in model.targets)
    most = model.tables[table].rows.most_below(multiplied=multiplied)
    return most is not None and most <= 1
