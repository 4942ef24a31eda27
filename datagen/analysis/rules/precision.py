"""Columns that are written as DECIMAL are numbers with room for their decimals."""

from __future__ import annotations

from collections.abc import Iterator

from datagen.analysis.semantic_model import SemanticModel
from datagen.errors import Problem


def precision(model: SemanticModel) -> Iterator[Problem]:
    """A `precision` belongs to numbers with declared decimals, and is not smaller than these."""
    for place, generator in model.columns():
        type_ = model.type_of(place.table.name, place.column or "")
        if generator.precision is None or type_ is None:
            continue
        if type_.name not in ("int", "decimal"):
            message = f"cells of type {type_} are no exact decimals"
            yield place.problem("type", message, "give the column 'decimals', or leave 'precision' out", "precision")
        elif generator.precision < type_.scale:
            message = f"{type_.scale} decimals do not fit into {generator.precision} digits"
            yield place.problem("range", message, f"write {type_.scale + 1} at least", "precision")
