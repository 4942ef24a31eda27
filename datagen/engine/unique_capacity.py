"""How many rows a unique column can have."""

from __future__ import annotations

from collections.abc import Mapping

from datagen.analysis.semantic_model import SemanticModel
from datagen.errors import PlanError


def within_capacity(model: SemanticModel, rows: Mapping[str, int]) -> None:
    """Raises PlanError where a table has more rows than one of its columns can tell apart."""
    for table, facts in model.tables.items():
        for column, generator in facts.columns.items():
            most = generator.most_rows
            if most is not None and rows.get(table, 0) > most:
                raise PlanError(
                    f"'{table}.{column}' can make {most:,} different values, and '{table}' has {rows[table]:,} rows; "
                    f"lengthen its pattern or leave out 'unique'"
                )
