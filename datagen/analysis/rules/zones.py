"""Columns with a time zone are timestamps."""

from __future__ import annotations

from collections.abc import Iterator

from datagen.analysis.semantic_model import SemanticModel
from datagen.errors import Problem
from datagen.kinds.behaviors.support.local_time import unknown_zone


def zones(model: SemanticModel) -> Iterator[Problem]:
    """A `zone` is a known one, and belongs to timestamps."""
    for place, generator in model.columns():
        type_ = model.type_of(place.table.name, place.column or "")
        if generator.zone is None:
            continue
        yield from unknown_zone(place, generator.zone, "zone")
        if type_ is not None and type_.name != "timestamp":
            message = f"cells of type {type_} have no time zone"
            yield place.problem("type", message, "leave it out, or fill the column with timestamps", "zone")
