"""Tables of a dbt manifest: models, seeds, snapshots and sources with their described columns, and what constraints and
the tests unique, not_null, relationships and accepted_values declare. There are no rows.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from typing import Any

import pyarrow as pa

from datagen.interop.infer.source_table import SourceColumn, SourceTable
from datagen.interop.infer.sources.declared import (
    allowed_values,
    declare,
    declare_foreign_key,
    declare_primary_key,
    declared_type,
    unique_key,
)

_TABLES = ("model", "seed", "snapshot", "source")
_BY_NAME = (
    (re.compile(r"_(at|ts|time|timestamp)$", re.IGNORECASE), pa.timestamp("us")),
    (re.compile(r"(^|_)(date|day)$|_on$", re.IGNORECASE), pa.date32()),
    (re.compile(r"^(is|has)_", re.IGNORECASE), pa.bool_()),
    (re.compile(r"(^|_)id$", re.IGNORECASE), pa.int64()),
)


def is_manifest(data: Any) -> bool:
    """Whether a document is a manifest of dbt."""
    return isinstance(data, dict) and isinstance(data.get("nodes"), dict) and isinstance(data.get("sources"), dict)


def read_manifest(manifest: dict[str, Any], notes: list[str]) -> list[SourceTable]:
    """The tables of a manifest of any version; what is left out or guessed is added to `notes`."""
    nodes = {**manifest["sources"], **manifest["nodes"]}
    described = {key: node for key, node in nodes.items() if node["resource_type"] in _TABLES}
    often = Counter(_name(node) for node in described.values())
    tables = {
        key: _table(_name(node) if often[_name(node)] == 1 else _long_name(node), node, notes)
        for key, node in described.items()
    }
    for key, node in described.items():
        _constraints(node, tables[key], {_name(other): tables[one] for one, other in described.items()}, notes)
    for node in nodes.values():
        if node["resource_type"] == "test" and node.get("test_metadata"):
            _test(node, tables, described, notes)
    for key, table in tables.items():
        declare_primary_key(table, described[key].get("primary_key") or ())
        unique_key(table)
    return list(tables.values())


def _name(node: dict[str, Any]) -> str:
    return str(node.get("identifier") or node.get("alias") or node["name"])


def _long_name(node: dict[str, Any]) -> str:
    """A name for one of several tables that are called the same."""
    return f"{node.get('source_name') or node.get('schema') or node['resource_type']}_{_name(node)}"


def _table(name: str, node: dict[str, Any], notes: list[str]) -> SourceTable:
    columns, guessed = {}, []
    for column in node["columns"].values():
        label, written = column["name"], column.get("data_type")
        kind = declared_type(written) if written else _type_by_name(label)
        if kind is None:
            notes.append(f"{name}.{label}: a column of type {written} is left out")
            continue
        guessed += [label] * (not written)
        columns[label] = SourceColumn(label, kind)
    if guessed:
        notes.append(f"{name}: the manifest has no type of {_listed(guessed)}; guessed from the name")
    return SourceTable(name, columns, None)


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - 5} more columns" if len(names) > 5 else ""
    return ", ".join(names[:5]) + more


def _type_by_name(name: str) -> pa.DataType:
    return next((kind for pattern, kind in _BY_NAME if pattern.search(name)), pa.string())


def _constraints(node: dict[str, Any], table: SourceTable, named: dict[str, SourceTable], notes: list[str]) -> None:
    """What the contract of a model declares, beside its columns or in them."""
    of_columns = [
        {**one, "columns": [c["name"]]} for c in node["columns"].values() for one in c.get("constraints") or ()
    ]
    for one in [*of_columns, *(node.get("constraints") or ())]:
        columns, kind = one.get("columns") or [], one["type"]
        if kind == "primary_key":
            declare_primary_key(table, columns)
        elif kind == "not_null":
            for column in columns:
                declare(table, column, nullable=False)
        elif kind == "unique" and len(columns) == 1:
            declare(table, columns[0], unique=True)
        elif kind == "foreign_key" and len(columns) == 1:
            other, key = _referenced(one)
            declare_foreign_key(table, columns[0], named.get(other), key, notes)


def _referenced(constraint: dict[str, Any]) -> tuple[str, str]:
    """The table and the column that a foreign key names, or writes as an expression: `shop.customers (id)`."""
    names = re.findall(r"\w+", constraint.get("to") or "")
    if names:
        return names[-1], next(iter(constraint.get("to_columns") or ()), "")
    found = re.search(r"""(\w+)["'`\]]*\s*\(["'`\[\s]*(\w+)["'`\]\s]*\)""", constraint.get("expression") or "")
    return (found[1], found[2]) if found else ("", "")


def _test(node: dict[str, Any], tables: dict[str, SourceTable], nodes: dict[str, Any], notes: list[str]) -> None:
    metadata = node["test_metadata"]
    asked = {**metadata["kwargs"], **(metadata["kwargs"].get("arguments") or {})}
    of = [key for key in node["depends_on"]["nodes"] if key in tables]
    at = node.get("attached_node") or _meant(asked.get("model"), of, nodes)
    column = node.get("column_name") or asked.get("column_name")
    if at not in tables or not column:
        return
    table, kind, always = tables[at], metadata["name"], not (node.get("config") or {}).get("where")
    if kind == "not_null" and always:
        declare(table, column, nullable=False)
    elif kind == "unique" and always:
        declare(table, column, unique=True)
    elif kind == "accepted_values":
        declare(table, column, allowed=allowed_values(asked["values"]))
    elif kind == "relationships":
        other = _meant(asked["to"], of, nodes)
        declare_foreign_key(table, column, tables.get(other or ""), asked["field"], notes)


def _meant(text: str | None, keys: Iterable[str], nodes: dict[str, Any]) -> str | None:
    """Which of the tables that a test depends on `ref('...')` or `source('...', '...')` means."""
    quoted = re.findall(r"""['"]([^'"]+)['"]""", text or "")
    return next((key for key in keys if quoted and nodes[key]["name"] == quoted[-1]), None)
