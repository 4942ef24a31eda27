"""The base class of modifiers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, ClassVar

from datagen.registry import Kind

if TYPE_CHECKING:
    from datagen.columnar.block import Column, Rows, Type
    from datagen.declarations.base import Declaration
    from datagen.errors import Problem
    from datagen.scope import Scope

Change = Callable[["Rows", "Column"], "Column"]


class Modifier(Kind, family="modifiers"):
    """A change to a filled column."""

    keeps: ClassVar[bool] = False
    """Whether the cells that are left are as they were; only such a change is allowed on references and totals."""

    def problems(self, scope: Scope, type_: Type) -> Iterator[Problem]:
        """What is wrong with changing a column of this type so."""
        yield from ()

    def reads(self) -> frozenset[str]:
        """Other columns of the row that the change looks at."""
        return frozenset()

    def nullable(self, before: bool) -> bool:
        """Whether cells can be missing afterwards."""
        return before

    def blur(self, type_: Type) -> float | None:
        """How far a number may lie from what it was before the change; None where it can be anything."""
        return 0.0 if self.keeps else None

    @property
    def swell(self) -> float:
        """How many times as large as before it may make a number, 1 or more."""
        return 1.0

    def declarations(self, scope: Scope, type_: Type) -> Iterable[Declaration]:
        """What validation looks at in a column that was changed so."""
        return ()

    def bind(self, scope: Scope, type_: Type) -> Change:
        """The change, ready to be applied to rows and their values."""
        raise TypeError(f"modifier '{self.type}' has no bind")
