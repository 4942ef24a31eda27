"""Pushes a behavior on a total down to a column of the summed rows, such as the price in `quantity * unit_price`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from datagen.errors import ExpressionError

if TYPE_CHECKING:
    from datagen.analysis.semantic_model import SemanticModel
    from datagen.expressions.tree import Syntax


def pushed_down(model: SemanticModel, target: str) -> str:
    """The target itself or, for a column that is a sum, the column of the summed rows that scales it.

    A total must equal the sum of its rows, so a multiplier of the total multiplies that column.
    """
    table, dot, column = target.partition(".")
    facts = model.tables.get(table)
    generator = facts.columns.get(column) if facts else None
    total = generator.total_of if dot and generator is not None else None
    if total is None:
        return target
    child, expression = total
    found = scaling_column(model, child, expression)
    return pushed_down(model, f"{child}.{found}") if found else target


def scaling_column(model: SemanticModel, table: str, text: str) -> str | None:
    """A column of fractional numbers that `text` is proportional to, else one of whole numbers; None
    if there is none.
    """
    from datagen.expressions.frontend.parse import parse  # start-up time: most documents have no such total

    try:
        factors = [name for name in _factors(parse(text)) if "." not in name]
    except ExpressionError:
        return None
    types = {name: model.type_of(table, name) for name in factors}
    for accepted in (("decimal", "float"), ("int",)):
        for name, type_ in types.items():
            if type_ is not None and type_.name in accepted:
                return name
    return None


def _factors(tree: Syntax) -> Iterator[str]:
    """The columns that are factors of the whole expression."""
    from datagen.expressions.tree import Apply, Name  # as above

    if isinstance(tree, Name):
        yield tree.name
    elif isinstance(tree, Apply) and tree.function in ("*", "ROUND"):
        for arg in tree.args[: 1 if tree.function == "ROUND" else None]:
            yield from _factors(arg)
    elif isinstance(tree, Apply) and tree.function == "/":
        yield from _factors(tree.args[0])
