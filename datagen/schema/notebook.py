"""How a notebook shows a schema: its tables with their rows and columns, or its problems."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

from datagen.errors import Problem

_MOST_COLUMNS = 12
_LONGEST = 60


def schema_html(raw: Mapping[str, Any], problems: Sequence[Problem]) -> str:
    """The document as HTML; every text of it is escaped. One that has problems shows these."""
    head = f"<b>{escape(str(raw.get('name', 'schema')))}</b>"
    if problems:
        rows = ((one.place, one.message, one.hint) for one in problems)
        return f"<div>{head}: {len(problems)} problems{html_table(('place', 'problem', 'instead'), rows)}</div>"
    text = str(raw.get("description", ""))
    tables = ((name, *_shown(table)) for name, table in raw["tables"].items())
    return f"<div>{head} {escape(text)}{html_table(('table', 'below', 'rows', 'columns'), tables)}</div>"


def _shown(table: Mapping[str, Any]) -> tuple[str, str, str]:
    columns = [f"{name} ({_kind(column)})" for name, column in table["columns"].items()]
    more = [f"and {len(columns) - _MOST_COLUMNS} more"] if len(columns) > _MOST_COLUMNS else []
    rows = table["rows"] if isinstance(table["rows"], int) else json.dumps(table["rows"], ensure_ascii=False)
    return str(table.get("parent") or ""), _short(str(rows)), ", ".join([*columns[:_MOST_COLUMNS], *more])


def _kind(column: Any) -> str:
    return str(column.get("type", "")) if isinstance(column, dict) else "value"


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}\N{HORIZONTAL ELLIPSIS}"


def html_table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table of escaped texts."""
    top = "".join(f"<th>{escape(text)}</th>" for text in head)
    body = "".join("<tr>" + "".join(f"<td>{escape(text)}</td>" for text in row) + "</tr>" for row in rows)
    return f"<table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>"
