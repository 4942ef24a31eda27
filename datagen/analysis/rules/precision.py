"""Columns that are written as DECIMAL are numbers with room for their decimals."""

from __future__ import annotations

from collections.abc import Iterator

from datagen.analysis.semantic_model import SemanticModel
from datagen.analysis.static_scope import StaticScope
from datagen.errors import Problem
from datagen.kinds.generators.base import Numeric


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
        elif isinstance(generator, Numeric):
            drawn = generator.modified(generator.extent(place), type_)
            if drawn is not None and not generator.wanders:
                yield from _too_small(place, generator.precision, drawn, ", give a 'max'")
        else:
            extent = model.extent(place.table.name, place.column or "")
            known = extent is not None or (type_.name == "int" and generator.alone)
            if known:  # amounts of money that are computed are rarely known; the dry run bounds sums over rows
                yield from _too_small(place, generator.precision, extent)


def _too_small(
    place: StaticScope, precision: int, extent: tuple[float, float] | None, or_: str = ""
) -> Iterator[Problem]:
    """Cells must fit. `extent` is in the smallest units; None where it is not known."""
    largest = 2.0**63 if extent is None else max(map(abs, extent))
    digits = len(f"{largest:.0f}")
    if digits > precision:
        why = "how large its cells are is not known" if extent is None else f"its cells have up to {digits} digits"
        yield place.problem("range", why, f"write {digits}{or_}, or leave it out", "precision")
