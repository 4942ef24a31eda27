"""Rows of which the parents are not known."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NoReturn

from datagen.columnar.block import Block, Ints
from datagen.errors import Absent


class UnjoinedRows(Block):
    """Rows of a child table without a key of its parent. Their columns are known; asking for parents raises Absent, and
    so does asking for the time of a parent if one is `timed`.
    """

    __slots__ = ("timed", "why")

    why: str
    timed: bool

    def _refuse(self) -> NoReturn:
        raise Absent(self.why)

    def lineage(self) -> Iterator[Block]:
        yield self
        if self.timed:
            self._refuse()

    @property
    def parent(self) -> Block | None:
        self._refuse()

    @parent.setter
    def parent(self, _: Block | None) -> None: ...

    @property
    def parent_row(self) -> Ints | None:
        self._refuse()

    @parent_row.setter
    def parent_row(self, _: Ints | None) -> None: ...

    @property
    def counts(self) -> Ints | None:
        self._refuse()

    @counts.setter
    def counts(self, _: Ints | None) -> None: ...
