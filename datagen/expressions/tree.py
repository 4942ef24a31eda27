"""The two trees of an expression: `Syntax` as written, and `Node` with resolved types and functions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from datagen.columnar.block import CATEGORY, Type, TypeName

Scalar = int | float | bool | str | None

NULL = Type(cast("TypeName", "null"))
"""The type of a bare NULL until it is resolved; no finished expression has it."""

NO_COLUMNS: frozenset[str] = frozenset()


SEQUENCE = " OVER"
"""The suffix of the names of window functions."""


@dataclass(frozen=True, slots=True)
class Constant:
    """One value, in the storage form of its type (minor units, microseconds, days); None is missing."""

    value: Scalar | tuple[Scalar, ...]
    type: Type

    @property
    def columns(self) -> frozenset[str]:
        return NO_COLUMNS


@dataclass(frozen=True, slots=True)
class Name:
    """A column as written."""

    name: str


@dataclass(frozen=True, slots=True)
class Apply:
    """A function as written, with untyped arguments."""

    function: str
    args: tuple[Syntax, ...]


@dataclass(frozen=True, slots=True)
class ColumnNode:
    """A column with its type."""

    name: str
    type: Type

    @property
    def columns(self) -> frozenset[str]:
        return frozenset((self.name,))


@dataclass(frozen=True, slots=True)
class Call:
    """A function applied to arguments of its types.

    `lift` names the one column below this node, if that column is a category: the node is then evaluated once per word
    of the dictionary instead of once per row.
    """

    function: str
    args: tuple[Node, ...]
    type: Type
    columns: frozenset[str]
    lift: str | None = None
    sequenced: bool = False
    """Whether this function, or one below, is a window function."""


Syntax = Constant | Name | Apply
Node = Constant | ColumnNode | Call


def names_in(tree: Syntax) -> frozenset[str]:
    """All columns below `tree`."""
    if isinstance(tree, Name):
        return frozenset((tree.name,))
    if isinstance(tree, Apply):
        return NO_COLUMNS.union(*map(names_in, tree.args))
    return NO_COLUMNS


def call(function: str, args: tuple[Node, ...], kind: Type) -> Call:
    """A typed call. One that reads a single category column is marked for evaluation on the dictionary."""
    columns = NO_COLUMNS.union(*(arg.columns for arg in args))
    sequenced = function.endswith(SEQUENCE) or any(isinstance(arg, Call) and arg.sequenced for arg in args)
    lift = None if sequenced else _lift(args, columns)
    return Call(function, args, CATEGORY if lift and kind.textual else kind, columns, lift, sequenced)


def _lift(args: tuple[Node, ...], columns: frozenset[str]) -> str | None:
    if len(columns) != 1:
        return None
    for arg in args:
        if isinstance(arg, ColumnNode):
            return arg.name if arg.type.name == "category" else None
        if isinstance(arg, Call) and arg.columns:
            return arg.lift
    return None
