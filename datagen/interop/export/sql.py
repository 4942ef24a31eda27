"""Escapes names, texts, types and conditions for SQL dialects. All text of a document passes through this file."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from datagen.columnar.block import Type
from datagen.expressions.frontend.parse import to_sql
from datagen.interop.table_schema import Value
from datagen.names import is_plain

DIALECTS = ("postgres", "duckdb", "snowflake", "bigquery", "mysql")

_TYPES = {
    "postgres": ("BIGINT", "DOUBLE PRECISION", "BOOLEAN", "TEXT", "TIMESTAMP", "NUMERIC(18, {})"),
    "duckdb": ("BIGINT", "DOUBLE", "BOOLEAN", "VARCHAR", "TIMESTAMP", "DECIMAL(18, {})"),
    "snowflake": ("NUMBER(19, 0)", "FLOAT", "BOOLEAN", "VARCHAR", "TIMESTAMP_NTZ", "NUMBER(18, {})"),
    "bigquery": ("INT64", "FLOAT64", "BOOL", "STRING", "DATETIME", "NUMERIC(18, {})"),
    "mysql": ("BIGINT", "DOUBLE", "BOOLEAN", "LONGTEXT", "DATETIME(6)", "DECIMAL(18, {})"),
}
_ZONED = {
    "postgres": "TIMESTAMPTZ",
    "duckdb": "TIMESTAMPTZ",
    "snowflake": "TIMESTAMP_TZ",
    "bigquery": "TIMESTAMP",
    "mysql": "TIMESTAMP(6)",
}
"""Timestamps with a time zone."""
_PLACE = {"int": 0, "duration": 0, "float": 1, "bool": 2, "text": 3, "category": 3, "timestamp": 4, "decimal": 5}
_BACKSLASHES = ("snowflake", "bigquery", "mysql")
"""Dialects in which a backslash in a text is an escape."""


def name(text: str, dialect: str) -> str:
    """A name in quotes."""
    mark = "`" if dialect in ("bigquery", "mysql") else '"'
    return f"{mark}{text.replace(mark, mark * 2)}{mark}"


@cache
def kept_words() -> frozenset[str]:
    """The reserved words of all dialects: a name among these needs quotes."""
    from sqlglot.dialects import BigQuery, DuckDB, MySQL  # start-up

    return frozenset(word.lower() for one in (BigQuery, DuckDB, MySQL) for word in one.Generator.RESERVED_KEYWORDS)


def needs_quotes(text: str) -> bool:
    """Whether some dialect accepts the name only in quotes."""
    return not is_plain(text) or text.lower() in kept_words()


def quoted_if_needed(text: str, dialect: str) -> str:
    """The name, in quotes only if it needs them."""
    return name(text, dialect) if needs_quotes(text) else text


def names(given: Iterable[str], dialect: str) -> str:
    """The names in quotes, separated by commas."""
    return ", ".join(name(one, dialect) for one in given)


def escaped(text: str, dialect: str) -> str:
    """The inside of a text in single quotes."""
    if dialect in _BACKSLASHES:
        text = text.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r").replace("\0", "\\0")
    return text.replace("'", "\\'" if dialect == "bigquery" else "''")


def literal(value: Value, dialect: str) -> str:
    """The literal of a text, a number or a boolean."""
    if isinstance(value, bool):
        return str(value).upper()
    return str(value) if isinstance(value, int) else f"'{escaped(value, dialect)}'"


def type_name(type_: Type, dialect: str, *, short: bool = False, precision: int | None = None) -> str:
    """The type of a column; `short` texts can be keys. Durations are whole microseconds. Exact decimals have a
    `precision`.
    """
    if type_.nested:
        return _nested(type_, dialect)
    if type_.zone:
        return _ZONED[dialect]
    if type_.name == "date":
        return "DATE"
    if short and type_.textual and dialect == "mysql":
        return "VARCHAR(255)"
    if precision is not None:
        return _TYPES[dialect][_PLACE["decimal"]].replace("18", str(precision)).format(type_.scale)
    return _TYPES[dialect][_PLACE[type_.name]].format(type_.scale)


def _nested(type_: Type, dialect: str) -> str:
    """The type of structs, lists and maps: that of the dialect (PostgreSQL has lists of scalars), or JSON."""
    if dialect not in ("duckdb", "bigquery") or (dialect == "bigquery" and "map<" in str(type_)):
        item = type_.parts[0][1]
        if dialect == "postgres" and type_.name == "list" and not item.nested:
            return f"{type_name(item, dialect)}[]"
        return {"postgres": "JSONB", "snowflake": "VARIANT"}.get(dialect, "JSON")
    parts = [(part, type_name(kind, dialect)) for part, kind, _ in type_.parts]
    if type_.name == "struct":
        fields = ", ".join(f"{name(part, dialect)} {kind}" for part, kind in parts)
        return f"STRUCT({fields})" if dialect == "duckdb" else f"STRUCT<{fields}>"
    if type_.name == "map":
        return f"MAP({parts[0][1]}, {parts[1][1]})"
    return f"{parts[0][1]}[]" if dialect == "duckdb" else f"ARRAY<{parts[0][1]}>"


def condition(text: str, dialect: str, *, quoted: bool = True) -> str:
    """A checked expression of the document in a dialect: parsed and written again, never copied."""
    return to_sql(text, dialect, quoted=quoted)
