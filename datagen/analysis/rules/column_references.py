"""Columns that are read exist and do not read themselves."""

from __future__ import annotations

import re
from collections.abc import Iterator

from datagen.analysis.semantic_model import SemanticModel
from datagen.analysis.static_scope import StaticScope, no_column
from datagen.errors import DatagenError, Problem
from datagen.registry import did_you_mean
from datagen.scope import ColumnRef

_NAMES = re.compile(r"\w+")


def column_references(model: SemanticModel) -> Iterator[Problem]:
    """Every referenced column exists and does not depend on itself."""
    for facts in model.tables.values():
        yield from _of(model, model.rows(facts.name), model.needs_of(facts.name, None))
        for name in facts.declared:
            yield from _itself(model.column(facts.name, name))
            yield from _of(model, model.column(facts.name, name), model.needs_of(facts.name, name))
        for index, behavior in enumerate(facts.behaviors):
            scope = model.behavior(facts.name, index)
            yield from _of(model, scope, behavior.needs(scope))


def _itself(scope: StaticScope) -> Iterator[Problem]:
    """A modifier may read the column it changes; a generator may not read its own column."""
    try:
        needs = scope.table.columns[scope.column or ""].needs(scope)
    except DatagenError:
        return  # the syntax error is reported elsewhere
    if (scope.table.name, scope.column) in needs:
        yield scope.problem("invalid-order", f"'{scope.column}' reads itself", "name another column")


def _of(model: SemanticModel, scope: StaticScope, needs: frozenset[ColumnRef]) -> Iterator[Problem]:
    for table, column in sorted(needs):
        if table == scope.table.name and column != scope.column:
            problem = scope.column_problem(column)
        else:
            problem = _elsewhere(model, scope, table, column)
        if problem:
            yield problem


def _elsewhere(model: SemanticModel, scope: StaticScope, table: str, column: str) -> Problem | None:
    """The problem of reading another table, if this declaration itself names it."""
    named = _NAMES.findall(str(model.schema.at(scope.keys)))
    if table not in model.tables and table not in named:
        return None  # it follows from another column, where it is reported
    if table not in model.tables:
        return scope.problem(
            "unknown-table", f"there is no table '{table[:60]}'", did_you_mean(table, list(model.tables))
        )
    known = model.tables[table].columns
    return None if column in known else scope.problem(*no_column(table, column, list(known)))
