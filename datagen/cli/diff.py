"""`datagen diff`: what differs between two documents, and which values change for it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

from datagen.cli.options import AsJson, SchemaPath
from datagen.cli.text_output import printable

if TYPE_CHECKING:
    from datagen.authoring.differences import TableChanges
    from datagen.authoring.value_causes import Cause


def diff(before: SchemaPath, after: SchemaPath, as_json: AsJson = False) -> None:
    """Show what differs between two schemas: the declarations, the tables and columns whose values change, and why."""
    from datagen.authoring.differences import differences  # start-up: numpy, Arrow and every kind

    found = differences(before, after)
    if as_json:
        import json

        print(json.dumps(asdict(found), indent=2, ensure_ascii=False))
        return
    for change in found.declarations:
        print(printable(f"{change.place}: {change.before or 'nothing'} -> {change.after or 'nothing'}"))
    everywhere = _everywhere(found.tables)
    if everywhere:
        print(printable(f"everywhere: {_texts(everywhere)}"))
    for table in found.tables:
        print(printable("\n".join([_line(table), *_causes(table, everywhere)])))
    if not found.declarations:
        print("the documents declare the same")
    elif not found.tables:
        print("no value changes in the first rows of any table")


def _line(table: TableChanges) -> str:
    parts = []
    if table.rows_before is None or table.rows_after is None:
        parts.append("new table" if table.rows_before is None else "no such table any more")
    elif table.rows_before != table.rows_after:
        parts.append(f"{table.rows_before:,} -> {table.rows_after:,} rows")
    named = (("new", table.added), ("gone", table.removed), ("other values in", table.changed))
    parts += [f"{what} {', '.join(columns)}" for what, columns in named if columns]
    return f"{table.table}: {'; '.join(parts)}"


def _listed(table: TableChanges) -> Iterator[tuple[str, Sequence[Cause]]]:
    """The causes of the rows and of each column."""
    if table.why_rows:
        yield "rows", table.why_rows
    yield from table.why.items()


def _everywhere(tables: Iterable[TableChanges]) -> list[Cause]:
    """The causes that all rows and columns share, where there are several."""
    first, *others = [causes for table in tables for _, causes in _listed(table)] or [()]
    return [cause for cause in first if all(cause in causes for causes in others)] if others else []


def _causes(table: TableChanges, everywhere: Sequence[Cause]) -> Iterator[str]:
    """A line for the rows and for each column, with what else changed them."""
    for name, causes in _listed(table):
        rest = [cause for cause in causes if cause not in everywhere]
        if rest:
            yield f"  {name}: {_texts(rest)}"


def _texts(causes: Iterable[Cause]) -> str:
    """The texts of the causes; changes of one kind are listed behind it."""
    changes: dict[str, list[str]] = {}
    for cause in causes:
        kind, _, change = cause.text.partition(": ")
        changes.setdefault(kind, []).append(change)
    return "; ".join(f"{kind}: {', '.join(found)}" if any(found) else kind for kind, found in changes.items())
