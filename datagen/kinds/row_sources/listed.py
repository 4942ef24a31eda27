"""Rows that are written in the document, or in a small file beside it."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

import numpy as np
from pydantic import Field, PlainValidator, WithJsonSchema

from datagen.columnar.block import Column, Ints, Words
from datagen.errors import reason_of
from datagen.kinds.generators.support.literals import Cell, look, scalar
from datagen.kinds.row_sources.base import Roots, RowSource

if TYPE_CHECKING:
    from datagen.errors import Problem
    from datagen.scope import Scope

MOST_BYTES, MOST_CELLS = 2 * 2**20, 100_000
"""The largest file that is read, and the most cells of it."""

ListedCell = Annotated[
    Cell | None,
    PlainValidator(lambda data: None if data is None else scalar(data)),
    WithJsonSchema({"type": ["string", "number", "boolean", "null"]}),
]
"""A single value, or null where a cell is missing."""


class Listed(RowSource):
    """Rows that are written down: countries, categories, plans, price lists. The generator `listed` shows their
    columns.

    `rows` holds them, or a CSV or Parquet `file` in the document's folder or below (2 MiB and 100,000
    cells at most). The content of the file becomes part of the plan, so that a changed file makes another plan. A
    dataset of another scale has the same rows.
    """

    root: ClassVar[bool] = True
    multiplied: ClassVar[bool] = False
    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        {
            "datagen": 1,
            "name": "plans",
            "tables": {
                "plans": {
                    "rows": {
                        "type": "listed",
                        "columns": ["plan", "price", "weight"],
                        "rows": [["free", 0, 70], ["basic", 9.9, 25], ["pro", 29.0, 5]],
                    },
                    "primary_key": ["plan"],
                    "columns": {"plan": {"type": "listed", "unique": True}, "price": {"type": "listed"}},
                },
                "subscriptions": {
                    "rows": 20,
                    "columns": {
                        "subscription_id": {"type": "key"},
                        "plan": {"type": "choice", "table": "plans", "column": "plan", "weight": "weight"},
                    },
                },
            },
        },
    )

    synonyms: ClassVar[tuple[str, ...]] = (
        "list", "inline", "literal", "values", "static", "seed", "csv", "file", "fixture", "lookup_table", "dimension",
    )  # fmt: skip
    type: Literal["listed"] = "listed"
    columns: tuple[str, ...] = Field(default=(), description="the names of the columns of `rows`")
    rows: tuple[tuple[ListedCell, ...], ...] = Field(
        default=(), description="the rows, each a list of cells; null is none"
    )
    file: str | None = Field(default=None, description="a CSV file with a header, or a Parquet file, instead of `rows`")

    @property
    def none(self) -> bool:
        return self.file is None and not self.rows

    def listed(self, column: str) -> tuple[Cell | None, ...] | None:
        if column not in self.columns:
            return None
        at = self.columns.index(column)
        return tuple(row[at] if at < len(row) else None for row in self.rows)

    @property
    def listed_columns(self) -> tuple[str, ...] | None:
        return None if self.file is not None else self.columns

    @classmethod
    def with_files(cls, data: Mapping[str, Any], _folder: Path) -> Mapping[str, Any]:
        name = data.get("file")
        if not isinstance(name, str) or "rows" in data or "columns" in data:
            return data
        header, rows = _content(name, _folder)
        rest = {key: value for key, value in data.items() if key != "file"}
        return {**rest, "columns": header, "rows": rows}

    def problems(self, scope: Scope) -> Iterator[Problem]:
        if self.file is not None:
            if self.columns or self.rows:
                yield scope.problem("conflict", "rows are written here and in a file", "leave one of them out", "file")
            return
        if not self.columns:
            yield scope.problem(
                "missing", "the listed columns have no names", "write 'columns': ['code', 'name']", "columns"
            )
        for name, times in Counter(self.columns).items():
            if times > 1:
                yield scope.problem("duplicate", f"column '{name[:60]}' is listed twice", "rename one", "columns")
        for i, row in enumerate(self.rows):
            if len(row) != len(self.columns):
                message = f"row {i + 1} has {len(row)} cells for {len(self.columns)} columns"
                yield scope.problem("invalid-value", message, "give each column a cell, null for none", "rows", i)
                return

    def bind(self, scope: Scope, scale: float) -> Roots:
        return _ListedRows(len(self.rows))


@dataclass(frozen=True, slots=True)
class _ListedRows:
    total: int

    def attributes(self, index: Ints, ids: Words) -> dict[str, Column]:
        return {}

    def existing(self, times: Ints) -> Ints:
        return np.full(len(times), self.total, np.int64)


def _content(name: str, folder: Path) -> tuple[list[str], list[list[Cell | None]]]:
    """Names and rows of a file. Raises ValueError with what is wrong with it."""
    path, base = (folder / name).resolve(), folder.resolve()
    if Path(name).is_absolute() or not path.is_relative_to(base):
        raise ValueError(f"'{name[:80]}' is not in the folder of the document or below")
    try:
        size = path.stat().st_size
        if size > MOST_BYTES:
            raise ValueError(f"'{name[:80]}' has {size:,} bytes, more than {MOST_BYTES:,}")
        header, columns = _parquet(path) if path.suffix.lower() == ".parquet" else _csv(path)
    except OSError as error:
        raise ValueError(f"'{name[:80]}' cannot be read: {reason_of(error)}") from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise ValueError(f"'{name[:80]}' is no CSV file in UTF-8: {error}") from None
    cells = sum(map(len, columns))
    if cells > MOST_CELLS:
        raise ValueError(f"'{name[:80]}' has {cells:,} cells, more than {MOST_CELLS:,}")
    return header, [list(row) for row in zip(*columns, strict=True)]


def _csv(path: Path) -> tuple[list[str], list[Sequence[Cell | None]]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        header, *rows = [row for row in csv.reader(file) if row] or [[]]
    for i, row in enumerate(rows):
        if len(row) != len(header):
            raise ValueError(f"row {i + 1} of '{path.name}' has {len(row)} cells for {len(header)} columns")
    return header, [_typed([row[k] for row in rows]) for k in range(len(header))]


def _typed(texts: list[str]) -> list[Cell | None]:
    """The cells of a CSV column: numbers or truth values where all are written so; nothing is a missing cell."""
    looks = {look(text, True) for text in texts if text}
    cells: dict[str, Any] = {"int": int, "decimal": float, "bool": lambda text: text == "true"}
    read = cells.get("decimal" if looks == {"int", "decimal"} else looks.pop() if len(looks) == 1 else "", str)
    return [read(text) if text else None for text in texts]


def _parquet(path: Path) -> tuple[list[str], list[Sequence[Cell | None]]]:
    import pyarrow as pa  # start-up: few documents have such a file
    import pyarrow.parquet as pq

    try:
        table = pq.read_table(path)
    except pa.ArrowException as error:
        raise ValueError(f"'{path.name}' is no Parquet file: {str(error).splitlines()[0][:80]}") from None
    return table.column_names, [[_plain(cell) for cell in column.to_pylist()] for column in table.columns]


def _plain(cell: Any) -> Cell | None:
    return cell if cell is None or isinstance(cell, bool | int | float | str) else str(cell)
