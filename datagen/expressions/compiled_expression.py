"""The interface of a compiled expression. `Expression` implements it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

from datagen.columnar.block import Column, Rows, Type
from datagen.random.streams import Stream


class Compiled(Protocol):
    """A compiled SQL scalar expression."""

    @property
    def type(self) -> Type: ...

    @property
    def random(self) -> int:
        """The calls of RANDOM in it."""

    def drawing(self, streams: Sequence[Stream]) -> Compiled:
        """The same, with a random stream for each call of RANDOM."""

    @property
    def columns(self) -> frozenset[str]: ...

    @property
    def injective_in(self) -> str | None:
        """The column that it is a one-to-one function of; None if its form does not show one."""

    def may_fail(self, extents: Callable[[str], tuple[float, float] | None]) -> bool:
        """Whether some row may fail where nothing is known about the cells that it reads."""

    def foreseen(
        self,
        domains: Callable[[str], tuple[str, ...] | None],
        extents: Callable[[str], tuple[float, float] | None],
    ) -> Iterator[tuple[str, str]]:
        """A predictable failure in some row, judged by the values and bounds of the columns, with what to write
        instead.
        """

    def longest(self, columns: Callable[[str], int | None]) -> int:
        """The bytes of the longest cell of a text expression, computed from those of the columns; 0 for other types."""

    def widest(self, columns: Callable[[str], int | None]) -> int:
        """The bytes of the longest intermediate text of the evaluation."""

    def nullable(
        self, column_nullable: Callable[[str], bool], extents: Callable[[str], tuple[float, float] | None] = ...
    ) -> bool:
        """Whether a cell can be missing, computed from the nullability and the extent of each column."""

    def extent(
        self, columns: Callable[[str], tuple[float, float] | None] = ..., rows: int | None = None
    ) -> tuple[float, float] | None:
        """The smallest and the largest cell in storage form, computed from those of the columns and the most rows of
        one parent; None for texts and booleans.
        """

    def __call__(self, rows: Rows) -> Column:
        """The value of each row, with SQL null semantics."""
