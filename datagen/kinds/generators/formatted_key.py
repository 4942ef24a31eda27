"""Formatted keys such as EMP-2024-000123."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
import pyarrow as pa
from pydantic import Field

from datagen.columnar import arrow_compute as pc
from datagen.columnar.block import TEXT, Column, Ints, Rows, Type, indices
from datagen.columnar.row_time import moments
from datagen.columnar.text import Part, WordTable, concat_words, digits, text_array
from datagen.declarations.constraints import UniqueDeclaration
from datagen.kinds.generators.base import Fill, Generator
from datagen.kinds.generators.support.examples import shop, table_of
from datagen.scope import ColumnRef, Role
from datagen.time_units import DAY

if TYPE_CHECKING:
    from datagen.declarations.base import Declaration
    from datagen.errors import Problem
    from datagen.scope import Scope, StaticContext

_PLACE = re.compile(r"\{(number(?::\d{1,2})?|year|parent)\}")
_MOST_DIGITS = 18


class FormattedKey(Generator):
    """A text around the number of the row: `{number:6}` is the number in at least six digits.

    With `{year}`, the year in which the row came, or the root row above it, numbers begin anew each year. With
    `{parent}`, the key of the parent, they begin anew below each parent only. Else they count the rows of the table. So
    no text comes twice.
    """

    left_out: ClassVar[Mapping[str, str]] = {
        "unique": "every cell is unique without it",
        "restart": "numbers begin anew below each parent with {parent} in the format, and each year with {year}",
    }
    role: ClassVar[Role] = "identifier"
    computed: ClassVar[bool] = True
    multiplied: ClassVar[bool] = False
    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        table_of(badge={"type": "formatted_key", "format": "B-{number:5}"}),
        shop(
            customers={"customer_no": {"type": "formatted_key", "format": "C-{year}-{number:6}"}},
            orders={"order_no": {"type": "formatted_key", "format": "{parent}/{number:3}"}},
        ),
    )

    synonyms: ClassVar[tuple[str, ...]] = (
        "code_key",
        "prefixed_id",
        "business_key",
        "document_number",
        "invoice_number",
    )
    type: Literal["formatted_key"] = "formatted_key"
    format: str = Field(
        min_length=1, max_length=100, description="the text, with {number}, {number:6}, {year} or {parent} in it"
    )
    start: int = Field(default=1, ge=0, le=10**15, description="the first number")

    @property
    def identifies(self) -> bool:
        return True

    @property
    def _places(self) -> list[str]:
        return _PLACE.findall(self.format)

    def depends_on_row_number(self, context: StaticContext) -> bool:
        return context.table.parent is not None and "parent" not in self._places

    def needs(self, scope: Scope) -> frozenset[ColumnRef]:
        parent = scope.tables().get(scope.table.parent or "") if "parent" in self._places else None
        return frozenset({(parent.name, parent.identity[0])} if parent is not None and parent.identity else ())

    def result(self, scope: Scope) -> Type | None:
        return TEXT

    def longest(self, scope: Scope) -> int | None:
        return len(self.format.encode()) + 20 * len(self._places) + 40

    def problems(self, scope: Scope) -> Iterator[Problem]:
        places, parent = self._places, scope.tables().get(scope.table.parent or "")
        unread = any(brace in _PLACE.sub("", self.format) for brace in "{}")
        if not unread and not any(place.startswith("number") for place in places):
            yield scope.problem(
                "missing", "the format has no number, so that keys are not unique", "write {number:6} in it", "format"
            )
        if unread:
            hint = "known: {number}, {number:6}, {year}, {parent}"
            yield scope.problem("unknown-name", "there is something else in braces", hint, "format")
        if "parent" in places and (parent is None or len(parent.identity) != 1):
            message = f"'{scope.table.name}' has no parent with a key of one column"
            yield scope.problem("no-parent", message, "leave {parent} out", "format")
        elif "parent" in places and parent is not None and scope.nullable(parent.identity[0], parent.name):
            yield scope.problem("nullable", "the parent's key can be missing", "leave {parent} out", "format")
        if "year" in places and not self._years_known(scope):
            message = "{year} needs rows, or root rows above them, that arrive over time"
            hint = (
                "give the root table arrivals as rows, leave {year} out, or write {parent}, too, below rows with a time"
            )
            yield scope.problem("conflict", message, hint, "format")

    def _years_known(self, scope: Scope) -> bool:
        """Whether rows have a year and, if it restarts their numbers, are in the order of years."""
        tables, names = scope.tables(), [scope.table.name]
        while tables[names[-1]].parent in tables and len(names) <= len(tables):
            names.append(tables[names[-1]].parent or "")
        timed = [name for name in names if tables[name].rows.time is not None]
        if "parent" in self._places:
            return bool(timed)
        return timed == names[-1:] and "arrival_time" in tables[names[-1]].row_times

    def declarations(self, scope: Scope) -> Iterable[Declaration]:
        if self.intact:
            yield UniqueDeclaration(scope.table.name, (scope.column or "",))

    def bind(self, scope: Scope) -> Fill:
        number = self._numbers(scope)
        parent = scope.tables().get(scope.table.parent or "")
        key = parent.identity[0] if "parent" in self._places and parent is not None else None
        pieces = _PLACE.split(self.format)

        def fill(rows: Rows) -> Column:
            years, numbers = number(rows)
            texts: list[pa.Array] = []
            for i, piece in enumerate(pieces):
                if i % 2 == 0:
                    texts += [text_array([piece]).take(indices(np.zeros(len(rows), np.int64)))] if piece else []
                elif piece == "parent":
                    texts.append(_text(rows.up().column(key or "")))
                else:
                    texts.append(
                        concat_words(_padded(years if piece == "year" else numbers, int(piece.partition(":")[2] or 0)))
                    )
            return Column(TEXT, pc.binary_join_element_wise(*texts, ""))

        return fill

    def _numbers(self, scope: Scope) -> Callable[[Rows], tuple[Ints, Ints]]:
        """The year of each row, where it matters, and its number."""
        year = _years if "year" in self._places else lambda rows: rows.index
        if "parent" in self._places:
            return lambda rows: (year(rows), rows.lineage[-1] + self.start)
        if "year" not in self._places:
            return lambda rows: (year(rows), rows.index_from(self.start))
        before = self._before(scope)

        def of_year(rows: Rows) -> tuple[Ints, Ints]:
            years = _years(rows)
            return years, rows.index - before(years) + self.start

        return of_year

    def _before(self, scope: Scope) -> Callable[[Ints], Ints]:
        """From years to the number of rows before each. Rows below others are counted, once per worker."""
        if scope.table.parent is None:
            existing = scope.existing(scope.table.name)
            return lambda years: existing((years - 1970).astype("M8[Y]").astype("M8[D]").astype(np.int64) * DAY - 1)
        scan = scope.scan(scope.table.name, ())

        @cache
        def first() -> tuple[Ints, Ints]:
            found = [(np.unique(_years(Rows(block)), return_index=True), block.first) for block in scan()]
            years, at = (np.concatenate(part) for part in zip(*((own, i + n) for (own, i), n in found), strict=True))
            years, kept = np.unique(years, return_index=True)
            return years, at[kept]

        return lambda years: first()[1][np.searchsorted(first()[0], years)]


def _years(rows: Rows) -> Ints:
    """The year in which each row came, or the row above it that has a time."""
    when = moments(rows)
    assert when is not None
    return when.astype("M8[us]").astype("M8[Y]").astype(np.int64) + 1970


def _text(values: Column) -> pa.Array:
    """Keys as texts."""
    return values.texts if values.type.textual else concat_words(digits(values.data))


def _padded(numbers: Ints, width: int) -> list[Part]:
    """Whole numbers with at least this many digits."""
    if not width:
        return digits(numbers)
    lengths = np.searchsorted(10 ** np.arange(1, _MOST_DIGITS + 1), numbers, side="right") + 1
    zeros = WordTable.of(["0" * many for many in range(width + 1)])
    return [(zeros, np.maximum(width - lengths, 0)), *digits(numbers)]
