"""Slices of data from elsewhere: all files of a family at once."""

from __future__ import annotations

from collections.abc import Iterator

from datagen.quality.aligned import families
from datagen.quality.slices import Piece
from datagen.quality.view import View


def foreign(view: View) -> Iterator[Piece]:
    """One piece for each family."""
    for index, (root, tables) in enumerate(families(view.house).items()):
        source = view.source
        files = {name: source.tables[name] for name in tables if name in source.tables}
        truth = {name: source.truth[name] for name in tables if name in source.truth}
        if files:
            yield Piece(index, root, files, truth)
