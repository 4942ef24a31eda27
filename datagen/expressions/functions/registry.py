"""The functions that an expression may call: name, number of arguments, typing rule, evaluation, null rule."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from datagen.columnar.block import Bools, Column, Ints, Type
from datagen.expressions.tree import Call, Node

Typed = tuple[tuple[Node, ...], Type]
Rule = Callable[[tuple[Node, ...]], Typed]
"""From arguments as written to arguments of the function's types, and its result. Raises ExpressionError."""

Nulls = Callable[[Call, Sequence[bool]], bool]
"""Whether the result can be missing, from the call and whether each argument can be."""


class CellError(Exception):
    """A cell whose value cannot be represented (overflow, a failing cast); `row` is its position if known."""

    def __init__(self, reason: str, row: int | None = None) -> None:
        super().__init__(reason)
        self.row = row


class Arguments(Protocol):
    """The arguments of one call, evaluated on demand: n cells each, or one cell for all n."""

    @property
    def call(self) -> Call: ...

    @property
    def n(self) -> int: ...

    @property
    def counts(self) -> Ints:
        """The number of rows of each parent, in order."""

    def __len__(self) -> int: ...

    def __getitem__(self, index: int) -> Column: ...

    def drawn(self, call: int) -> Column:
        """Uniform numbers of a call of RANDOM, one for each row."""

    def among(self, index: int, mask: Bools) -> Column:
        """An argument that matters only where `mask`: errors elsewhere are ignored."""


Evaluate = Callable[[Arguments], Column]


@dataclass(frozen=True, slots=True)
class Function:
    """One function; `most` is None for any number of arguments, `public` says whether expressions can call it."""

    name: str
    least: int
    most: int | None
    rule: Rule
    evaluate: Evaluate
    nulls: Nulls
    public: bool


FUNCTIONS: dict[str, Function] = {}


def some(_call: Call, nullable: Sequence[bool]) -> bool:
    return any(nullable)


def every(_call: Call, nullable: Sequence[bool]) -> bool:
    return all(nullable)


def first(_call: Call, nullable: Sequence[bool]) -> bool:
    return nullable[0]


def never(_call: Call, _nullable: Sequence[bool]) -> bool:
    return False


def always(_call: Call, _nullable: Sequence[bool]) -> bool:
    return True


def function(
    name: str, arity: tuple[int, int | None], rule: Rule, nulls: Nulls = some, public: bool = True
) -> Callable[[Evaluate], Evaluate]:
    """Register the decorated evaluation under `name`."""

    def register(evaluate: Evaluate) -> Evaluate:
        FUNCTIONS[name] = Function(name, *arity, rule, evaluate, nulls, public)
        return evaluate

    return register


def public_names() -> list[str]:
    """The names that expressions can call, sorted."""
    return sorted(name for name, entry in FUNCTIONS.items() if entry.public and name[0].isalpha())
