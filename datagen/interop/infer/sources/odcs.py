"""Tables of a data contract (Open Data Contract Standard, version 3): objects of its schema with their properties,
keys, relationships, and what rules of quality declare. There are no rows.
"""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from datagen.errors import DataError
from datagen.interop.infer.source_table import SourceColumn, SourceTable
from datagen.interop.infer.sources.declared import (
    allowed_values,
    declare,
    declare_foreign_key,
    declare_primary_key,
    declared_type,
    unique_key,
)

_NULLS = ("nullValues", "nullCheck", "nullCount")
_DUPLICATES = ("duplicateValues", "duplicateCount", "uniqueCheck")


def is_contract(data: Any) -> bool:
    """Whether a document is a data contract."""
    return isinstance(data, dict) and data.get("kind") == "DataContract"


def read_contract(contract: dict[str, Any], notes: list[str]) -> list[SourceTable]:
    """The tables of a contract; what is left out is added to `notes`. Raises DataError for versions before 3."""
    version = str(contract.get("apiVersion", ""))
    if not version.startswith("v3"):
        raise DataError(f"the data contract has apiVersion '{version}': version 3 of the standard is read")
    objects = contract.get("schema") or []
    tables = {one["name"]: _table(one, notes) for one in objects}
    parts = [*objects, *(column for one in objects for column in _properties(one))]
    labels = {one["id"]: one["name"] for one in parts if one.get("id")}
    for one in objects:
        for relation in one.get("relationships") or ():
            _relate(_end(relation.get("from"), labels), _end(relation["to"], labels), tables, notes)
        for column in _properties(one):
            for relation in column.get("relationships") or ():
                _relate((one["name"], column["name"]), _end(relation["to"], labels), tables, notes)
    return list(tables.values())


def _properties(one: dict[str, Any]) -> list[dict[str, Any]]:
    return one.get("properties") or []


def _table(one: dict[str, Any], notes: list[str]) -> SourceTable:
    name, columns = one["name"], {}
    for column in _properties(one):
        label, kind = column["name"], _type(column)
        if kind is None:
            notes.append(f"{name}.{label}: a column of type {column.get('logicalType')} is left out")
            continue
        columns[label] = SourceColumn(
            label, kind, nullable=not column.get("required"), unique=bool(column.get("unique"))
        )
    table = SourceTable(name, columns, None)
    keys = [column for column in _properties(one) if column.get("primaryKey")]
    keys.sort(key=lambda column: column.get("primaryKeyPosition", -1))
    for column in _properties(one):
        for rule in column.get("quality") or ():
            _quality(rule, table, column["name"])
    declare_primary_key(table, [column["name"] for column in keys])
    unique_key(table)
    return table


def _type(column: dict[str, Any]) -> pa.DataType | None:
    """The logical type; of numbers and dates the physical one says whether they are whole or have a time of day."""
    logical, physical = column.get("logicalType"), column.get("physicalType")
    precise = declared_type(physical) if physical else None
    if logical is None:
        return precise if physical else pa.string()
    whole_or_time = pa.int64() if logical == "number" else pa.timestamp("us") if logical == "date" else None
    return precise if precise is not None and precise == whole_or_time else declared_type(logical)


def _quality(rule: dict[str, Any], table: SourceTable, column: str) -> None:
    """A rule that no cell may break, or that lists the values of a column."""
    metric = rule.get("metric") or rule.get("rule")
    never = rule.get("mustBe") == 0 or not any(key.startswith("mustBe") for key in rule)
    values = (rule.get("arguments") or {}).get("validValues") or rule.get("validValues")
    if metric in _NULLS and never:
        declare(table, column, nullable=False)
    elif metric in _DUPLICATES and never:
        declare(table, column, unique=True)
    elif values:
        declare(table, column, allowed=allowed_values(values))


def _end(written: Any, labels: dict[str, str]) -> tuple[str, str] | None:
    """The table and the column of `table.column` or `/schema/TABLE_ID/properties/COLUMN_ID`; None for several columns,
    nested ones and those of other contracts.
    """
    several = written if isinstance(written, list) else [written]
    if len(several) != 1 or not isinstance(several[0], str):
        return None
    text = several[0].lstrip("#/")
    parts = text.removeprefix("schema/").replace("/properties/", "/").split("/") if "/" in text else text.split(".")
    return (labels.get(parts[0], parts[0]), labels.get(parts[1], parts[1])) if len(parts) == 2 else None


def _relate(
    source: tuple[str, str] | None, target: tuple[str, str] | None, tables: dict[str, SourceTable], notes: list[str]
) -> None:
    if source is None or source[0] not in tables or target is None:
        place = ".".join(source or target or ())
        notes.append(f"{place}: a relationship of several columns, or to another contract, is left out")
        return
    declare_foreign_key(tables[source[0]], source[1], tables.get(target[0]), target[1], notes)
