"""CASE, IF, COALESCE, NULLIF, GREATEST and LEAST."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa

from datagen.columnar import arrow_compute as pc
from datagen.columnar.block import BOOL, CATEGORY, TEXT, Bools, Column, Type
from datagen.expressions.functions.cast import converted
from datagen.expressions.functions.comparison import compare, same_kind, truths
from datagen.expressions.functions.registry import Arguments, Typed, always, every, function
from datagen.expressions.runtime.arrow_bridge import as_category, as_text, joined, look_up, mask
from datagen.expressions.runtime.evaluate import broadcast
from datagen.expressions.tree import NULL, Call, Constant, Node
from datagen.expressions.typing import coerce, unify

Part = tuple[Bools, Column]
"""The rows, and their values."""


def _result(what: str, nodes: tuple[Node, ...]) -> Typed:
    """The cells as one column: only words and categories make a category."""
    typed, common = unify(what, nodes)
    if common == TEXT and all(isinstance(node, Constant) or node.type == CATEGORY for node in typed):
        return typed, CATEGORY
    return typed, common


def _case_rule(args: tuple[Node, ...]) -> Typed:
    """condition, value, condition, value ... and, with an odd number of arguments, ELSE at the end."""
    conditions = tuple(coerce(arg, BOOL, "a condition is required") for arg in args[:-1:2])
    values, kind = _result("CASE", (*args[1::2], args[-1]))
    return (*_woven(conditions, values[:-1]), values[-1]), kind


def _case_of_rule(args: tuple[Node, ...]) -> Typed:
    """operand, when, then, when, then ..., ELSE."""
    (operand, *whens), _ = same_kind("CASE")((args[0], *args[1:-1:2]))
    values, kind = _result("CASE", (*args[2::2], args[-1]))
    return (operand, *_woven(tuple(whens), values[:-1]), values[-1]), kind


def _woven(first: tuple[Node, ...], second: tuple[Node, ...]) -> tuple[Node, ...]:
    return tuple(node for pair in zip(first, second, strict=True) for node in pair)


def _value_nulls(_call: Call, nullable: Sequence[bool]) -> bool:
    return any(nullable[1::2]) or nullable[-1]


def _value_of_nulls(_call: Call, nullable: Sequence[bool]) -> bool:
    return any(nullable[2::2]) or nullable[-1]


@function("CASE", (3, None), _case_rule, _value_nulls, public=False)
def _case(args: Arguments) -> Column:
    return _first_true(args, [(at, None) for at in range(0, len(args) - 1, 2)])


@function("IF", (3, 3), _case_rule, _value_nulls)
def _if(args: Arguments) -> Column:
    return _first_true(args, [(0, None)])


@function("CASE OF", (4, None), _case_of_rule, _value_of_nulls, public=False)
def _case_of(args: Arguments) -> Column:
    operand = args[0]
    return _first_true(args, [(at, operand) for at in range(1, len(args) - 1, 2)])


def _first_true(args: Arguments, tests: list[tuple[int, Column | None]]) -> Column:
    """The value of the first true test in each row. Decided rows are not evaluated further."""
    left = np.ones(1, bool)
    parts: list[Part] = []
    for at, operand in tests:
        test = args.among(at, left)
        true = truths(test if operand is None else compare("=", operand, test)) & left
        parts.append((true, args.among(at + 1, true)))
        left = left & ~true
    return choose(args.call.type, parts, args.among(len(args) - 1, left), args.n)


def choose(kind: Type, parts: list[Part], rest: Column, n: int) -> Column:
    """n cells: from each part for its rows (parts are disjoint), else from `rest`."""
    if kind == CATEGORY:
        return _chosen_words(parts, rest, n)
    if kind == TEXT:
        return Column(TEXT, _chosen_text(parts, rest, n), _chosen_valid(parts, rest, n))
    data = _chosen_data([where for where, _ in parts], [rest.data, *(values.data for _, values in parts)], n)
    return Column(kind, data, _chosen_valid(parts, rest, n))


def _chosen_data(places: list[Bools], sources: list[Any], n: int) -> Any:
    """From the first source, except for rows of other sources."""
    if len(sources) < 256 and all(len(source) == 1 for source in sources):
        # constants only: one byte selects a cell of a table
        which = np.zeros(n, np.uint8)
        for number, where in enumerate(places, 1):
            which += where.view(np.uint8) * np.uint8(number)
        return np.concatenate(sources)[which]
    data = sources[0]
    for where, source in zip(places, sources[1:], strict=True):
        data = np.where(where, source, data)
    return data if len(data) == n else np.repeat(data, n)


def _chosen_valid(parts: list[Part], rest: Column, n: int) -> Bools | None:
    if rest.valid is None and all(values.valid is None for _, values in parts):
        return None
    there = [_there(values) for values in (rest, *(values for _, values in parts))]
    valid: Bools = _chosen_data([where for where, _ in parts], there, n)
    return valid


def _there(values: Column) -> Bools:
    return np.ones(1, bool) if values.valid is None else values.valid


def _chosen_text(parts: list[Part], rest: Column, n: int) -> pa.Array:
    data = broadcast(Column(TEXT, as_text(rest)), n).data
    for where, values in parts:
        text = as_text(values)
        data = pc.if_else(mask(np.broadcast_to(where, n)), text[0] if len(text) == 1 else text, data)
    return data


def _chosen_words(parts: list[Part], rest: Column, n: int) -> Column:
    sources = [as_category(values) for values in (rest, *(values for _, values in parts))]
    union, recoded = joined(sources)
    codes = [look_up(new, source.data) for new, source in zip(recoded, sources, strict=True)]
    data = _chosen_data([where for where, _ in parts], codes, n)
    return Column(CATEGORY, data, _chosen_valid(parts, rest, n), union)


@function("COALESCE", (1, None), partial(_result, "COALESCE"), every)
def _coalesce(args: Arguments) -> Column:
    left = np.ones(1, bool)
    parts: list[Part] = []
    for index in range(len(args)):
        values = args.among(index, left)
        if values.valid is None or index == len(args) - 1:
            return choose(args.call.type, parts, values, args.n) if parts else values
        parts.append((values.valid & left, values))
        left = left & ~values.valid
    return parts[0][1]


def _nullif_rule(args: tuple[Node, ...]) -> Typed:
    """The result has the type of the first argument, whatever the comparison type."""
    (first, second), common = unify("NULLIF", args)
    if common == NULL:
        return (first, second), NULL
    firm = first if args[0].type in (NULL, TEXT) else args[0]
    return (firm, second), firm.type


@function("NULLIF", (2, 2), _nullif_rule, always)
def _nullif(args: Arguments) -> Column:
    cells, other_cells = args[0], args[1]
    other = ~truths(compare("=", converted(cells, other_cells.type), other_cells))
    return Column(cells.type, cells.data, other if cells.valid is None else cells.valid & other, cells.dictionary)


def _extreme_rule(name: str) -> Any:
    def rule(args: tuple[Node, ...]) -> Typed:
        return unify(name, args)

    return rule


def _extreme(sign: str) -> Any:
    """The largest or smallest of the non-missing cells, as in DuckDB; missing if there are none."""

    def evaluate(args: Arguments) -> Column:
        best = args[0]
        for index in range(1, len(args)):
            best = _better(args.call.type, best, args[index], sign, args.n)
        return best

    return evaluate


def _better(kind: Type, best: Column, other: Column, sign: str, n: int) -> Column:
    wins = truths(compare(sign, other, best))
    if best.valid is not None:
        wins = wins | ~best.valid
    if other.valid is not None:
        wins = wins & other.valid
    return choose(TEXT if kind.textual else kind, [(wins, other)], best, n)


for _name, _sign in (("GREATEST", ">"), ("LEAST", "<")):
    function(_name, (1, None), _extreme_rule(_name), every)(_extreme(_sign))
