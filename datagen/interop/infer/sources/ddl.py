"""Tables of SQL DDL: CREATE TABLE statements of any dialect that sqlglot reads. There are types and
keys, and no rows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa

from datagen.errors import DataError
from datagen.interop.infer.source_table import SourceColumn, SourceKey, SourceTable

if TYPE_CHECKING:
    from sqlglot import exp

_KINDS = (
    ("BOOL BIT", pa.bool_()),
    ("INT SERIAL LONG YEAR", pa.int64()),
    ("DEC NUM FLOAT DOUBLE REAL MONEY", pa.float64()),
    ("TIMESTAMP DATETIME", pa.timestamp("us")),
    ("DATE", pa.date32()),
    ("CHAR TEXT STRING UUID ENUM NAME CLOB", pa.string()),
)


def read_ddl(text: str, dialect: str | None = None) -> list[SourceTable]:
    """The tables of CREATE TABLE statements, and of ALTER TABLE ... ADD FOREIGN KEY. Raises DataError."""
    import sqlglot  # start-up
    from sqlglot import exp
    from sqlglot.errors import SqlglotError

    try:
        statements = [one for one in sqlglot.parse(text, dialect=dialect or "postgres") if one is not None]
    except SqlglotError as error:
        raise DataError(f"cannot read the DDL: {' '.join(str(error).split())[:200]}") from None
    tables: dict[str, SourceTable] = {}
    for statement in statements:
        if isinstance(statement, exp.Create) and isinstance(statement.this, exp.Schema):
            table = _table(statement.this)
            tables[table.name] = table
        elif isinstance(statement, exp.Alter) and statement.this.name in tables:
            _keys(statement, tables[statement.this.name])
    if not tables:
        raise DataError("there is no CREATE TABLE statement in the DDL")
    for table in tables.values():
        _settle(table, tables)
    return list(tables.values())


def _table(schema: exp.Schema) -> SourceTable:
    from sqlglot import exp

    columns, keys = {}, []
    made = SourceTable(schema.this.name, {}, None)
    for column in schema.expressions:
        if not isinstance(column, exp.ColumnDef):
            continue
        kinds = [constraint.kind for constraint in column.constraints]
        is_key = any(isinstance(kind, exp.PrimaryKeyColumnConstraint) for kind in kinds)
        keys += [column.name] * is_key
        required = is_key or any(
            isinstance(kind, exp.NotNullColumnConstraint) and not kind.args.get("allow_null") for kind in kinds
        )
        columns[column.name] = SourceColumn(column.name, _type(column), None, not required, _allowed(column))
        for kind in kinds:
            if isinstance(kind, exp.Reference):
                made.foreign_keys.append(_reference(column.name, kind))
    made.columns, made.primary_key = columns, tuple(keys)
    _keys(schema, made)
    return made


def _keys(statement: exp.Expression, table: SourceTable) -> None:
    """Keys that are declared beside the columns."""
    from sqlglot import exp

    for primary in statement.find_all(exp.PrimaryKey):
        table.primary_key = tuple(one.name for one in primary.expressions)
    for key in statement.find_all(exp.ForeignKey):
        names = [one.name for one in key.expressions]
        reference = key.args.get("reference")
        if len(names) == 1 and reference is not None:
            table.foreign_keys.append(_reference(names[0], reference))


def _reference(column: str, reference: Any) -> SourceKey:
    target = reference.this
    keys = [one.name for one in target.expressions] if target.expressions else []
    table = target.this.name if keys else target.name
    return SourceKey(column, table, keys[0] if keys else "")


def _settle(table: SourceTable, tables: dict[str, SourceTable]) -> None:
    """Foreign keys that name no column point to the primary key; those to tables elsewhere are left out."""
    known = [one for one in table.foreign_keys if one.table in tables]
    table.foreign_keys = [
        SourceKey(one.column, one.table, one.key or next(iter(tables[one.table].primary_key), "")) for one in known
    ]


def _type(column: exp.ColumnDef) -> pa.DataType:
    return type_named(column.kind.sql() if column.kind is not None else "TEXT")


def type_named(name: str) -> pa.DataType:
    """The type that the name of a type of any database stands for; texts where it is unknown."""
    upper = name.upper()
    return next((kind for words, kind in _KINDS if any(word in upper for word in words.split())), pa.string())


def _allowed(column: exp.ColumnDef) -> tuple[str, ...]:
    """The values of CHECK (x IN (...)) or of an ENUM."""
    from sqlglot import exp

    listed = column.find(exp.In)
    values = listed.expressions if listed is not None else []
    if column.kind is not None and column.kind.this == exp.DataType.Type.ENUM:
        values = column.kind.expressions
    return tuple(str(one.this) for one in values if isinstance(one, exp.Literal))
