"""Bounds on the number of different cells of a column, and on the Hive folders that a format makes of a table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from datagen.analysis.semantic_model import SemanticModel
from datagen.kinds.formats.base import Sink

MOST_FOLDERS = 4_000
"""Folders of one table: ten years of days. Each partition of a run may write a file to each of them."""
_COUNTABLE = ("int", "date")


def most_values(model: SemanticModel, table: str, column: str) -> int | None:
    """The most different cells that a column can have, a missing one included; None if no bound is known."""
    type_ = model.type_of(table, column)
    missing = int(model.nullable(table, column))
    if type_ is None or type_.name == "bool":
        return None if type_ is None else 2 + missing
    domain = _domain(model, table, column)
    if domain is not None:
        return len(domain) + missing
    extent = model.extent(table, column) if type_.name in _COUNTABLE else None
    return None if extent is None else int(extent[1] - extent[0]) + 1 + missing


def may_be_empty(model: SemanticModel, table: str, column: str) -> bool:
    """Whether an empty text is among the known values of a column."""
    return "" in (_domain(model, table, column) or ())


def _domain(model: SemanticModel, table: str, column: str) -> tuple[str, ...] | None:
    generator = model.tables[table].columns[column]
    return generator.domain(model.column(table, column)) if generator.intact else None


def folders(model: SemanticModel, sink: Sink, table: str) -> Iterator[tuple[str, int | None]]:
    """The columns whose values are the folders of a table, each with a bound on their number."""
    yield from ((name, most_values(model, table, name)) for name in sink.split_by(shown(model, table)))


def shown(model: SemanticModel, table: str) -> list[str]:
    """The columns that are written to the data."""
    facts = model.tables[table]
    return [] if facts.hidden else [name for name in facts.declared if not facts.columns[name].hidden]


def most_folders(model: SemanticModel, sink: Sink, tables: Iterable[str]) -> dict[str, int]:
    """A bound on the folders of each of these tables; 1 for a table that is not divided."""
    found = {}
    for table in tables:
        found[table] = 1
        for _, values in folders(model, sink, table):
            found[table] *= values or MOST_FOLDERS
    return found
