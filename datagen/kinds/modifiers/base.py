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
Extent = tuple[float, float]


class Modifier(Kind, family="modifiers"):
    """A change to a filled column."""

    keeps: ClassVar[bool] = False
    """Whether the remaining cells keep their values. Only such a change is allowed on references and totals."""

    def problems(self, scope: Scope, type_: Type) -> Iterator[Problem]:
        """Problems of applying the change to a column of this type."""
        yield from ()

    def reads(self) -> frozenset[str]:
        """Other columns of the row that the change reads."""
        return frozenset()

    def nullable(self, before: bool) -> bool:
        """Whether cells can be missing afterwards."""
        return before

    def blur(self, type_: Type) -> float | None:
        """The largest distance of a number from its value before the change, above `raised`; None if unbounded."""
        return 0.0 if self.keeps else None

    def raised(self, type_: Type) -> float:
        """The number from 0 up to which a cell can come from any number from 0; others are moved by `blur` at most."""
        return 0.0

    def extent(self, before: Extent, type_: Type) -> Extent | None:
        """The smallest and the largest cell afterwards, in storage form, by those before; None if unknown."""
        return before if self.keeps else None

    @property
    def max_factor(self) -> float:
        """The largest factor by which it can increase a number, at least 1."""
        return 1.0

    def declarations(self, scope: Scope, type_: Type) -> Iterable[Declaration]:
        """What validation measures in a column with this change."""
        return ()

    def bind(self, scope: Scope, type_: Type) -> Change:
        """The change, ready to be applied to rows and their values."""
        raise TypeError(f"modifier '{self.type}' has no bind")
