"""Columns with a time zone are timestamps."""

from __future__ import annotations

from collections.abc import Iterator

from datagen.analysis.semantic_model import SemanticModel
from datagen.errors import Problem
from datagen.registry import did_you_mean
from datagen.time_zones import known_zones


def zones(model: SemanticModel) -> Iterator[Problem]:
    """A `zone` is a known one, and belongs to timestamps."""
    for place, generator in model.columns():
        type_ = model.type_of(place.table.name, place.column or "")
        if generator.zone is None:
            continue
        if generator.zone not in known_zones():
            hint = did_you_mean(generator.zone, sorted(known_zones()))
            yield place.problem("invalid-value", f"there is no time zone '{generator.zone}'", hint, "zone")
        elif type_ is not None and type_.name != "timestamp":
            message = f"cells of type {type_} have no time zone"
            yield place.problem("type", message, "leave it out, or fill the column with timestamps", "zone")
