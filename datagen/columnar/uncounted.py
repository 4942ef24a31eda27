"""Rows of which the number and the neighbours are not known."""

from __future__ import annotations

from typing import NoReturn

from datagen.columnar.block import Block, Ints
from datagen.errors import PlanError


class UncountedRows(Block):
    """Rows that are no rows of their table: candidates that a filter may leave out, or the items of lists.

    Their cells depend on their identities alone. Asking for row numbers raises PlanError.
    """

    __slots__ = ()

    @property
    def first(self) -> int:
        self._refuse()

    @first.setter
    def first(self, _: int) -> None: ...

    @property
    def index(self) -> Ints:
        self._refuse()

    @property
    def ordinal(self) -> Ints:
        self._refuse()

    @property
    def complete(self) -> Ints:
        self._refuse()

    def _refuse(self) -> NoReturn:
        raise PlanError(
            "'where' depends on a column whose cells depend on the number of the row or on rows beside it, which "
            "are known only after the rows are filtered; read other columns"
        )
