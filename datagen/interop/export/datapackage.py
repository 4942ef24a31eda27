"""A Data Package (version 2): the tables as resources with their schemas, keys and foreign keys."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from datagen.interop.table_schema import ColumnSchema, DescribedSchema, DescribedTable
from datagen.runtime.storage.texts import json_lines
from datagen.time_units import DAY, format_instant

PROFILE = "https://datapackage.org/profiles/2.0/{}.json"
_TYPES = {
    "int": "integer", "float": "number", "decimal": "number", "bool": "boolean", "text": "string", "category": "string",
    "timestamp": "datetime", "date": "date", "duration": "duration",
    "struct": "object", "map": "object", "list": "array",
}  # fmt: skip
Files = Callable[[str], Mapping[str, Any]]
"""From a table to facts about its files: path, format, bytes ..."""


def datapackage(schema: DescribedSchema) -> str:
    """The JSON of a package whose files are not written yet."""
    return "".join(package(schema, lambda table: {"path": f"{table}/part-00000.parquet", "format": "parquet"}))


def package(schema: DescribedSchema, files: Files, **more: Any) -> Iterator[str]:
    """The JSON of a package of these files, in pieces."""
    there = {table.name for table in schema.tables}
    resources = [_resource(table, files(table.name), there) for table in schema.tables]
    head = {"$schema": PROFILE.format("datapackage"), "name": schema.name.lower()}
    described = {"description": schema.description} if schema.description else {}
    return json_lines({**head, **described, **more, "resources": resources})


def _resource(table: DescribedTable, files: Mapping[str, Any], there: set[str]) -> dict[str, Any]:
    described = {"description": table.description} if table.description else {}
    head = {"$schema": PROFILE.format("dataresource"), "name": table.name.lower(), "type": "table"}
    return {**head, **described, **files, "schema": _schema(table, there, native=files["format"] == "parquet")}


def _schema(table: DescribedTable, there: set[str], *, native: bool) -> dict[str, Any]:
    made: dict[str, Any] = {
        "$schema": PROFILE.format("tableschema"),
        "fields": [_field(column, there | {table.name}, native=native) for column in table.columns],
        "missingValues": [""],
    }
    if table.key:
        made["primaryKey"] = list(table.key)
    foreign = [
        {
            "fields": list(key.columns),
            "reference": {"resource": "" if key.table == table.name else key.table.lower(), "fields": list(key.keys)},
        }
        for key in table.references
        if key.table in there
    ]
    return {**made, "foreignKeys": foreign} if foreign else made


def _field(column: ColumnSchema, there: set[str], *, native: bool) -> dict[str, Any]:
    """One column. If the files are not typed (not `native`), durations are whole microseconds."""
    made: dict[str, Any] = {"name": column.name, "type": _TYPES[column.type.name]}
    description = column.description
    if (
        column.refers is not None and column.refers[0] not in there
    ):  # no foreign key: the other table is not in the package
        description = "; ".join(filter(None, [description, f"holds keys of {column.refers[0]}.{column.refers[1]}"]))
    if column.type.name == "duration" and not native:
        made["type"] = "integer"
        description = f"{description} (microseconds)" if description else "microseconds"
    if description:
        made["description"] = description
    constraints = _constraints(column, native=native)
    return {**made, "constraints": constraints} if constraints else made


def _constraints(column: ColumnSchema, *, native: bool) -> dict[str, Any]:
    """The constraints of every cell, as in Table Schema."""
    made: dict[str, Any] = {} if column.nullable else {"required": True}
    if column.unique:
        made["unique"] = True
    if column.values:
        made["enum"] = list(column.values)
    if column.pattern:
        made["pattern"] = column.pattern.removeprefix("^").removesuffix("$")
    bounded = column.type.name != "duration" or not native  # Table Schema has no bounds of durations
    for key, bound in (("minimum", column.low), ("maximum", column.high)):
        if bound is not None and bounded:
            made[key] = _bound(bound, column)
    return made


def _bound(bound: float, column: ColumnSchema) -> Any:
    if column.type.name == "date":
        return format_instant(round(bound * DAY))
    if column.type.name == "timestamp":
        text = format_instant(round(bound))
        return text if "T" in text else f"{text}T00:00:00"
    return bound if column.type.name == "float" else round(bound, column.type.scale or None)
