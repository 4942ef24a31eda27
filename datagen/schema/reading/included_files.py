"""Small files that row sources name: their content becomes part of the document and of the plan's id."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from datagen.errors import Problem
from datagen.kinds.row_sources.base import RowSource

Problems = tuple[Problem, ...]


def with_files(raw: Any, reported: Problems, folder: Path | None) -> tuple[Any, Problems]:
    """`raw` with the content of the files in `folder` or below, and their problems after those in `reported`."""
    tables = raw.get("tables") if isinstance(raw, dict) else None
    if not isinstance(tables, dict):
        return raw, reported
    problems = list(reported)
    found = {name: _table(name, table, problems, folder) for name, table in tables.items()}
    return {**raw, "tables": found}, tuple(problems)


def _table(name: str, table: Any, problems: list[Problem], folder: Path | None) -> Any:
    rows = table.get("rows") if isinstance(table, dict) else None
    if not isinstance(rows, dict) or "file" not in rows:
        return table
    kind = RowSource.member(rows.get("type"))
    if kind is None or not issubclass(kind, RowSource):
        return table
    at = ("tables", name, "rows", "file")
    if folder is None:
        message = "the file is relative to the document, but this document is not read from a file"
        problems.append(Problem("unreadable", at, message, "give the path of the document, or write the rows in it"))
        return table
    try:
        return {**table, "rows": kind.with_files(rows, folder)}
    except ValueError as error:
        problems.append(Problem("unreadable", at, str(error), "name a small CSV or Parquet file beside the document"))
        return table
