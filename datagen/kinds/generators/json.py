"""JSON texts made of other columns."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

import numpy as np
import pyarrow as pa
from pydantic import Field

from datagen.columnar import arrow_compute as pc
from datagen.columnar.block import TEXT, Column, Rows, Type, indices
from datagen.columnar.text import text_array
from datagen.kinds.generators.base import Fill, Generator
from datagen.kinds.generators.support.column_lookup import as_text_sql, need
from datagen.kinds.generators.support.examples import table_of
from datagen.scope import ColumnRef

if TYPE_CHECKING:
    from datagen.errors import Problem
    from datagen.expressions.compiled_expression import Compiled
    from datagen.scope import Scope

Fields = Annotated[dict[str, "str | dict[str, Any]"], Field(min_length=1, max_length=200)]
_NOTHING = text_array([""])[0]  # a Python string would import pandas
_ESCAPED = (("\\", "\\\\"), ('"', '\\"'), ("\n", "\\n"), ("\r", "\\r"), ("\t", "\\t"))
_QUOTED = ("text", "category", "date", "timestamp", "duration")


class Json(Generator):
    """A JSON object as text: each key with the cell of a column, or an object of its own. Missing cells are null.

    Numbers and truth values are written without quotes, everything else in quotes. Columns that only the object shows
    can be hidden.
    """

    computed: ClassVar[bool] = True
    multiplied: ClassVar[bool] = False
    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        table_of(
            colour={"type": "colour", "hidden": True},
            size={"type": "choice", "values": ["S", "M"], "hidden": True},
            weight={"type": "uniform", "min": 1, "max": 9, "decimals": 1, "hidden": True},
            details={"type": "json", "fields": {"colour": "colour", "measures": {"size": "size", "kg": "weight"}}},
        ),
    )

    synonyms: ClassVar[tuple[str, ...]] = ("json_object", "json_text", "jsonb", "payload", "object", "document")
    type: Literal["json"] = "json"
    fields: Fields = Field(description="keys with the columns they show, or with objects of the same form")

    def needs(self, scope: Scope) -> frozenset[ColumnRef]:
        return frozenset(need(scope, column) for _, column in _leaves(self.fields) if isinstance(column, str))

    def result(self, scope: Scope) -> Type | None:
        return TEXT

    def longest(self, scope: Scope) -> int | None:
        lengths = [scope.longest(column) or 64 for _, column in _leaves(self.fields) if isinstance(column, str)]
        return len(str(self.fields)) + 2 * sum(lengths)

    def problems(self, scope: Scope) -> Iterator[Problem]:
        for path, column in _leaves(self.fields):
            if not isinstance(column, str):
                yield scope.problem("type", "it is no column and no object", "name a column", "fields", *path)
            elif (problem := scope.column_problem(column, "fields", *path)) is not None:
                yield problem

    def bind(self, scope: Scope) -> Fill:
        parts = list(_parts(self.fields))
        cells = {part: _cells(scope, part) for part, fixed in parts if not fixed}

        def fill(rows: Rows) -> Column:
            texts = [_fixed(part, len(rows)) if fixed else cells[part](rows) for part, fixed in parts]
            return Column(TEXT, pc.binary_join_element_wise(*texts, _NOTHING))

        return fill


def _leaves(fields: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every column with the keys that lead to it."""
    for key, value in fields.items():
        if isinstance(value, dict):
            yield from _leaves(value, (*path, key))
        else:
            yield (*path, key), value


def _parts(fields: Any) -> Iterator[tuple[str, bool]]:
    """The object as fixed texts and columns, in order; True for fixed ones."""
    for i, (key, value) in enumerate(fields.items()):
        yield f'{"," if i else "{"}"{_escape(key)}":', True
        if isinstance(value, dict):
            yield from _parts(value)
        else:
            yield value, False
    yield "}" if fields else "{}", True


def _escape(text: str) -> str:
    for sign, written in _ESCAPED:
        text = text.replace(sign, written)
    return text


@cache
def _single(text: str) -> pa.Array:
    return text_array([text])


def _fixed(text: str, count: int) -> pa.Array:
    return _single(text).take(indices(np.zeros(count, np.int64)))


def _cells(scope: Scope, column: str) -> Any:
    """The cells of a column as JSON."""
    type_ = scope.type_of(column)
    quoted = type_ is not None and type_.name in _QUOTED
    expression: Compiled = scope.expression(as_text_sql(column))

    def cells(rows: Rows) -> pa.Array:
        made = expression(rows)
        texts = made.texts
        if quoted:
            for sign, written in _ESCAPED:
                texts = pc.replace_substring(texts, pattern=sign, replacement=written)
            texts = pc.binary_join_element_wise(_fixed('"', len(rows)), texts, _fixed('"', len(rows)), _NOTHING)
        if made.valid is None:
            return texts
        keep = pa.Array.from_buffers(
            pa.bool_(), len(rows), [None, pa.py_buffer(np.packbits(made.valid, bitorder="little"))]
        )
        return pc.if_else(keep, texts, _single("null")[0])

    return cells
