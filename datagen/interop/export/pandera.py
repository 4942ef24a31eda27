"""Exports Python code with a pandera model per table. Names are checked and values escaped by `ascii`."""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterator

from datagen.columnar.block import Type
from datagen.errors import PlanError
from datagen.interop.table_schema import ColumnSchema, DescribedSchema, DescribedTable
from datagen.time_units import DAY, format_instant

_TYPES = {
    "int": "pd.Int64Dtype", "float": "float", "decimal": "float", "bool": "pd.BooleanDtype", "text": "str",
    "category": "str", "timestamp": "pa.DateTime", "date": "pa.DateTime", "duration": "pa.Timedelta",
    "struct": "object", "list": "object", "map": "object",
}  # fmt: skip
_TAKEN = frozenset(("Config", "pa", "pd", "str", "float"))
"""Names that the class body uses."""

_HEAD = '''"""Models of the tables of {name}, to validate pandas frames with: `check({{"orders": frame}})`."""

import pandas as pd
import pandera.pandas as pa

'''

_TAIL = '''

def check(frames):
    """Validate frames by table name; every column is brought to its type. Raises pandera's SchemaErrors, or ValueError
    for a key that refers to no row."""
    checked = {name: MODELS[name].validate(frame, lazy=True) for name, frame in frames.items()}
    for table, column, other, key in REFERENCES:
        if table in checked and other in checked:
            held = checked[table][column].dropna()
            missing = held[~held.isin(checked[other][key])]
            if len(missing):
                message = f"{table}.{column}: {len(missing)} values are no {other}.{key}, such as {missing.iloc[0]}"
                raise ValueError(message)
    return checked
'''


def pandera(schema: DescribedSchema) -> str:
    """A module: one model for each table, MODELS by name, REFERENCES between them, and `check`."""
    classes: dict[str, str] = {}
    for table in schema.tables:
        classes[table.name] = _class_name(table.name, set(classes.values()))
    parts = [_HEAD.format(name=_identifier(schema.name))]
    parts += ["\n" + "\n".join(_model(table, classes[table.name])) + "\n" for table in schema.tables]
    parts.append("\n\nMODELS = {\n" + "".join(f"    {t!a}: {c},\n" for t, c in classes.items()) + "}\n")
    references = [
        ascii((t.name, *key.columns, key.table, *key.keys))
        for t in schema.tables
        for key in t.references
        if len(key.columns) == 1
    ]
    parts.append("REFERENCES = [\n" + "".join(f"    {one},\n" for one in references) + "]\n")
    return "".join(parts) + _TAIL


def _class_name(table: str, taken: set[str]) -> str:
    made = "".join(part[:1].upper() + part[1:] for part in _identifier(table).split("_")) + "Model"
    while made in taken:
        made += "_"
    return made


def _model(table: DescribedTable, name: str) -> Iterator[str]:
    yield f"\nclass {name}(pa.DataFrameModel):"
    if table.description:
        yield f"    __doc__ = {table.description!a}\n"
    taken: set[str] = set()
    for column in table.columns:
        attribute = _attribute(column.name, taken)
        taken.add(attribute)
        yield f"    {attribute}: {_TYPES[column.type.name]} = pa.Field({', '.join(_arguments(column, table))})"
    yield "\n    class Config:"
    yield "        strict = True"
    yield "        coerce = True"
    if len(table.key) > 1:
        yield f"        unique = {list(table.key)!a}"


def _attribute(name: str, taken: set[str]) -> str:
    """A name for the class body. Keywords and names of pandera are changed; the column's name is the alias."""
    made = re.sub(r"[^A-Za-z0-9]+", "_", name).strip("_")
    if not made or not made[0].isalpha():
        made = f"column_{made}".rstrip("_")
    if keyword.iskeyword(made) or keyword.issoftkeyword(made) or made in _TAKEN or made in _of_pandera():
        made = f"column_{made}"
    while made in taken:
        made += "_"
    return made


def _of_pandera() -> frozenset[str]:
    """Methods of a model that a column would hide."""
    return frozenset(
        [
            "build_schema_",
            "empty",
            "example",
            "get_metadata",
            "pydantic_validate",
            "strategy",
            "to_schema",
            "to_json_schema",
            "to_yaml",
            "to_json",
            "validate",
            "from_json",
            "from_yaml",
            "to_ibis_schema",
            "to_pyarrow_schema",
        ]
    )


def _arguments(column: ColumnSchema, table: DescribedTable) -> Iterator[str]:
    yield f"alias={column.name!a}"
    yield f"nullable={column.nullable}"
    if column.unique or table.key == (column.name,):
        yield "unique=True"
    if column.values:
        yield f"isin={list(column.values)!a}"
    if column.pattern:
        yield f"str_matches={column.pattern!a}"
    for name, bound in (("ge", column.low), ("le", column.high)):
        if bound is not None:
            yield f"{name}={_bound(bound, column.type)}"
    if column.description:
        yield f"description={column.description!a}"


def _bound(bound: float, type_: Type) -> str:
    if type_.name in ("timestamp", "date"):
        return f"pd.Timestamp({format_instant(round(bound * (DAY if type_.name == 'date' else 1)))!a})"
    if type_.name == "duration":
        return f"pd.Timedelta({round(bound)}, 'us')"
    return repr(float(bound)) if type_.name == "float" else repr(round(bound, type_.scale or None))


def _identifier(name: str) -> str:
    """A valid identifier. Raises PlanError for any other name; names of documents are checked before."""
    if not (name.isidentifier() and name.isascii()):
        raise PlanError(f"'{name[:80]}' is not a Python identifier; names are letters, digits and underscores")
    return name
