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
        source, shares = view.source, _shares(view, root, tables, most)
        there = [name for name in tables if name in source.tables]
        if shares == 1:
            found = [Piece(index, root, {n: source.tables[n] for n in there}, _truth(view, there))] if there else []
        else:
            found = list(HashPartitioner(view, root, scratch / root, shares).pieces(there, index))
        yield from found
        index += len(found)


def is_large(view: View, most: int = MOST_ROWS) -> bool:
    """Whether a family has more than `most` rows, so that it is divided."""
    return any(_shares(view, root, tables, most) > 1 for root, tables in families(view.model).items())


def shared(view: View, most: int = MOST_ROWS) -> Iterator[Piece]:
    """The slices of each family without dividing it: those of a large family are shares of its files.

    For workers that cannot read the temporary files of this machine.
    """
    index = 0
    for root, tables in families(view.model).items():
        files = {name: view.source.tables[name] for name in tables if name in view.source.tables}
        shares = _shares(view, root, tables, most)
        for number in range(shares if files else 0):
            truth = _truth(view, list(files)) if shares == 1 else {}
            yield Piece(index, root, files, truth, share=None if shares == 1 else (number, shares))
            index += 1


def _shares(view: View, root: str, tables: tuple[str, ...], most: int) -> int:
    """How many slices a family is divided into: one if it is small, or its root is missing."""
    there = [name for name in tables if name in view.source.tables]
    rows = sum(file.rows for name in there for file in view.source.tables[name])
    return -(-rows // most) if rows > most and root in there else 1


def divided(view: View, piece: Piece, scratch: Path) -> list[Piece]:
    """All slices of the family of a share, written below `scratch`; the first has the index of the first share."""
    assert piece.share is not None
    number, shares = piece.share
    return list(HashPartitioner(view, piece.root, scratch, shares).pieces(list(piece.files), piece.index - number))


def _truth(view: View, tables: list[str]) -> dict[str, tuple[DataFile, ...]]:
    return {name: view.source.truth[name] for name in tables if name in view.source.truth}
