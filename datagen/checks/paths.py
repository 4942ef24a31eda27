"""The way from a row to the entity that it belongs to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from datagen.checks.facts import TableFacts


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
