"""Row filters are conditions on columns that are known before the rows are counted."""

from __future__ import annotations

from collections.abc import Iterator

from datagen.analysis.row_filters import filter_needs
from datagen.analysis.semantic_model import SemanticModel
from datagen.errors import Problem
from datagen.kinds.generators.support.column_lookup import compiled, expression_problems


def row_filters(model: SemanticModel) -> Iterator[Problem]:
    """Each filter is a condition that differs between rows and does not depend on rows that are made later."""
    for table, facts in model.tables.items():
        text, place = facts.rows.row_filter, model.rows(table)
        if text is None:
            continue
        problems = list(expression_problems(place, text, "where", "bool", table))
        yield from problems
        expression = compiled(place, text, table)
        if not problems and expression is not None and not expression.columns:
            yield place.problem("no-effect", "the condition is the same for every row", "leave it out", "where")
        for owner, column in sorted(filter_needs(model, table)):
            other = model.tables.get(owner)
            if other is not None and other.root == facts.root and owner not in facts.lineage:
                message = (
                    f"it depends on '{owner}.{column}', and the rows of '{owner}' are not made before those of "
                    f"'{table}'"
                )
                yield place.problem("invalid-order", message, f"read columns of '{table}' or its ancestors", "where")
