"""Infers a schema from a source: reads tables, finds keys, builds a document, takes back what does not hold."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Unpack

from datagen.engine.dry_run import check
from datagen.errors import DataError, Problem
from datagen.interop.infer.columns import Privacy, by_type
from datagen.interop.infer.commented_yaml import Place, written
from datagen.interop.infer.document import DDL_ROWS, Builder
from datagen.interop.infer.kept_values import kept_of
from datagen.interop.infer.keys import find_keys
from datagen.interop.infer.plain_names import plain, plain_names
from datagen.interop.infer.relations import without_cycles
from datagen.interop.infer.source_table import SourceTable
from datagen.interop.infer.sources.databases import read_database
from datagen.interop.infer.sources.dbt import is_manifest, read_manifest
from datagen.interop.infer.sources.ddl import read_ddl
from datagen.interop.infer.sources.declared import read_document
from datagen.interop.infer.sources.files import read_files
from datagen.interop.infer.sources.frames import is_frame, read_frames
from datagen.interop.infer.sources.odcs import is_contract, read_contract
from datagen.locations import without_password
from datagen.options import ClusterOptions, checked_options

MOST_ROWS = 1_000_000
_ROUNDS = 8
_Limits = tuple[int, Mapping[str, Any]]
"""The rows of a table that are held, and where the others are read."""


@dataclass(frozen=True, slots=True)
class Inferred:
    """An inferred document.

    `notes` list what was left out and why. `problems` are those that `check` still finds, normally none. `kept` lists
    the values of the source that are in the document. `comments` maps places to where their numbers come from.
    """

    document: dict[str, Any]
    notes: tuple[str, ...]
    problems: tuple[Problem, ...]
    kept: tuple[str, ...] = ()
    comments: Mapping[Place, str] = field(default_factory=dict)

    def to_yaml(self) -> str:
        """The document as YAML with its comments."""
        return written(self.document, self.comments)


def infer(
    source: Any, name: str | None = None, k: int = 20, most_rows: int = MOST_ROWS, **place: Unpack[ClusterOptions]
) -> Inferred:
    """Infer a schema from a folder, a CSV, Parquet, SQL or database file, the URL of a database, the manifest of dbt, a
    data contract, or DataFrames.

    DataFrames are of pandas or Dask: a mapping of the names of tables to them, or a single one, whose table has the
    `name` of the document. `k` is the number of rows or entities that must share a value before it is kept. Of each
    table about `most_rows` rows are held; a larger table is sampled. Raises DataError if the source cannot be read.
    """
    notes: list[str] = []
    tables = plain_names(_tables(source, name, (most_rows, checked_options(place, ClusterOptions)), notes), notes)
    find_keys(tables)
    notes += [
        f"{one.name}: {one.read:,} of {one.rows:,} rows are a sample; rows, keys, categories, nulls and days are "
        "those of all"
        for one in tables
        if one.is_sample
    ]
    if any(table.rows is None for table in tables):
        notes.append(
            f"the source has no numbers of rows: {DDL_ROWS:,} per table, or 3 per row of its parent, by default"
        )
    named = {table.name: table for table in tables}
    without_cycles(named, notes)
    builder = Builder(named, Privacy(k), notes)
    document = builder.build(name or (_name(str(source)) if isinstance(source, str | Path) else "inferred"))
    problems = _without_contradictions(document, named, notes)
    return Inferred(document, tuple(notes), problems, tuple(kept_of(document, k)), builder.comments)


def _tables(source: Any, name: str | None, limits: _Limits, notes: list[str]) -> list[SourceTable]:
    if isinstance(source, str | Path):
        tables, place = _read(str(source), limits, notes), f"'{without_password(str(source))[:120]}'"
    elif is_frame(source) or isinstance(source, Mapping):
        frames = {name or "data": source} if is_frame(source) else source
        tables, place = read_frames(frames, *limits), "the DataFrames"
    else:
        raise DataError(f"a source is a path, a URL, a DataFrame or a mapping of names to them, not {type(source)}")
    notes += [f"{table.name}.{note}" for table in tables for note in table.notes]
    notes += [
        f"{table.name}: has no {'values' if table.columns else 'columns'}, and is left out"
        for table in tables
        if not table.has_values
    ]
    found = [table for table in tables if table.has_values]
    if not found:
        raise DataError(f"there are no tables{' with a value' if tables else ''} in {place}")
    return found


def _read(source: str, limits: _Limits, notes: list[str]) -> list[SourceTable]:
    most, place = limits
    path = Path(source)
    suffix = path.suffix.lower()
    if re.match(r"[a-z][a-z0-9+]+:", source) and not path.exists():
        tables = read_database(source, most, notes)
    elif suffix in (".sqlite", ".sqlite3", ".db"):
        tables = read_database(f"sqlite:///{path}", most, notes) if path.is_file() else []
    elif suffix in (".duckdb", ".ddb"):
        tables = read_database(f"duckdb:{path}", most, notes)
    elif suffix == ".sql":
        tables = read_ddl(_text(path))
    elif suffix in (".json", ".yaml", ".yml"):
        tables = _described(path, notes)
    else:
        tables = read_files(path, most, place)
    return tables


def _described(path: Path, notes: list[str]) -> list[SourceTable]:
    """The tables that a document describes."""
    data = read_document(path)
    try:
        if is_manifest(data):
            return read_manifest(data, notes)
        if is_contract(data):
            return read_contract(data, notes)
    except (AttributeError, KeyError, TypeError, IndexError) as error:
        raise DataError(f"cannot read '{path}': a part has an unexpected structure ({error!r:.120})") from None
    raise DataError(f"'{path}' is neither a manifest of dbt (target/manifest.json) nor a data contract (ODCS)")


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"cannot read '{path}': {error}") from None


def _name(source: str) -> str:
    """A name for the document after the file or the database."""
    stem = re.split(r"[/\\]", without_password(source).split("?", maxsplit=1)[0].rstrip("/"))[-1].split(".")[0]
    return plain(stem) if re.search(r"[A-Za-z0-9]", stem) else "inferred"


def _without_contradictions(
    document: dict[str, Any], tables: dict[str, SourceTable], notes: list[str]
) -> tuple[Problem, ...]:
    """Take back declarations that do not hold together, until there is no problem or nothing more to take back."""
    problems = check(document)
    for _ in range(_ROUNDS):
        if not problems:
            break
        taken = [note for problem in problems if (note := _taken_back(document, tables, problem)) is not None]
        notes += dict.fromkeys(taken)
        if not taken:
            break
        problems = check(document)
    return problems


def _taken_back(document: dict[str, Any], tables: dict[str, SourceTable], problem: Problem) -> str | None:
    keys = problem.keys
    if len(keys) < 3 or keys[0] != "tables":
        return None
    table, part, name = document["tables"][keys[1]], keys[2], keys[3] if len(keys) > 3 else ""
    if part in ("behaviors", "correlations", "primary_key"):
        table.pop(part, None)
    elif part == "columns" and name in table["columns"] and str(name) in tables[str(keys[1])].columns:
        made = by_type(tables[str(keys[1])].columns[str(name)].without_cells())
        if table["columns"][name] == made:
            return None
        table["columns"][name] = made
    else:
        return None
    return f"{problem.place}: taken back, because {problem.message}"
