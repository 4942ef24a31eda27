"""SQL that creates the tables, with primary and foreign keys, referenced tables first."""

from __future__ import annotations

from collections.abc import Iterator

from datagen.analysis.foreign_keys import ForeignKey
from datagen.interop.export import sql
from datagen.interop.table_schema import ColumnSchema, DescribedSchema, DescribedTable

_CHECKING = ("postgres", "duckdb", "mysql")
"""Dialects with CHECK constraints. The others have only keys, and do not enforce them."""


def ddl(schema: DescribedSchema, dialect: str) -> str:
    """One CREATE TABLE for each table, then the foreign keys of tables that refer to each other.

    A foreign key to a table outside the schema stays; a comment says that the table must exist.
    """
    made: set[str] = set()
    there = {table.name for table in schema.tables}
    cycles = {} if dialect == "duckdb" else schema.cycles()
    parts, later = [], []
    for table in schema.parents_first():
        made.add(table.name)
        outside = [one for one in table.enforced if one.table not in there]
        inside = [one for one in table.enforced if one.table in there]
        after = [one for one in inside if one.table not in made or one.table in cycles.get(table.name, ())]
        later += [(table.name, one) for one in after]
        parts.append(_needed(outside) + _create(table, [one for one in table.enforced if one not in after], dialect))
    if later:
        parts.append("\n".join([_CIRCULAR[dialect], *(_alter(name, one, dialect) for name, one in later)]))
    return "\n\n".join(parts) + "\n"


_CIRCULAR = {
    "postgres": "-- tables that refer to each other: load them in one transaction",
    "duckdb": (
        "-- tables that refer to each other: DuckDB cannot add a foreign key to an existing table, so these "
        "are left out"
    ),
    "mysql": "-- tables that refer to each other: load them under SET foreign_key_checks = 0",
    "snowflake": "-- tables that refer to each other",
    "bigquery": "-- tables that refer to each other",
}


def _needed(references: list[ForeignKey]) -> str:
    """A comment on the tables that must exist."""
    tables = ", ".join(dict.fromkeys(one.table for one in references))
    return f"-- refers to tables that are not created here: {tables}\n" if tables else ""


def _create(table: DescribedTable, references: list[ForeignKey], dialect: str) -> str:
    keyed = {*table.key, *(c.name for c in table.columns if c.unique)}
    lines = [_column(column, dialect, short=column.name in keyed) for column in table.columns]
    lines += _keys(table, dialect)
    lines += [_foreign(reference, dialect) for reference in references]
    if dialect in _CHECKING:
        lines += [f"CHECK ({text})" for column in table.columns for text in _checks(column, dialect)]
        lines += [f"CHECK ({sql.condition(text, dialect)})" for text in table.conditions]
    return f"CREATE TABLE {sql.name(table.name, dialect)} (\n" + ",\n".join(f"    {line}" for line in lines) + "\n);"


def _column(column: ColumnSchema, dialect: str, *, short: bool) -> str:
    type_ = sql.type_name(column.type, dialect, short=short, precision=column.precision)
    return f"{sql.name(column.name, dialect)} {type_}{'' if column.nullable else ' NOT NULL'}"


def _keys(table: DescribedTable, dialect: str) -> Iterator[str]:
    unenforced = " NOT ENFORCED" if dialect == "bigquery" else ""
    if table.key:
        yield f"PRIMARY KEY ({sql.names(table.key, dialect)}){unenforced}"
    if dialect != "bigquery":
        for column in table.columns:
            if column.unique and table.key != (column.name,):
                yield f"UNIQUE ({sql.name(column.name, dialect)})"


def _foreign(reference: ForeignKey, dialect: str) -> str:
    unenforced = " NOT ENFORCED" if dialect == "bigquery" else ""
    target = f"{sql.name(reference.table, dialect)} ({sql.names(reference.keys, dialect)})"
    return f"FOREIGN KEY ({sql.names(reference.columns, dialect)}) REFERENCES {target}{unenforced}"


def _alter(table: str, reference: ForeignKey, dialect: str) -> str:
    """A foreign key between tables that refer to each other, added when both exist and checked at the end of a
    transaction.
    """
    deferred = " DEFERRABLE INITIALLY DEFERRED" if dialect == "postgres" else ""
    statement = f"ALTER TABLE {sql.name(table, dialect)} ADD {_foreign(reference, dialect)}{deferred};"
    return f"-- {statement}" if dialect == "duckdb" else statement


def _checks(column: ColumnSchema, dialect: str) -> Iterator[str]:
    name = sql.name(column.name, dialect)
    if column.values:
        yield f"{name} IN ({', '.join(sql.literal(value, dialect) for value in column.values)})"
    if column.type.name in ("int", "float", "decimal"):
        if column.low is not None:
            yield f"{name} >= {_number(column.low, column)}"
        if column.high is not None:
            yield f"{name} <= {_number(column.high, column)}"


def _number(bound: float, column: ColumnSchema) -> str:
    """A bound rounded like the cells."""
    return repr(float(bound)) if column.type.name == "float" else f"{bound:.{column.type.scale}f}"
