"""Declarations of a column with cases: the distribution or shares of each case."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from datagen.columnar.block import Ints, Rows, Type
from datagen.declarations.values import HiddenEffectsDeclaration, SharesDeclaration
from datagen.kinds.generators.base import Generator, Numeric
from datagen.kinds.generators.choice import Choice, coding
from datagen.kinds.generators.support.distribution_declarations import case_of, fit
from datagen.kinds.generators.support.literals import Cell, spelled

if TYPE_CHECKING:
    from datagen.declarations.base import Declaration
    from datagen.scope import Scope

Parts = Iterable[tuple[Generator, "Scope"]]
_MOST = 40


def fits(parts: Parts, column: tuple[Type, float, float], numbers: Callable[[Rows], Ints]) -> Iterator[Declaration]:
    """The declarations of cases that are distributions or choices; `numbers(rows)` is the case of each row.

    `column` is its type, and the `blur` and `raised` of its modifiers.
    """
    type_, blur, raised = column
    listed = [(k, part, at) for k, (part, at) in enumerate(parts) if part.blur(type_) is not None]
    if not listed:
        return
    scope = listed[0][2]
    distributions = [(k, part, at) for k, part, at in listed if isinstance(part, Numeric) and not part.dated]
    choices = [
        (k, part, at) for k, part, at in listed if isinstance(part, Choice) and not blur and not part.blur(type_)
    ]
    if distributions and len(distributions) <= _MOST:
        cases = [case_of(part, at, _named(at)) for _, part, at in distributions]
        moved = blur + max(part.blur(type_) or 0.0 for _, part, _ in distributions)
        raised = max(raised, *(part.raised(type_) for _, part, _ in distributions))
        declared = fit(scope, type_, cases, moved, _chosen([k for k, _, _ in distributions], numbers))
        declared = replace(declared, raised=raised)
        yield declared
        yield from HiddenEffectsDeclaration.beside(declared)
    if choices and len(choices) <= _MOST and type_.name != "float" and scope.effect() is None:
        cells = list(dict.fromkeys(spelled(cell) for _, part, at in choices for cell in part.drawn(at)[0]))
        planted = np.array([_shares(part.drawn(at), cells) for _, part, at in choices])
        names = tuple(_named(at) for _, _, at in choices)
        case = _chosen([k for k, _, _ in choices], numbers)
        yield SharesDeclaration(
            scope.table.name, scope.column or "", tuple(cells), planted, coding(cells, type_), names, case
        )


def _named(scope: Scope) -> str:
    return str(scope.keys[-1])[:60]


def _shares(drawn: tuple[tuple[Cell, ...], tuple[float, ...]], cells: list[str]) -> list[float]:
    """The shares of these cells under the weights of one choice."""
    own = dict(zip(map(spelled, drawn[0]), drawn[1], strict=True))
    total = sum(own.values())
    return [own.get(cell, 0.0) / total for cell in cells]


def _chosen(parts: list[int], numbers: Callable[[Rows], Ints]) -> Callable[[Rows], Ints]:
    """The position of each row's case among these, -1 for others."""

    def chosen(rows: Rows) -> Ints:
        found = numbers(rows)
        place = np.full(int(found.max(initial=0)) + 2, -1, np.int64)
        for position, part in enumerate(parts):
            if part < len(place):
                place[part] = position
        return place[found]

    return chosen
