"""Identifiers that sort by time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from datagen.columnar.block import TEXT, Column, Rows, Type
from datagen.columnar.text import strings
from datagen.declarations.constraints import PatternDeclaration, UniqueDeclaration
from datagen.kinds.generators.base import Fill, Generator
from datagen.kinds.generators.support.examples import shop
from datagen.kinds.generators.support.row_moment import moment_needs, moment_of, moment_problems
from datagen.scope import ColumnRef, Role

if TYPE_CHECKING:
    from datagen.declarations.base import Declaration
    from datagen.errors import Problem
    from datagen.scope import Scope

_ALPHABET = np.frombuffer(b"0123456789ABCDEFGHJKMNPQRSTVWXYZ", np.uint8)
_LENGTH, _TIME = 26, 10
_MILLISECOND = 1000


class Ulid(Generator):
    """ULIDs: 48 bits of time in milliseconds and 80 random bits in Crockford's base 32, so that texts sort by time.

    The time is that of the row, or of the column `at`.
    """

    role: ClassVar[Role] = "identifier"
    computed: ClassVar[bool] = True
    examples: ClassVar[tuple[dict[str, Any], ...]] = (shop(orders={"order_ref": {"type": "ulid"}}),)

    synonyms: ClassVar[tuple[str, ...]] = ("ksuid", "sortable_id", "time_id", "snowflake")
    left_out: ClassVar[Mapping[str, str]] = {"unique": "every cell is unique without it"}
    type: Literal["ulid"] = "ulid"
    at: str | None = Field(default=None, description="a timestamp column, instead of the time of the row")

    @property
    def identifies(self) -> bool:
        return True

    def needs(self, scope: Scope) -> frozenset[ColumnRef]:
        return moment_needs(scope, self.at)

    def result(self, scope: Scope) -> Type | None:
        return TEXT

    def longest(self, scope: Scope) -> int | None:
        return _LENGTH

    def problems(self, scope: Scope) -> Iterator[Problem]:
        yield from moment_problems(scope, self.at, "at")

    def declarations(self, scope: Scope) -> Iterable[Declaration]:
        if self.intact:
            regex = "^[0-7][0-9A-HJKMNP-TV-Z]{25}$"
            yield PatternDeclaration(scope.table.name, scope.column, regex=regex, what="a ULID")
            yield UniqueDeclaration(scope.table.name, (scope.column or "",))

    def bind(self, scope: Scope) -> Fill:
        streams = scope.stream(), scope.stream().substream(1)

        def fill(rows: Rows) -> Column:
            text = np.empty((len(rows), _LENGTH), np.uint8)
            bits = np.maximum(moment_of(rows, self.at) // _MILLISECOND, 0).view(np.uint64)
            _spell(text[:, :_TIME], bits)
            for half, stream in enumerate(streams):
                _spell(text[:, _TIME + 8 * half : _TIME + 8 * half + 8], stream.words(rows.ids))
            return Column(TEXT, strings(text.reshape(-1), np.arange(len(rows) + 1) * _LENGTH))

        return fill


def _spell(out: np.ndarray, words: np.ndarray) -> None:
    """Five bits of a word for each character, the last bits at the end; `words` are shifted away."""
    left = words.copy()
    for place in range(out.shape[1] - 1, -1, -1):
        out[:, place] = _ALPHABET[(left & np.uint64(31)).view(np.int64)]
        left >>= np.uint64(5)
