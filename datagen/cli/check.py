"""`datagen check`: lists every problem of a schema."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import typer

from datagen.cli.options import AsJson, SchemaPath
from datagen.errors import Problem, SchemaError

if TYPE_CHECKING:
    from datagen.schema.reading.read import Schema


def check(schema: SchemaPath, as_json: AsJson = False) -> None:
    """Print every problem of a schema. Writes no files."""
    from datagen.engine.dry_run import check as problems_of  # start-up: numpy, Arrow and every kind
    from datagen.schema.reading.read import read_tolerant

    try:
        document = read_tolerant(schema)
        problems = problems_of(document)
        summary = "" if problems else _summary(document)
    except SchemaError as error:
        problems, summary = error.problems, ""
    if as_json:
        _print_json("-" if "\n" in schema else schema, problems)
    if problems:
        raise typer.Exit(SchemaError.exit_code) if as_json else SchemaError(problems)
    if not as_json:
        print(summary)


def _summary(schema: Schema) -> str:
    tables = schema.document.tables
    columns = sum(len(table.columns) for table in tables.values())
    return f"{schema.source} is valid: {_count(len(tables), 'table')}, {_count(columns, 'column')}"


def _print_json(source: str, problems: tuple[Problem, ...]) -> None:
    import json

    listed = [{**asdict(problem), "place": problem.place} for problem in problems]
    print(json.dumps({"schema": source, "problems": listed}, indent=2))


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}{'' if number == 1 else 's'}"
