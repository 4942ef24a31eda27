"""Maps declared values to dictionary codes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from datagen.columnar.block import Column, Ints, Type
from datagen.kinds.generators.support.column_lookup import domain_of, type_problems
from datagen.kinds.generators.support.literals import parse_cell
from datagen.registry import did_you_mean

if TYPE_CHECKING:
    from datagen.errors import Problem
    from datagen.scope import Scope

TYPES = ("category", "int", "bool")


@dataclass(frozen=True, slots=True)
class ValueCodes:
    """Values of a category, int or bool column, as the document writes them."""

    names: tuple[str, ...]

    def codes(self, values: Column) -> Ints:
        """The position of each cell's value in `names`, int64, shape (n,); -1 for other values and missing cells."""
        codes = self._words(values) if values.dictionary is not None else self._numbers(values)
        return codes if values.valid is None else np.where(values.valid, codes, -1)

    def _words(self, values: Column) -> Ints:
        assert values.dictionary is not None
        position = {name: k for k, name in enumerate(self.names)}
        table = np.array([position.get(word, -1) for word in values.dictionary.to_pylist()] or [-1], np.int64)
        codes: Ints = table[values.data]
        return codes

    def _numbers(self, values: Column) -> Ints:
        numbers = np.array([parse_cell(name, values.type) for name in self.names], np.int64)
        order = np.argsort(numbers)
        cells = values.data.astype(np.int64)
        at = order.take(np.searchsorted(numbers, cells, sorter=order), mode="clip")
        return np.where(numbers.take(at) == cells, at, -1)


def unreadable(scope: Scope, column: str, names: Iterable[str], *keys: str | int) -> Iterator[Problem]:
    """The problem of grouping the rows of the entity by `column`; `names` are at `keys` in the document."""
    if "." in column:
        table = column.partition(".")[0]
        message = f"'{column}' is not a column of '{scope.table.name}', which has the behavior"
        yield scope.problem("unrelated-table", message, f"declare the behavior on '{table}'", "column")
        return
    problems = list(type_problems(scope, column, TYPES, "column"))
    yield from problems
    if not problems:
        yield from impossible(scope, column, names, *keys)


def impossible(scope: Scope, column: str, names: Iterable[str], *keys: str | int) -> Iterator[Problem]:
    """A problem for each name that no cell of `column` can be."""
    domain, type_ = domain_of(scope, column), scope.type_of(column)
    for name in names:
        if domain is not None and name not in domain:
            message = f"'{column}' is never '{name[:40]}'"
            yield scope.problem("no-effect", message, did_you_mean(name, list(domain)), *keys, name)
        elif domain is None and type_ is not None and not _parses(name, type_):
            yield scope.problem("type", f"'{name[:40]}' is not of type {type_}", "write another value", *keys, name)


def _parses(name: str, type_: Type) -> bool:
    try:
        parse_cell(name, type_)
    except ValueError:
        return False
    return True
