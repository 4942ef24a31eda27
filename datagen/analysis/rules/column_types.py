"""What is declared for a column fits its type: digits, time zone, modifiers, and the length of its texts."""

from __future__ import annotations

from collections.abc import Iterator

from datagen.analysis.semantic_model import SemanticModel
from datagen.analysis.static_scope import StaticScope
from datagen.errors import Problem
from datagen.expressions.lengths import LONGEST_CELL
from datagen.kinds.behaviors.support.local_time import unknown_zone
from datagen.kinds.generators.base import Numeric


def precision(model: SemanticModel) -> Iterator[Problem]:
    """A `precision` belongs to numbers with declared decimals, and is not smaller than these."""
    for scope, generator in model.columns():
        type_ = model.type_of(scope.table.name, scope.column or "")
        if generator.precision is None or type_ is None:
            continue
        if type_.name not in ("int", "decimal"):
            message = f"cells of type {type_} are no exact decimals"
            yield scope.problem("type", message, "give the column 'decimals', or leave 'precision' out", "precision")
        elif generator.precision < type_.scale:
            message = f"{type_.scale} decimals do not fit into {generator.precision} digits"
            yield scope.problem("range", message, f"write {type_.scale + 1} at least", "precision")
        elif isinstance(generator, Numeric):
            drawn = generator.modified(generator.extent(scope), type_)
            if drawn is not None and not generator.accumulates:
                yield from _too_small(scope, generator.precision, drawn, ", give a 'max'")
        else:
            extent = model.extent(scope.table.name, scope.column or "")
            known = extent is not None or (type_.name == "int" and generator.alone)
            if known:  # amounts of money that are computed are rarely known; the dry run bounds sums over rows
                yield from _too_small(scope, generator.precision, extent)


def _too_small(
    scope: StaticScope, precision: int, extent: tuple[float, float] | None, or_: str = ""
) -> Iterator[Problem]:
    """Cells must fit. `extent` is in the smallest units; None where it is not known."""
    largest = 2.0**63 if extent is None else max(map(abs, extent))
    digits = len(f"{largest:.0f}")
    if digits > precision:
        why = "how large its cells are is not known" if extent is None else f"its cells have up to {digits} digits"
        yield scope.problem("range", why, f"write {digits}{or_}, or leave it out", "precision")


def zones(model: SemanticModel) -> Iterator[Problem]:
    """A `zone` is a known one, and belongs to timestamps."""
    for scope, generator in model.columns():
        type_ = model.type_of(scope.table.name, scope.column or "")
        if generator.zone is None:
            continue
        yield from unknown_zone(scope, generator.zone, "zone")
        if type_ is not None and type_.name != "timestamp":
            message = f"cells of type {type_} have no time zone"
            yield scope.problem("type", message, "leave it out, or fill the column with timestamps", "zone")


def long_texts(model: SemanticModel) -> Iterator[Problem]:
    """A cell has at most a million bytes. Columns made of one that is too long are not reported."""
    for scope, generator in model.columns():
        table, column = scope.table.name, scope.column or ""
        found = model.longest(table, column) or 0
        if generator.measures_length or found <= LONGEST_CELL:
            continue
        if all((model.longest(*read) or 0) <= LONGEST_CELL for read in model.needs_of(table, column) if read[1]):
            message = f"a cell can have {found:,} bytes; the limit is {LONGEST_CELL:,}"
            yield scope.problem("too-large", message, "shorten or leave out some of what it is made of")


def modifiers(model: SemanticModel) -> Iterator[Problem]:
    """A modifier supports the type of its column, and the columns it reads exist."""
    for scope, generator in model.columns():
        type_ = model.type_of(scope.table.name, scope.column or "")
        for index, modifier in enumerate(generator.modifiers):
            here = scope.at("modifiers", index)
            yield from _reads(here, modifier.reads())
            if type_ is not None:
                yield from modifier.problems(here, type_)
            if not generator.multiplied and not modifier.keeps and generator.role != "key":
                message = f"a column of type {generator.type} must not change, but {modifier.type} changes its values"
                yield here.problem("type", message, "leave the modifier out")


def _reads(scope: StaticScope, columns: frozenset[str]) -> Iterator[Problem]:
    for column in sorted(columns):
        problem = None if column == scope.column else scope.column_problem(column)
        if problem:
            yield problem
