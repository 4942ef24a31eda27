"""A `schema.yml` of dbt: every table as a model with its tests."""

from __future__ import annotations

import re
from io import StringIO
from typing import Any

from datagen.interop.export import sql
from datagen.interop.table_schema import ColumnSchema, DescribedSchema, DescribedTable

_JINJA = re.compile(r"\{[{%#]")


def dbt(schema: DescribedSchema, dialect: str) -> str:
    """The YAML. Tests of conditions, of ranges and of composite keys use the package dbt_utils."""
    from ruamel.yaml import YAML  # start-up

    writer = YAML()
    writer.default_flow_style = False
    writer.width = 120
    text = StringIO()
    writer.dump({"version": 2, "models": [_model(table, dialect) for table in schema.tables]}, text)
    return text.getvalue()


def _model(table: DescribedTable, dialect: str) -> dict[str, Any]:
    tests: list[Any] = []
    if len(table.key) > 1:
        key = [sql.quoted_if_needed(name, dialect) for name in table.key]
        tests.append({"dbt_utils.unique_combination_of_columns": {"combination_of_columns": key}})
    quoted = any(sql.needs_quotes(column.name) for column in table.columns)
    conditions = [_plain(sql.condition(text, dialect, quoted=quoted)) for text in table.conditions]
    tests += [{"dbt_utils.expression_is_true": {"expression": text}} for text in conditions]
    model: dict[str, Any] = {"name": table.name, "description": _plain(table.description)}
    model |= {"data_tests": tests} if tests else {}
    return {**model, "columns": [_column(column, table, dialect) for column in table.columns]}


def _column(column: ColumnSchema, table: DescribedTable, dialect: str) -> dict[str, Any]:
    tests: list[Any] = []
    if not column.nullable:
        tests.append("not_null")
    if column.unique or table.key == (column.name,):
        tests.append("unique")
    if column.values:
        tests.append({"accepted_values": _accepted(column, dialect)})
    if column.refers is not None:
        to, key = column.refers
        tests.append({"relationships": {"to": f"ref('{to}')", "field": sql.quoted_if_needed(key, dialect)}})
    if column.type.numeric and (column.low is not None or column.high is not None):
        bounds = {"min_value": column.low, "max_value": column.high}
        tests.append({"dbt_utils.accepted_range": {k: _bound(v, column) for k, v in bounds.items() if v is not None}})
    made: dict[str, Any] = {"name": column.name, "description": _plain(column.description)}
    made["data_type"] = sql.type_name(column.type, dialect)
    if sql.needs_quotes(column.name):
        made["quote"] = True
    return {**made, "data_tests": tests} if tests else made


def _accepted(column: ColumnSchema, dialect: str) -> dict[str, Any]:
    """dbt puts texts between single quotes without escaping, so they are escaped here; other values are not quoted."""
    values = [_plain(sql.escaped(v, dialect)) if isinstance(v, str) else v for v in column.values]
    return {"values": values} if column.type.textual else {"values": values, "quote": False}


def _bound(bound: float, column: ColumnSchema) -> float | int:
    return (
        bound if column.type.name == "float" else round(bound, column.type.scale) if column.type.scale else round(bound)
    )


def _plain(text: str) -> str:
    """Text without dbt's templates, which it renders in every value."""
    return _JINJA.sub(lambda match: "{{ '" + match[0] + "' }}", text)
