"""Prints a table of data at any terminal width."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa
from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.text import Text

from datagen.cli.cells import texts, type_text
from datagen.cli.fitting import GAP, Fitted, blocks
from datagen.cli.writing import printable

_MISSING = "null"
Cells = list[str | None]


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
