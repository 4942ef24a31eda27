"""Texts with other columns in them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import reduce
from operator import and_
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from datagen.columnar import arrow_compute as pc
from datagen.columnar.block import TEXT, Column, Rows, Type, indices
from datagen.columnar.text import WordTable, concat_words, text_array
from datagen.errors import ExpressionError
from datagen.kinds.generators.base import Fill, Generator
from datagen.kinds.generators.pattern import ALPHABETS
from datagen.kinds.generators.support.column_lookup import as_text_sql, need
from datagen.kinds.generators.support.examples import table_of
from datagen.random.integers import uniform_below
from datagen.scope import ColumnRef

if TYPE_CHECKING:
    from datagen.errors import Problem
    from datagen.scope import Scope

_PLACE = re.compile(r"\{([^{}]*)\}")
_DRAWN = re.compile(r"[#?*]+\Z")
_NOTHING = text_array([""])[0]  # a Python string would import pandas
_LONGEST_NUMBER = 40


class Template(Generator):
    """A text in which `{column}` is replaced by the cell of a column, and `{##??**}` by random digits, letters, or
    either.

    Missing where one of the columns is. For more than that, use an `expression`.
    """

    computed: ClassVar[bool] = True
    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        table_of(
            first={"type": "person", "part": "first_name"},
            year={"type": "uniform", "min": 1950, "max": 2005, "decimals": 0},
            login={"type": "template", "template": "{first}.{year}-{##}", "case": "lower"},
        ),
    )

    synonyms: ClassVar[tuple[str, ...]] = (
        "string_template",
        "format_string",
        "interpolate",
        "composite",
        "jinja",
        "f_string",
    )
    type: Literal["template"] = "template"
    template: str = Field(
        min_length=1, max_length=500, description="the text, with columns or random characters in braces"
    )
    case: Literal["as_is", "lower", "upper"] = Field(
        default="as_is", description="letters as they are, or all small or capital"
    )

    @property
    def _columns(self) -> tuple[str, ...]:
        return tuple(place for place in _PLACE.findall(self.template) if not _DRAWN.match(place))

    def needs(self, scope: Scope) -> frozenset[ColumnRef]:
        return frozenset(need(scope, column) for column in self._columns)

    def result(self, scope: Scope) -> Type | None:
        return TEXT

    def nullable(self, scope: Scope) -> bool:
        return any(scope.nullable(column) for column in self._columns)

    def longest(self, scope: Scope) -> int | None:
        lengths = [scope.longest(column) for column in self._columns]
        types = [scope.type_of(column) for column in self._columns]
        found = [
            _LONGEST_NUMBER if type_ is not None and not type_.textual else length
            for length, type_ in zip(lengths, types, strict=True)
        ]
        return None if None in found else len(self.template.encode()) + sum(length or 0 for length in found)

    def problems(self, scope: Scope) -> Iterator[Problem]:
        if not _PLACE.search(self.template):
            yield scope.problem(
                "no-effect", "the template has nothing in braces", "use 'constant' for a fixed text", "template"
            )
        for column in self._columns:
            problem = scope.column_problem(column, "template")
            if problem is not None:
                yield problem
                continue
            try:
                scope.expression(as_text_sql(column))
            except ExpressionError as error:
                yield scope.problem(error.code, error.message, error.hint, "template")

    def bind(self, scope: Scope) -> Fill:
        pieces = [self._piece(scope, i, piece) for i, piece in enumerate(_PLACE.split(self.template)) if piece]
        change = {"lower": pc.utf8_lower, "upper": pc.utf8_upper}.get(self.case)

        def fill(rows: Rows) -> Column:
            parts = [piece(rows) for piece in pieces]
            text = pc.binary_join_element_wise(*(part.texts for part in parts), _NOTHING)
            masks = [part.valid for part in parts if part.valid is not None]
            return Column(TEXT, text if change is None else change(text), reduce(and_, masks) if masks else None)

        return fill

    def _piece(self, scope: Scope, number: int, piece: str) -> Callable[[Rows], Column]:
        """A part of the text for each row: a fixed one, random characters, or a column."""
        if number % 2 == 0:
            fixed = text_array([piece])
            return lambda rows: Column(TEXT, fixed.take(indices(np.zeros(len(rows), np.int64))))
        if not _DRAWN.match(piece):
            return scope.expression(as_text_sql(piece))
        stream = scope.stream(str(number))
        tables = [WordTable.of([chr(sign) for sign in ALPHABETS[mark]]) for mark in piece]

        def drawn(rows: Rows) -> Column:
            lanes = (stream.substream(k).words(rows.ids) for k in range(len(tables)))
            numbers = (uniform_below(words, len(table.lengths)) for table, words in zip(tables, lanes, strict=True))
            return Column(TEXT, concat_words(list(zip(tables, numbers, strict=True))))

        return drawn
