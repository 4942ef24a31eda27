"""What still holds of a table whose rows are filtered: by a condition (`where`) or a budget."""

from __future__ import annotations

from dataclasses import fields

from datagen.analysis.row_filters import filter_columns
from datagen.analysis.semantic_model import SemanticModel
from datagen.declarations.base import Declaration
from datagen.declarations.constraints import (
    ChildCountDeclaration,
    ConstraintDeclaration,
    KeyRangeDeclaration,
    UniqueDeclaration,
)
from datagen.declarations.rates import TriggerDeclaration


def holds_when_filtered(model: SemanticModel, declared: Declaration) -> bool:
    """Whether a declaration can be judged by the rows that filters leave.

    Rules for every row hold. Rates and numbers of rows do not, nor do the distributions of columns that the filter
    reads.
    """
    names = (getattr(declared, each.name) for each in fields(declared))
    filtered = {name for name in names if isinstance(name, str) and _filtered(model, name)}
    if not filtered:
        return True
    if isinstance(declared, TriggerDeclaration):
        return declared.table not in filtered  # what triggers cause follows from those that are left
    if isinstance(declared, ChildCountDeclaration):
        return declared.child not in filtered
    if isinstance(declared, ConstraintDeclaration | UniqueDeclaration | KeyRangeDeclaration):
        return True
    column = getattr(declared, "column", None)
    return filtered == {declared.table} and column is not None and not filtered_by(model, declared.table, column)


def filtered_by(model: SemanticModel, table: str, column: str) -> bool:
    """Whether the filter of a table depends on a column of it."""
    return _filtered(model, table) and column in filter_columns(model, table)


def _filtered(model: SemanticModel, table: str) -> bool:
    return table in model.tables and model.tables[table].rows.filtered
