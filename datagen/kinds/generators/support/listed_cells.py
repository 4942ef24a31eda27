"""Cells of tables whose rows are listed in the document: values and weights to draw from."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from datagen.registry import did_you_mean

if TYPE_CHECKING:
    from datagen.errors import Problem
    from datagen.kinds.generators.support.literals import Cell
    from datagen.scope import Scope, StaticContext


def listed_cells(context: StaticContext, table: str, column: str | None) -> tuple[Cell | None, ...] | None:
    """The cells of a listed column of `table`, one for each row; None where there is no such table or column."""
    found = context.tables().get(table)
    return found.rows.listed(column or "") if found is not None else None


def as_weight(cell: Cell | None) -> float:
    """A listed cell as a weight: a number from 0 on. Anything else is 0, and `listing_problems` reports it."""
    usable = isinstance(cell, int | float) and math.isfinite(cell) and 0.0 <= cell <= 1e15
    return float(cell) if usable and cell is not None else 0.0


def listing_problems(scope: Scope, table: str, columns: Mapping[str, str | None]) -> Iterator[Problem]:
    """What is wrong with naming a table of listed rows; `columns` are the columns of it by their key here, the last
    with weights.
    """
    found = scope.tables().get(table)
    if found is None:
        hint = did_you_mean(table, list(scope.tables()))
        yield scope.problem("unknown-table", f"there is no table '{table[:60]}'", hint, "table")
        return
    known = found.rows.listed_columns
    if known is None:
        return  # the row source reports an unreadable file
    if not known:
        hint = "give it rows of type 'listed', or use a 'reference' and a 'lookup'"
        yield scope.problem("type", f"the rows of '{table}' are not listed", hint, "table")
        return
    weights = list(columns)[-1]
    for key, column in columns.items():
        if column is None and key != weights:
            yield scope.problem("missing", f"no column of '{table}' is named for the values", f"write '{key}'", key)
        elif column is not None and column not in known:
            message = f"the rows of '{table}' list no column '{column[:60]}'"
            yield scope.problem("unknown-column", message, did_you_mean(column, list(known)), key)
        elif column is not None and key == weights:
            yield from _weight_problems(scope, key, found.rows.listed(column) or ())


def _weight_problems(scope: Scope, key: str, cells: tuple[Cell | None, ...]) -> Iterator[Problem]:
    wrong = next((i for i, cell in enumerate(cells) if isinstance(cell, bool) or as_weight(cell) != cell), None)
    if wrong is not None:
        yield scope.problem("type", f"row {wrong + 1} has no weight, a number from 0 on", "list numbers there", key)
    elif not any(map(as_weight, cells)):
        yield scope.problem("range", "all weights are 0", "give at least one row a weight above 0", key)
