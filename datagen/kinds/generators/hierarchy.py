"""Trees of rows: employees and their managers, categories, regions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
import pyarrow as pa
from pydantic import Field

from datagen.columnar import arrow_compute as pc
from datagen.columnar.block import INT, TEXT, Bools, Column, Ints, Rows, Type
from datagen.columnar.text import WordTable, concat_words, digits
from datagen.declarations.constraints import EarlierReferenceDeclaration, ForeignKeyDeclaration
from datagen.expressions.runtime.arrow_bridge import mask
from datagen.expressions.runtime.format_text import show
from datagen.kinds.generators.base import Fill, Generator
from datagen.kinds.generators.support.column_lookup import key_start, shown_key
from datagen.kinds.generators.support.examples import table_of
from datagen.random.integers import uniform_below
from datagen.random.streams import Stream, root_identities
from datagen.scope import StaticContext

if TYPE_CHECKING:
    from datagen.declarations.base import Declaration
    from datagen.errors import Problem
    from datagen.scope import ColumnRef, Scope

_MOST, _LONGEST_NUMBER = 1 << 60, 19
_SLASH = WordTable.of(["", "/"])


class Hierarchy(Generator):
    """A part of a forest over the rows of a table, without cycles: the first `roots` rows are on top, then come levels
    of `span` times as many rows each; a row hangs below one of the level above, drawn evenly.

    `parent` is the key of the row above, missing on top; `level` counts from 0; `path` lists the keys from the top, as
    1/5/23. Keys can have any type. A larger table keeps the tree and adds to it.
    """

    alone: ClassVar[bool] = False
    computed: ClassVar[bool] = True
    multiplied: ClassVar[bool] = False
    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        table_of(
            manager_id={"type": "hierarchy", "span": 6},
            level={"type": "hierarchy", "part": "level", "span": 6},
            path={"type": "hierarchy", "part": "path", "span": 6},
        ),
    )

    synonyms: ClassVar[tuple[str, ...]] = (
        "tree",
        "forest",
        "self_reference",
        "manager",
        "reports_to",
        "category_tree",
        "parent_category",
    )
    type: Literal["hierarchy"] = "hierarchy"
    part: Literal["parent", "level", "path"] = Field(default="parent", description="what of the tree")
    span: float = Field(default=5.0, ge=1.1, le=10_000, description="mean number of rows directly below each")
    roots: int = Field(default=1, ge=1, le=10**6, description="how many rows are on top")

    def refers_to(self, context: StaticContext) -> str | None:
        return context.table.name if self.part == "parent" else None

    def result(self, scope: Scope) -> Type | None:
        return TEXT if self.part == "path" else INT

    def nullable(self, scope: Scope) -> bool:
        return self.part == "parent"

    def longest(self, scope: Scope) -> int | None:
        if self.part != "path":
            return None
        key = self._natural_key(scope)
        length = _LONGEST_NUMBER if key is None else scope.longest(key) or _LONGEST_NUMBER
        return (length + 1) * (len(_levels(self.roots, self.span)) if self.span >= 2 else 64)

    def _natural_key(self, scope: StaticContext) -> str | None:
        """The column that identifies rows, where it is not of type 'key'."""
        key = shown_key(scope.table)
        return None if key is None or scope.table.columns[key].role == "key" else key

    def needs(self, scope: Scope) -> frozenset[ColumnRef]:
        key = self._natural_key(scope) if self.part == "path" else None
        return frozenset() if key is None else frozenset({(scope.table.name, key)})

    def problems(self, scope: Scope) -> Iterator[Problem]:
        if scope.table.parent is not None:
            message = f"'{scope.table.name}' has a parent, and a hierarchy is made of the rows of a root table"
            yield scope.problem("conflict", message, "use a 'reference' to the table itself")
        elif self.part != "level" and shown_key(scope.table) is None:
            message = f"'{scope.table.name}' has no column that identifies its rows"
            yield scope.problem("primary-key", message, "give it one of type 'key'; it can be hidden")
        for name, other in scope.table.columns.items():
            if isinstance(other, Hierarchy) and (other.span, other.roots) != (self.span, self.roots):
                message = f"'{name}' is a part of the same tree, with another 'span' or 'roots'"
                yield scope.problem("conflict", message, "write the same", "span")
                return

    def declarations(self, scope: Scope) -> Iterable[Declaration]:
        if self.intact and self.part == "parent":
            table, key = scope.table.name, scope.table.key or ""
            yield ForeignKeyDeclaration(table, scope.column, target=table, key=key)
            yield EarlierReferenceDeclaration(table, scope.column, key=key)

    def bind(self, scope: Scope) -> Fill:
        above, start = self._above(scope.table_stream("hierarchy")), key_start(scope, scope.table.name)
        firsts, key = _levels(self.roots, self.span), self._natural_key(scope)
        paths = (
            _numbers(start) if self.part != "path" or key is None else _texts(scope.recompute(scope.table.name, key))
        )

        def fill(rows: Rows) -> Column:
            index = rows.index
            if self.part == "level":
                return Column(INT, np.searchsorted(firsts, index, side="right") - 1)
            if self.part == "parent":
                parents, there = above(index)
                return Column(INT, parents + start).where(there)
            return Column(TEXT, paths(*_chain(index, above)))

        return fill

    def _above(self, stream: Stream) -> Callable[[Ints], tuple[Ints, Bools]]:
        """From rows to those above, and which have one."""
        firsts = _levels(self.roots, self.span)

        def above(index: Ints) -> tuple[Ints, Bools]:
            level = np.searchsorted(firsts, index, side="right") - 1
            there = level > 0
            upper = np.maximum(level - 1, 0)
            many = firsts[upper + 1] - firsts[upper]
            drawn = uniform_below(stream.words(root_identities(index)), many)
            return np.where(there, firsts[upper] + drawn, 0), there

        return above


def _levels(roots: int, span: float) -> Ints:
    """The first row of each level, and of one more than any table has."""
    firsts, many = [0, roots], float(roots)
    while firsts[-1] < _MOST // 1_000_000:
        many *= span
        firsts.append(firsts[-1] + max(int(many), 1))
    return np.array(firsts, np.int64)


def _chain(index: Ints, above: Callable[[Ints], tuple[Ints, Bools]]) -> tuple[list[Ints], list[Bools]]:
    """The rows above each row and itself, from the top down, and which there are; one level for all rows together."""
    chain, here, there = [index], index, np.ones(len(index), np.bool_)
    known = [there]
    while True:
        here, more = above(here)
        there = there & more
        if not there.any():
            return chain[::-1], known[::-1]
        chain.append(here)
        known.append(there)


def _numbers(start: int) -> Callable[[list[Ints], list[Bools]], pa.Array]:
    """Paths of numbers."""

    def paths(chain: list[Ints], known: list[Bools]) -> pa.Array:
        parts = []
        for depth, (rows, shown) in enumerate(zip(chain, known, strict=True)):
            spelled = digits(np.where(shown, rows + start, 0))
            parts += [(words, np.where(shown, numbers, len(words.lengths) - 1)) for words, numbers in spelled]
            if depth < len(chain) - 1:
                parts.append((_SLASH, shown.astype(np.int64)))
        return concat_words(parts)

    return paths


def _texts(key: Callable[[Ints], Column]) -> Callable[[list[Ints], list[Bools]], pa.Array]:
    """Paths of keys of any type."""

    def paths(chain: list[Ints], known: list[Bools]) -> pa.Array:
        none = pa.nulls(1, pa.string())[0]  # a Python None would import pandas
        parts = [pc.if_else(mask(there), show(key(rows)), none) for rows, there in zip(chain, known, strict=True)]
        return pc.binary_join_element_wise(*parts, "/", null_handling="skip")

    return paths
