"""The column whose value decides how a cell is filled: problems of the values, and the case of each row."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from datagen.columnar.block import Column, Ints, Rows
from datagen.kinds.generators.support.column_lookup import domain_of, type_problems
from datagen.kinds.generators.support.literals import parse_cell
from datagen.kinds.generators.support.merge_cases import CaseNumbers, case_numbers
from datagen.registry import did_you_mean

if TYPE_CHECKING:
    from datagen.errors import Problem
    from datagen.scope import Scope

READABLE = ("category", "text", "int", "bool", "decimal", "date")
"""The types of columns that can decide."""

Deciding = tuple[str, str]
"""The deciding column, and the key of the document that names it."""


def deciding_problems(
    scope: Scope, deciding: Deciding, key: str, names: Sequence[str], *, default: bool
) -> Iterator[Problem]:
    """Problems of the cases `names` under `key`, and of the values without a case if there is no `default`."""
    column, place = deciding
    unread = list(type_problems(scope, column, READABLE, place))
    yield from unread
    type_, domain = scope.type_of(column), domain_of(scope, column)
    if unread or type_ is None:
        return
    possible = {} if domain is None else {parse_cell(value, type_): value for value in domain}
    covered = set()
    for name in names:
        try:
            value = parse_cell(name, type_)
        except ValueError as error:
            yield scope.problem("type", str(error), f"'{column}' is of type {type_}", key, name)
            continue
        covered.add(value)
        if domain is not None and value not in possible:
            hint = did_you_mean(name, list(domain))
            yield scope.problem("no-effect", f"'{column}' is never '{name[:60]}'", hint, key, name)
    if not default and domain is None:
        message = f"the values of '{column}' are not known in advance"
        yield scope.problem("missing-case", message, "write a 'default' for those without a case")
    elif not default and possible.keys() - covered:
        missing = [spelling for value, spelling in possible.items() if value not in covered]
        listed = ", ".join(f"'{value[:60]}'" for value in missing[:5]) + (" ..." if len(missing) > 5 else "")
        yield scope.problem("missing-case", f"no case for {listed} of '{column}'", "add them, or a 'default'", key)


def case_of_rows(scope: Scope, column: str, names: Sequence[str]) -> Callable[[Rows], Ints]:
    """A function from rows to the position of each one's value among `names`; the number of names for other values and
    missing ones.
    """
    type_ = scope.type_of(column)
    assert type_ is not None
    number: CaseNumbers = case_numbers(tuple(parse_cell(name, type_) for name in names), type_)

    def numbers(rows: Rows) -> Ints:
        return _numbered(rows.column(column), number, len(names))

    return numbers


def _numbered(deciding: Column, number: CaseNumbers, others: int) -> Ints:
    found = number(deciding).astype(np.int64)
    found[found < 0] = others
    if deciding.valid is not None:
        found[~deciding.valid] = others
    return found
