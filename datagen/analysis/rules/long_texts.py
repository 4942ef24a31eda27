"""Columns whose cells are too long."""

from __future__ import annotations

from collections.abc import Iterator

from datagen.analysis.semantic_model import SemanticModel
from datagen.errors import Problem
from datagen.expressions.lengths import LONGEST_CELL


def long_texts(model: SemanticModel) -> Iterator[Problem]:
    """A cell has at most a million bytes. Columns made of one that is too long are not reported."""
    for place, generator in model.columns():
        table, column = place.table.name, place.column or ""
        found = model.longest(table, column) or 0
        if generator.measures_length or found <= LONGEST_CELL:
            continue
        if all((model.longest(*read) or 0) <= LONGEST_CELL for read in model.needs_of(table, column) if read[1]):
            message = f"a cell can have {found:,} bytes; the limit is {LONGEST_CELL:,}"
            yield place.problem("too-large", message, "shorten or leave out some of what it is made of")
