"""The identifying constraint of age, cohort and period: one of the three has no linear part.

Birth plus age is calendar time, so a linear trend can be moved from one effect to the other two without changing any
number. The document must say which one has none. Source: Fosse and Winship (2019), Analyzing age-period-cohort data.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Literal

from datagen.random.math.elementary import log

if TYPE_CHECKING:
    from datagen.scope import Scope

Effect = Literal["age", "cohort", "period"]
TOLERANCE = 1e-6


def slope(multipliers: Sequence[float]) -> float:
    """The least-squares slope of the logarithm per step. Zeros have no logarithm and are left out."""
    points = [(k, log(float(m))) for k, m in enumerate(multipliers) if m > 0]
    if len(points) < 2:
        return 0.0
    middle = sum(k for k, _ in points) / len(points)
    return sum((k - middle) * y for k, y in points) / sum((k - middle) ** 2 for k, _ in points)


def trended(scope: Scope) -> Iterator[tuple[str, str]]:
    """The targets of every trend of the document, each with the trend's shape."""
    for table in scope.tables().values():
        for behavior in getattr(table, "behaviors", ()):
            if behavior.type != "trend":
                continue
            of = getattr(behavior, "of", "rows")
            for target in (of,) if isinstance(of, str) else of or ():
                yield _resolved(scope, table.name, str(target)), str(getattr(behavior, "shape", ""))


def _resolved(scope: Scope, table: str, target: str) -> str:
    """The full name of a target. `rows` is the table's own rate; a bare name is a column of it unless it is a table."""
    if target == "rows":
        return table
    return target if "." in target or target in scope.tables() else f"{table}.{target}"
