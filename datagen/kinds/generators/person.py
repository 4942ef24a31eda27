"""Persons: parts that belong together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from datagen.columnar.block import CATEGORY, TEXT, Column, Ints, Rows, Type, Words
from datagen.columnar.text import Part, WordTable, concat_words, text_array
from datagen.declarations.base import Declaration
from datagen.declarations.constraints import WordsDeclaration
from datagen.kinds.generators.base import Fill, Generator
from datagen.kinds.generators.support.column_lookup import need, type_problems
from datagen.kinds.generators.support.examples import table_of
from datagen.kinds.generators.support.geography import (
    LOCALES,
    Locale,
    data,
    deciding_problems,
    group_of,
    locale_number,
    numbered,
)  # fmt: skip
from datagen.random.discrete_inverse_cdf import Categories
from datagen.random.streams import Stream
from datagen.scope import ColumnRef, StaticContext

if TYPE_CHECKING:
    from datagen.errors import Problem
    from datagen.scope import Scope

_NAMED = {
    "full_name": "first and a last name of the locale",
    "latin_name": "first and a last name of the locale in Latin letters",
    "first_name": "first name of the locale",
    "last_name": "last name of the locale",
}
GENDERS = ("female", "male")
_SHIFT = 15.0
Parts = Literal["full_name", "first_name", "last_name", "gender", "latin_name"]


@dataclass(frozen=True, slots=True, eq=False)
class Names:
    """Pools of names one after the other: that of number k begins at `first[k]`; `shares[k]` draws from it."""

    all: tuple[str, ...]
    words: WordTable
    first: Ints
    shares: tuple[Categories, ...]

    @classmethod
    def of(cls, pools: list[list[str]]) -> Names:
        sizes = np.array([len(pool) for pool in pools], np.int64)
        every = [name for pool in pools for name in pool]
        return cls(
            tuple(every), WordTable.of(every), np.cumsum(sizes) - sizes, tuple(_frequency(len(pool)) for pool in pools)
        )

    def of_locale(self, locale: int) -> tuple[str, ...]:
        """The different names of both pools of a locale."""
        ends = [*self.first.tolist(), len(self.all)]
        return tuple(sorted({*self.all[ends[2 * locale] : ends[2 * locale + 2]]}))

    def drawn(self, stream: Stream, ids: Words, pools: Ints) -> Ints:
        """The name of each row from its pool: the k-th in proportion to 1 / (k + 15)."""
        words, found = stream.words(ids), np.empty(len(ids), np.int64)
        for pool in np.unique(pools).tolist():
            at = np.flatnonzero(pools == pool)
            found[at] = self.first[pool] + self.shares[pool].codes(words[at])
        return found


@cache
def _frequency(size: int) -> Categories:
    return Categories.of([1.0 / (k + _SHIFT) for k in range(1, size + 1)])


@cache
def names(part: str, latin: str = "") -> Names:
    """First or last names, a pool for the women and one for the men of each locale; in Latin letters if `latin`."""
    pools = []
    for locale in LOCALES:
        known = data("people", f"{locale}.json")
        for gender in GENDERS:
            own = gender if part == "first" else f"last_{gender}" if f"last_{gender}" in known else "last"
            pools.append(known.get(f"{latin}{own}", known[own]))
    return Names.of(pools)


@cache
def _layouts() -> tuple[Ints, Ints]:
    """Of each locale: whether the family's name comes first, and which of `_SPACES` separates the names."""
    known = [data("people", f"{locale}.json") for locale in LOCALES]
    return np.array([one.get("family_first", False) for one in known]), np.array(
        [_SPACES.index(one.get("space", " ")) for one in known]
    )


_SPACES = ("", " ")
_BETWEEN = WordTable.of(list(_SPACES))


