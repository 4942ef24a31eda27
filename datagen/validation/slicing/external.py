"""Slices of other datasets: a small family as a whole, a large one divided by root key."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from datagen.validation.inputs.dataset_view import View
from datagen.validation.inputs.files import DataFile
from datagen.validation.slicing.by_partition import families
from datagen.validation.slicing.file_slice import Piece
from datagen.validation.slicing.hash_partition import HashPartitioner

MOST_ROWS = 5_000_000
"""The approximate number of rows of a slice, over all its tables."""


def foreign(view: View, scratch: Path, most: int = MOST_ROWS) -> Iterator[Piece]:
    """The slices of each family; a family of more than `most` rows is copied into `scratch`, divided by root key."""
    index = 0
    for root, tables in families(view.model).items():
        source = view.source
        there = [name for name in tables if name in source.tables]
        rows = sum(file.rows for name in there for file in source.tables[name])
        if rows <= most or root not in there:
            found = [Piece(index, root, {n: source.tables[n] for n in there}, _truth(view, there))] if there else []
        else:
            found = list(HashPartitioner(view, root, scratch / root, -(-rows // most)).pieces(there, index))
        yield from found
        index += len(found)


def _truth(view: View, tables: list[str]) -> dict[str, tuple[DataFile, ...]]:
    return {name: view.source.truth[name] for name in tables if name in view.source.truth}
