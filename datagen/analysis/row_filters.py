"""The columns that the row filter of a table reads: a condition (`where`) and a budget."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from datagen.errors import DatagenError
from datagen.kinds.generators.support.column_lookup import expression_needs
from datagen.scope import ColumnRef

if TYPE_CHECKING:
    from datagen.analysis.document_model import DocumentModel


def filter_columns(model: DocumentModel, table: str) -> tuple[str, ...]:
    """The own columns that the filter depends on, each after those that it reads. Empty without a filter."""
    return tuple(name for owner, name in _closure(model, table) if owner == table)


def costs_alone(model: DocumentModel, table: str) -> frozenset[str]:
    """The own columns among these that only the cost of a row depends on, not whether it is kept."""
    budget, scope = model.tables[table].rows.row_budget, model.rows(table)
    if budget is None:
        return frozenset()
    needs = _condition_needs(model, table) | {need for need in budget.needs(scope) if need != (table, budget.cost)}
    kept = {name for owner, name in closure(model, table, needs) if owner == table}
    return frozenset(filter_columns(model, table)) - kept


def filter_needs(model: DocumentModel, table: str) -> frozenset[ColumnRef]:
    """The columns of other tables that the filter depends on."""
    return frozenset(need for need in _closure(model, table) if need[0] != table)


def own_columns(model: DocumentModel, table: str, column: str) -> tuple[str, ...]:
    """A column and the own columns that it depends on, each after those that it reads."""
    return tuple(name for owner, name in closure(model, table, {(table, column)}) if owner == table)


def _closure(model: DocumentModel, table: str) -> Iterator[ColumnRef]:
    """The columns that the filter depends on, needs first; those of other tables are not followed."""
    budget = model.tables[table].rows.row_budget
    needs = budget.needs(model.rows(table)) if budget is not None else frozenset()
    yield from closure(model, table, _condition_needs(model, table) | needs)


def _condition_needs(model: DocumentModel, table: str) -> frozenset[ColumnRef]:
    text = model.tables[table].rows.row_filter
    return frozenset(expression_needs(model.rows(table), text)) if text is not None else frozenset()


def closure(model: DocumentModel, table: str, needs: Iterable[ColumnRef]) -> Iterator[ColumnRef]:
    """These columns and what they depend on, needs first; columns of other tables are not followed."""
    seen: set[ColumnRef] = set()
    stack = [(need, False) for need in sorted(needs, reverse=True)]
    while stack:
        node, ready = stack.pop()
        if ready:
            yield node
        elif node not in seen:
            seen.add(node)
            stack.append((node, True))
            stack += [(need, False) for need in _read(model, table, node) if need not in seen]


def _read(model: DocumentModel, table: str, node: ColumnRef) -> list[ColumnRef]:
    """What an own column reads, in a fixed order."""
    owner, column = node
    if owner != table or column not in model.tables[table].columns:
        return []
    try:
        return sorted(model.needs_of(table, column), reverse=True)
    except DatagenError:
        return []  # reported by its own check
