"""Prints a table of data at any terminal width: in blocks of columns, each with the key."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.text import Text

from datagen.cli.text_output import printable

_MISSING = "null"
GAP = 3
"""Characters between two columns."""
LEAST = 8
"""The smallest width of a cut column, in characters."""
WIDEST = 36
"""The largest width of a cell, in characters, if the whole table does not fit."""
Cells = list[str | None]


@dataclass(frozen=True, slots=True)
class Fitted:
    """One column of a block: its position in the table and how wide it is shown."""

    column: int
    width: int


def show(console: Console, name: str, data: pa.Table, keys: Sequence[str]) -> None:
    """Print a table: all columns, in blocks below each other if they do not fit, and the names of the cut columns."""
    columns = [_column(field, data.column(i)) for i, field in enumerate(data.schema)]
    widths = [max(cell_len(_MISSING if cell is None else cell) for cell in cells) for cells in columns]
    positions = [data.schema.names.index(key) for key in keys]
    laid_out = blocks(widths, positions, console.width - 2)
    console.print(Text(f"{name}: {data.num_columns} columns"[: console.width] if len(laid_out) > 1 else name, "bold"))
    for block in laid_out:
        console.print()
        _block(console, columns, block)
    cut = sorted({one.column for block in laid_out for one in block if one.width < widths[one.column]})
    if cut:
        names = ", ".join(data.schema.names[column] for column in cut)
        console.print(Text(f"\n  cut to fit: {names}; a file or a pipe shows all of them", "dim"))
    console.print()


def _column(field: pa.Field, data: pa.ChunkedArray) -> Cells:
    """The name, the type and the cells of a column."""
    cells = [None if cell is None else printable(cell).replace("\n", "\\n") for cell in texts(data)]
    return [field.name, type_text(field.type), *cells]


def _block(console: Console, columns: Sequence[Cells], block: Sequence[Fitted]) -> None:
    width = sum(one.width for one in block) + GAP * (len(block) - 1)
    for number in range(len(columns[block[0].column])):
        style = "bold" if number == 0 else "dim" if number == 1 else ""
        line = Text("  ")
        for one in block:
            cell = columns[one.column][number]
            shown = _sized(_MISSING if cell is None else cell, one.width)
            line.append(shown + " " * GAP, "dim" if cell is None else style)
        line.rstrip()
        console.print(line, soft_wrap=True)
        if number == 1:
            console.print(Text("  " + "─" * width, "dim"), soft_wrap=True)


def _sized(text: str, width: int) -> str:
    """The text in a fixed number of terminal cells, with an ellipsis if it is cut."""
    if cell_len(text) <= width:
        return text + " " * (width - cell_len(text))
    return f"{set_cell_size(text, width - 1)}…" if width > 1 else "…"


def texts(column: pa.ChunkedArray) -> list[str | None]:
    """Each cell of a column as text; None if it is missing."""
    type_ = column.type
    if pa.types.is_timestamp(type_):
        return [None if at is None else instant_text(at) for at in column.cast(pa.int64()).to_pylist()]
    if pa.types.is_date(type_):
        return [None if day is None else _numpy_text(day, "D") for day in column.cast(pa.int32()).to_pylist()]
    if pa.types.is_duration(type_):
        return [None if span is None else str(dt.timedelta(microseconds=span)) for span in _whole(column)]
    if pa.types.is_boolean(type_):
        return [None if cell is None else str(cell).lower() for cell in column.to_pylist()]
    return [None if cell is None else str(cell) for cell in column.to_pylist()]


def instant_text(micros: int) -> str:
    """Microseconds since 1970 as a date and time, with a fraction of a second only if there is one."""
    return _numpy_text(micros, "us").replace("T", " ").removesuffix(".000000")


def _numpy_text(count: int, unit: Literal["D", "us"]) -> str:
    """numpy formats every year that 64 bits can hold; Python's calendar ends at 9999."""
    return str(np.datetime64(count, unit))


def _whole(column: pa.ChunkedArray) -> list[int | None]:
    counts: list[int | None] = pc.cast(column, pa.int64()).to_pylist()
    return counts


def type_text(type_: pa.DataType) -> str:
    """The type of a column as one word."""
    text = str(type_)
    if text.startswith("dictionary"):
        return "category"
    return {"timestamp[us]": "timestamp", "date32[day]": "date", "duration[us]": "duration", "double": "float64"}.get(
        text, text
    )


def blocks(widths: Sequence[int], keys: Sequence[int], room: int) -> list[list[Fitted]]:
    """The columns of a table in blocks of at most `room` characters.

    `widths` are the full widths of the columns. `keys` are the positions of the columns that begin every block; they
    are not cut as long as another column of `LEAST` characters fits beside them. All columns are shown; those that are
    too wide are cut.
    """
    if _total(widths) <= room:
        return [[Fitted(i, width) for i, width in enumerate(widths)]]
    head = _head(widths, keys, room)
    left = room - _total([one.width for one in head]) - (GAP if head else 0)
    rest = [i for i in range(len(widths)) if i not in {one.column for one in head}]
    return [[*head, *block] for block in _wrapped(widths, rest, max(left, 1))] or [head]


def _head(widths: Sequence[int], keys: Sequence[int], room: int) -> list[Fitted]:
    head: list[Fitted] = []
    for key in keys:
        if _total([*(one.width for one in head), widths[key]]) + GAP + LEAST <= room:
            head.append(Fitted(key, widths[key]))
    return head


def _wrapped(widths: Sequence[int], columns: Sequence[int], room: int) -> Iterator[list[Fitted]]:
    block: list[Fitted] = []
    for column in columns:
        width = min(widths[column], WIDEST, room)
        if block and _total([*(one.width for one in block), width]) > room:
            yield block
            block = []
        block.append(Fitted(column, width))
    if block:
        yield block


def _total(widths: Sequence[int]) -> int:
    return sum(widths) + GAP * max(len(widths) - 1, 0)
