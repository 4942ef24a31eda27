"""An entity-relation diagram in Mermaid."""

from __future__ import annotations

from collections.abc import Iterator

from datagen.interop.table_schema import ColumnSchema, DescribedSchema, DescribedTable


def mermaid(schema: DescribedSchema) -> str:
    """Tables with their columns and keys, and a line for each foreign key."""
    there = {table.name for table in schema.tables}
    lines = ["erDiagram"]
    for table in schema.tables:
        lines += _entity(table)
    for table in schema.tables:
        nullable = {column.name: column.nullable for column in table.columns}
        for key in table.references:
            column, other = ", ".join(key.columns), key.table
            if other not in there:
                lines.append(f"    %% left out: {table.name}.{column} holds keys of {other}")
            else:
                one = "|o" if any(nullable[name] for name in key.columns) else "||"
                lines.append(f'    "{other}" {one}--o{{ "{table.name}" : "{column}"')
    return "\n".join(lines) + "\n"


def _entity(table: DescribedTable) -> Iterator[str]:
    yield f'    "{table.name}" {{'
    for column in table.columns:
        name = _attribute(column.name)
        yield f"        {column.type.name} {name}{_keys(column, table)}{_comment(column, name)}"
    yield "    }"


def _keys(column: ColumnSchema, table: DescribedTable) -> str:
    marks = [
        ("PK", column.name in table.key),
        ("FK", any(column.name in key.columns for key in table.references)),
        ("UK", column.unique and not table.key),
    ]
    shown = [mark for mark, holds in marks if holds]
    return f" {', '.join(shown)}" if shown else ""


def _attribute(name: str) -> str:
    """The name in Mermaid's syntax: without spaces, and not beginning with a digit."""
    made = name.replace(" ", "_")
    return f"_{made}" if made[:1].isnumeric() else made


def _comment(column: ColumnSchema, shown: str) -> str:
    """The original name, if changed, and a description, on one line, without characters that would end it."""
    comment = ": ".join(part for part in (column.name if shown != column.name else "", column.description) if part)
    text = "".join(c if c.isprintable() and c not in '"%;#' else " " for c in comment).strip()
    return f' "{text[:120]}"' if text else ""
