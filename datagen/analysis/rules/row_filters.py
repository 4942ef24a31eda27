"""Row filters are conditions on columns that are known before the rows are counted."""

from __future__ import annotations

from collections.abc import Iterator

from datagen.analysis.row_filters import filter_needs
from datagen.analysis.semantic_model import SemanticModel
from datagen.errors import Problem
from datagen.kinds.generators.support.column_lookup import compiled, expression_problems


def row_filters(model: SemanticModel) -> Iterator[Problem]:
    """Each filter is a condition that differs between rows, or a budget, and does not depend on rows that are made
    later.
    """
    for table, facts in model.tables.items():
        if facts.rows.filtered:
            yield from _condition_problems(model, table)
            yield from _order_problems(model, table)
        if facts.rows.row_budget is not None:
            yield from facts.rows.row_budget.problems(model.rows(table).at("budget"))


def _condition_problems(model: SemanticModel, table: str) -> Iterator[Problem]:
    text, scope = model.tables[table].rows.row_filter, model.rows(table)
    if text is None:
        return
    problems = list(expression_problems(scope, text, "where", "bool", table))
    yield from problems
    expression = compiled(scope, text, table)
    if not problems and expression is not None and not expression.columns:
        yield scope.problem("no-effect", "the condition is the same for every row", "leave it out", "where")


def _order_problems(model: SemanticModel, table: str) -> Iterator[Problem]:
    facts, scope = model.tables[table], model.rows(table)
    for owner, column in sorted(filter_needs(model, table)):
        other = model.tables.get(owner)
        if other is not None and other.root == facts.root and owner not in facts.lineage:
            message = (
                f"it depends on '{owner}.{column}', and the rows of '{owner}' are not made before those of '{table}'"
            )
            key = "where" if facts.rows.row_filter is not None else "budget"
            yield scope.problem("invalid-order", message, f"read columns of '{table}' or its ancestors", key)
