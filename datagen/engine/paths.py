"""The way from a row to the entity that it belongs to, and what a behavior on a total comes down to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from datagen.checks.facts import TableFacts
from datagen.checks.house import House
from datagen.engine.factors import scaling_column


@dataclass(frozen=True, slots=True)
class Path:
    """Up to `table`, and from there through the reference column `through`, if the entity is not an ancestor."""

    table: str
    through: str | None = None


def path_to(tables: Mapping[str, TableFacts], start: str, owner: str) -> Path | None:
    """The shortest way from a row of `start` to its row of `owner`; None where there is none."""
    lineage = tables[start].lineage
    if owner in lineage:
        return Path(owner)
    for table in lineage:
        for name, column in tables[table].columns.items():
            if column.type == "reference" and getattr(column, "table", None) == owner:
                return Path(table, name)
    return None


def pushed_down(house: House, target: str) -> str:
    """The target itself, or, for a column that is the sum of its lines, the column of the lines that scales the sum.

    A total must equal the sum of its lines, so what multiplies the total multiplies what the lines cost.
    """
    table, dot, column = target.partition(".")
    facts = house.tables.get(table)
    generator = facts.columns.get(column) if facts else None
    if not dot or generator is None or generator.type != "sum_of":
        return target
    child = str(getattr(generator, "table", ""))
    found = scaling_column(house, child, str(getattr(generator, "expression", "")))
    return pushed_down(house, f"{child}.{found}") if found else target
