"""All rows of a table of the files in order, piece by piece, for figures that are made of all of them."""

from __future__ import annotations

from collections.abc import Iterator

from datagen.columnar.block import Block
from datagen.errors import Absent
from datagen.validation.inputs.dataset_view import View
from datagen.validation.inputs.key_index import MOST_READ
from datagen.validation.slicing.by_partition import aligned, families
from datagen.validation.slicing.file_slice import FileSlice, Piece


def scanned(view: View, table: str) -> Iterator[Block]:
    """The rows of a table as blocks, partition by partition; the whole family as one block if another writer made the
    files.

    Raises Absent if the files lack the table, or a family of other writers is too large.
    """
    if table not in view.source.tables:
        raise Absent(f"table '{table}' is missing")
    for piece in _pieces(view, table):
        part = FileSlice(view, piece)
        block = part.block(table)
        if block is None:
            raise Absent(f"a table above '{table}' is missing")
        yield block
        part.release()


def _pieces(view: View, table: str) -> Iterator[Piece]:
    """The pieces of the family of a table."""
    root, source = view.model.tables[table].root, view.source
    if source.aligned:
        yield from (piece for piece in aligned(view.model, source) if piece.root == root)
        return
    files = {name: source.tables[name] for name in families(view.model)[root] if name in source.tables}
    rows = sum(file.rows for found in files.values() for file in found)
    if rows > MOST_READ:
        raise Absent(f"the family of '{table}' has {rows:,} rows, more than can be kept to aggregate them")
    yield Piece(0, root, files, {name: source.truth[name] for name in files if name in source.truth})
