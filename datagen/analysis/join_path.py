"""The join path from a row to its entity."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from datagen.analysis.table_info import TableInfo


@dataclass(frozen=True, slots=True)
class Path:
    """Up to `table`, and from there through the reference column `through`, if the entity is not an ancestor."""

    table: str
    through: str | None = None


def path_to(tables: Mapping[str, TableInfo], start: str, owner: str) -> Path | None:
    """The shortest join path from a row of `start` to its row of `owner`; None if there is none."""
    lineage = tables[start].lineage
    if owner in lineage:
        return Path(owner)
    for table in lineage:
        for name, column in tables[table].columns.items():
            if column.chooses == owner:
                return Path(table, name)
    return None


def chosen_from(tables: Mapping[str, TableInfo], table: str) -> tuple[str, ...]:
    """The tables of which each row of `table` chooses a row, other than through its parent. Their behaviors do not
    multiply a number of rows, but weight the choice.
    """
    facts = tables[table]
    named = (column.chooses for column in facts.columns.values() if column.chooses is not None)
    above = facts.parent if facts.parent in tables else None
    targets = dict.fromkeys(name for name in named if name in tables and name != table)
    return tuple(name for name in targets if above is None or path_to(tables, above, name) is None)
