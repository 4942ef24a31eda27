"""Limits the rows of tables with unique columns, and those of formats for small tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from datagen.analysis.semantic_model import SemanticModel
from datagen.errors import PlanError
from datagen.planning.plan import Plan


def within_capacity(model: SemanticModel, rows: Mapping[str, int]) -> None:
    """Raises PlanError if a table has more rows than one of its unique columns has values."""
    for table, column, most in _limited(model):
        if rows.get(table, 0) > most:
            error = PlanError(
                f"'{table}.{column}' can make {most:,} different values, and '{table}' has {rows[table]:,} rows; "
                f"lengthen its pattern or leave out 'unique'"
            )
            error.step = (table, column)
            raise error


def within_format(plan: Plan) -> None:
    """Raises PlanError if a table has more rows than its format can hold."""
    most = plan.output.most_rows
    for name, table in plan.tables.items():
        if most is not None and table.rows > most:
            error = PlanError(
                f"'{name}' has {table.rows:,} rows, and a table of the format {plan.output.type} has at most {most:,}; "
                f"lower the rows, or write another format"
            )
            error.step = (name, None)
            raise error


def fits(model: SemanticModel, rows: Mapping[str, int]) -> Iterator[bool]:
    """For each unique column, whether it has enough values for the rows of its table."""
    return (rows.get(table, 0) <= most for table, _, most in _limited(model))


def _limited(model: SemanticModel) -> Iterator[tuple[str, str, int]]:
    for table, facts in model.tables.items():
        for column, generator in facts.columns.items():
            if generator.most_rows is not None:
                yield table, column, generator.most_rows
