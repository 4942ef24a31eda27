"""`datagen check`: lists every problem of a schema."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import typer

from datagen.cli.options import AsJson, SchemaPath
from datagen.errors import Note, Problem, SchemaError

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
        document, problems, summary = None, error.problems, ""
    if as_json:
        found = () if problems or document is None else _notes(document)
        _print_json("-" if "\n" in schema else schema, problems, found)
    if problems:
        raise typer.Exit(SchemaError.exit_code) if as_json else SchemaError(problems)
    if not as_json:
        print(summary)


def _summary(schema: Schema) -> str:
    tables = schema.document.tables
    columns = sum(len(table.columns) for table in tables.values())
    valid = f"{schema.source} is valid: {_count(len(tables), 'table')}, {_count(columns, 'column')}"
    return "\n".join([valid, *(f"note: {note}" for note in _notes(schema))])


def _notes(schema: Schema) -> tuple[Note, ...]:
    """The notes on a valid schema."""
    from datagen.analysis.notes import notes  # start-up: every kind
    from datagen.analysis.semantic_model import SemanticModel

    return tuple(notes(SemanticModel(schema)))


def _print_json(source: str, problems: tuple[Problem, ...], notes: tuple[Note, ...]) -> None:
    import json

    listed = [{**asdict(problem), "place": problem.place} for problem in problems]
    noted = [{**asdict(note), "place": note.place} for note in notes]
    print(json.dumps({"schema": source, "problems": listed, "notes": noted}, indent=2))


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}{'' if number == 1 else 's'}"
