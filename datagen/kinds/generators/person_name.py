"""Names of persons."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
import pyarrow as pa
from pydantic import Field

from datagen.columnar.block import CATEGORY, TEXT, Column, Rows, Type, Words
from datagen.columnar.text import Part, WordTable, concat_words
from datagen.declarations.base import Declaration
from datagen.declarations.constraints import WordsDeclaration
from datagen.kinds.generators.base import Fill, Generator
from datagen.kinds.generators.support.examples import table_of
from datagen.kinds.generators.support.name_pools import Locale, pools
from datagen.random.streams import Stream

if TYPE_CHECKING:
    from datagen.scope import Scope


_SPACE = WordTable.of([" "])


class PersonName(Generator):
    """A first name, a last name or both, with a realistic frequency distribution. Names are not unique."""

    computed: ClassVar[bool] = True
    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        table_of(name={"type": "person_name"}, doctor={"type": "person_name", "locale": "de", "part": "last"}),
    )

    synonyms: ClassVar[tuple[str, ...]] = ("name", "names")
    left_out: ClassVar[Mapping[str, str]] = {
        "language lang": "locale",
        "country": "locale",
        "gender": "a 'person' has a gender and a country",
    }
    type: Literal["person_name"] = "person_name"
    locale: Locale = Field(default="en", description="the locale of the names")
    part: Literal["full", "first", "last"] = Field(default="full", description="first and last name, or one of them")

    def result(self, scope: Scope) -> Type | None:
        return TEXT if self.part == "full" else CATEGORY

    def fewest_texts(self) -> int:
        given, family = pools(self.locale)
        return given.fewest * family.fewest if self.part == "full" else 0

    def declarations(self, scope: Scope) -> Iterable[Declaration]:
        if self.intact:
            given, family = (pool.names for pool in pools(self.locale))
            parts = {"full": (given, (" ",), family), "first": (given,), "last": (family,)}[self.part]
            what = {"full": "a first and a last name", "first": "a first name", "last": "a last name"}[self.part]
            yield WordsDeclaration(scope.table.name, scope.column, parts=parts, what=f"{what} of '{self.locale}'")

    def bind(self, scope: Scope) -> Fill:
        first, last = scope.stream("first"), scope.stream("last")
        if self.part == "full":
            return lambda rows: Column(TEXT, full_names(self.locale, rows.ids, first, last))
        pool = pools(self.locale)[self.part == "last"]
        stream = last if self.part == "last" else first

        def fill(rows: Rows) -> Column:
            return pool.pick(stream.words(rows.ids))

        return fill


def full_names(locale: str, ids: Words, first: Stream, last: Stream) -> pa.Array:
    """First and last names with a space between, text, shape (n,)."""
    given, family = pools(locale)
    parts: list[Part] = [(given.pieces, given.frequency.sample(first, ids)), (_SPACE, np.zeros(len(ids), np.int8))]
    return concat_words([*parts, (family.pieces, family.frequency.sample(last, ids))])