class Person(Generator):
    """A part of a person. All parts in a row with the same `entity` are of one person: gender, first name and last name
    agree.

    Names are those of the locale, or of the country or locale in a column. The gender can be a column, too (`female` or
    `f`, `male` or `m`). `latin_name` is the full name in Latin letters: what e-mail addresses are made of.
    """

    computed: ClassVar[bool] = True
    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        table_of(
            country={"type": "choice", "values": {"US": 5, "DE": 3, "JP": 2}},
            gender={"type": "person", "part": "gender", "country": "country"},
            first_name={"type": "person", "part": "first_name", "country": "country"},
            name={"type": "person", "country": "country"},
            latin={"type": "person", "part": "latin_name", "country": "country", "hidden": True},
            email={"type": "email", "from": "latin", "unique": True},
            contact={"type": "person", "entity": "contact", "locale": "fr"},
        ),
    )

    synonyms: ClassVar[tuple[str, ...]] = (
        "first_name", "last_name", "given_name", "surname", "family_name", "fullname_male", "sex", "gender",
        "full_name",
    )  # fmt: skip
    type: Literal["person"] = "person"
    part: Parts = Field(default="full_name", description="the part of the person")
    entity: str = Field(default="", max_length=60, description="name of the person, if a row has several")
    locale: Locale = Field(default="en_US", description="the locale of the names")
    country: str | None = Field(
        default=None, description="a column with countries or locales that decides; others take `locale`"
    )
    gender: str | None = Field(
        default=None, description="a column with the gender; else each is one of two with the same chance"
    )

    def needs(self, scope: Scope) -> frozenset[ColumnRef]:
        return frozenset(need(scope, column) for column in (self.country, self.gender) if column is not None)

    def result(self, scope: Scope) -> Type | None:
        return CATEGORY if self.part == "gender" else TEXT

    def domain(self, context: StaticContext) -> tuple[str, ...] | None:
        return GENDERS if self.part == "gender" else None

    def longest(self, scope: Scope) -> int | None:
        return (
            None if self.part == "gender" else 2 + sum(int(names(one).words.lengths.max()) for one in ("first", "last"))
        )

    def problems(self, scope: Scope) -> Iterator[Problem]:
        if self.country is not None:
            yield from deciding_problems(scope, self.country, "country", locale_number)
        if self.gender is not None:
            yield from type_problems(scope, self.gender, ("category", "text"), "gender")
        yield from self._disagreements(scope)

    def declarations(self, scope: Scope) -> Iterable[Declaration]:
        yield from super().declarations(scope)
        if self.intact and self.country is None and self.part != "gender":
            yield WordsDeclaration(scope.table.name, scope.column, parts=self._written(), what=f"a {_NAMED[self.part]}")

    def _written(self) -> tuple[tuple[str, ...], ...]:
        """The names and spaces that a text of its locale consists of, in their order."""
        locale, latin = LOCALES.index(self.locale), "latin_" if self.part == "latin_name" else ""
        given, family = (names(part, latin).of_locale(locale) for part in ("first", "last"))
        if self.part in ("first_name", "last_name"):
            return (given,) if self.part == "first_name" else (family,)
        family_first, space = _layouts()
        if latin or not family_first[locale]:
            return given, (" " if latin else _SPACES[space[locale]],), family
        return family, (_SPACES[space[locale]],), given

    def _disagreements(self, scope: Scope) -> Iterator[Problem]:
        """Parts of one person that are drawn otherwise do not agree."""
        for name, other in scope.table.columns.items():
            if not isinstance(other, Person) or other.entity != self.entity or name == scope.column:
                continue
            for key in ("locale", "country", "gender"):
                if getattr(other, key) != getattr(self, key):
                    message = f"'{name}' is a part of the same person, with another '{key}'"
                    yield scope.problem(
                        "conflict", message, "write the same, or give one of them another 'entity'", key
                    )
                    return

    def bind(self, scope: Scope) -> Fill:
        locale = group_of(self.country, locale_number, LOCALES.index(self.locale))
        gender = self._genders(scope.table_stream("person", self.entity, "gender"))
        first, last = (scope.table_stream("person", self.entity, one) for one in ("first", "last"))
        if self.part == "gender":
            words = text_array(list(GENDERS))
            return lambda rows: Column(CATEGORY, gender(rows).astype(np.int32), dictionary=words)
        latin = "latin_" if self.part == "latin_name" else ""

        def fill(rows: Rows) -> Column:
            group = locale(rows)
            pool = 2 * group + gender(rows)
            one, other = names("first", latin), names("last", latin)
            if self.part in ("first_name", "last_name"):
                mine, stream = (one, first) if self.part == "first_name" else (other, last)
                return Column(TEXT, concat_words([(mine.words, mine.drawn(stream, rows.ids, pool))]))
            given, family = one.drawn(first, rows.ids, pool), other.drawn(last, rows.ids, pool)
            return Column(TEXT, concat_words(_full(latin, given, family, group)))

        return fill

    def _genders(self, stream: Stream) -> Callable[[Rows], Ints]:
        """The number of each row's gender; that of a column where it says one."""

        def drawn(rows: Rows) -> Ints:
            by_lot = (stream.words(rows.ids) >> np.uint64(63)).view(np.int64)
            if self.gender is None:
                return by_lot
            declared = numbered(rows.column(self.gender), _gender_number)
            return np.where(declared < 0, by_lot, declared)

        return drawn


def _gender_number(text: str) -> int:
    """The code of a gender that is given as text, -1 for another text."""
    letter = text.strip().casefold()[:1]
    return 0 if letter in ("f", "w") else 1 if letter == "m" else -1


@cache
def _both(latin: str) -> WordTable:
    """First names, then last names."""
    return WordTable.of([name for part in ("first", "last") for name in names(part, latin).all])


def _full(latin: str, given: Ints, family: Ints, group: Ints) -> list[Part]:
    """Both names in the order and with the space of the locale; in Latin letters the given name comes first."""
    family_first, space = _layouts()
    last = family + len(names("first", latin).all)
    turned = family_first[group] & (not latin)
    between = np.where(bool(latin), _SPACES.index(" "), space[group])
    words = _both(latin)
    return [(words, np.where(turned, last, given)), (_BETWEEN, between), (words, np.where(turned, given, last))]
