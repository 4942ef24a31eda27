"""AND, OR and NOT in three-valued logic."""

from __future__ import annotations

from datagen.columnar.block import BOOL, Column
from datagen.expressions.functions.comparison import conjunction, disjunction
from datagen.expressions.functions.registry import Arguments, function
from datagen.expressions.typing import signature


@function("AND", (2, None), signature("AND", BOOL, result=BOOL), public=False)
def _and(args: Arguments) -> Column:
    result = args[0]
    for index in range(1, len(args)):
        result = conjunction(result, args[index])
    return result


@function("OR", (2, None), signature("OR", BOOL, result=BOOL), public=False)
def _or(args: Arguments) -> Column:
    result = args[0]
    for index in range(1, len(args)):
        result = disjunction(result, args[index])
    return result


@function("NOT", (1, 1), signature("NOT", BOOL, result=BOOL), public=False)
def _not(args: Arguments) -> Column:
    return Column(BOOL, ~args[0].data, args[0].valid)
