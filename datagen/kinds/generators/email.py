"""E-mail addresses."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

import numpy as np
import pyarrow as pa
from pydantic import Field

from datagen.columnar import arrow_compute as pc
from datagen.columnar.block import TEXT, Column, Ints, Rows, Type, Words
from datagen.columnar.text import Part, WordTable, ascii_fold, buffers, concat_words, digits, text_array
from datagen.declarations.constraints import NameMatchDeclaration, PatternDeclaration, UniqueDeclaration
from datagen.kinds.generators.base import Fill, Generator
from datagen.kinds.generators.support.column_lookup import need, type_problems
from datagen.kinds.generators.support.digit_preserving_permutation import DigitPreservingPermutation
from datagen.kinds.generators.support.examples import table_of
from datagen.kinds.generators.support.name_pools import Locale, pools
from datagen.random.discrete_inverse_cdf import Categories
from datagen.random.integers import uniform_below
from datagen.scope import ColumnRef

if TYPE_CHECKING:
    from datagen.declarations.base import Declaration
    from datagen.errors import Problem
    from datagen.scope import Scope

Domains = dict[str, Annotated[float, Field(ge=0, le=1e15)]]
RESERVED = {"example.com": 6.0, "example.org": 3.0, "example.net": 1.0}
"""Reserved domains (RFC 2606), so that no mail reaches anyone."""

_DOMAIN = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)+\Z")
_SEPARATORS = np.frombuffer(b".._\0", np.uint8)
_NUMBERED = 100
NOBODY = "user"
"""The local part for a name without Latin letters."""
_WRITTEN = r"^[^@\s]+@[^@\s]+\.[^@\s]+$"
_DOT = WordTable.of(["."])
_NOTHING = text_array([""])[0]  # a Python string would import pandas
_SHORT = WordTable.of([*map(str, range(_NUMBERED)), *[""] * _NUMBERED])


_MOST_AROUND = 64
"""Bytes of an address besides the name."""


class Email(Generator):
    """Addresses like ana.silva42@example.com: lower-case ASCII, derived from the name in `from` or from a random name.

    With `unique` the number at the end is unique to the row and does not change when the table grows. In a child table
    it is the number of the root row, a dot, and the row's ordinal.
    """

    computed: ClassVar[bool] = True
    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        table_of(name={"type": "person_name"}, email={"type": "email", "from": "name", "unique": True}),
    )

    synonyms: ClassVar[tuple[str, ...]] = (
        "email_address", "mail", "safe_email", "free_email", "company_email", "ascii_email",
    )  # fmt: skip
    left_out: ClassVar[Mapping[str, str]] = {
        "username user of name": "from",
        "domain": "domains",
        "safe": "the default domains are those for examples",
    }
    type: Literal["email"] = "email"
    from_: str | None = Field(
        default=None, alias="from", description="a column with names; missing names give missing addresses"
    )
    unique: bool = Field(default=False, description="unique addresses")
    locale: Locale = Field(default="en", description="the language of the names, if no column is given")
    domains: Domains = Field(default=RESERVED, description="domains with weights; the default is reserved domains")

    def needs(self, scope: Scope) -> frozenset[ColumnRef]:
        return frozenset({need(scope, self.from_)} if self.from_ else ())

    @property
    def identifies(self) -> bool:
        return self.unique

    def result(self, scope: Scope) -> Type | None:
        return TEXT

    def longest(self, scope: Scope) -> int | None:
        name = scope.longest(self.from_) if self.from_ is not None else None
        return None if name is None else name + _MOST_AROUND

    def nullable(self, scope: Scope) -> bool:
        return self.from_ is not None and scope.nullable(self.from_)

    def problems(self, scope: Scope) -> Iterator[Problem]:
        if self.from_ is not None:
            yield from type_problems(scope, self.from_, ("text", "category"), "from")
            if "locale" in self.model_fields_set:
                yield scope.problem("no-effect", "the names come from a column", "leave 'locale' out", "locale")
        for domain in self.domains:
            if not _DOMAIN.match(domain):
                yield scope.problem(
                    "range", f"'{domain[:60]}' is not a domain", "write one like 'example.com'", "domains", domain
                )
        if not any(self.domains.values()):
            yield scope.problem("range", "no domain has a weight above 0", "name at least one", "domains")

    def declarations(self, scope: Scope) -> Iterable[Declaration]:
        table, column = scope.table.name, scope.column or ""
        if self.intact:
            yield PatternDeclaration(table, column, regex=_WRITTEN, what="an e-mail address")
            yield from (UniqueDeclaration(table, (column,)),) if self.unique else ()
            yield from (NameMatchDeclaration(table, column, source=self.from_, nobody=NOBODY),) if self.from_ else ()

    def bind(self, scope: Scope) -> Fill:
        own, tail, style = self._own_names(scope), self._tail(scope), scope.stream("style")

        def fill(rows: Rows) -> Column:
            styles = (style.words(rows.ids) >> np.uint64(62)).view(np.int64)
            if self.from_ is None:
                return Column(TEXT, concat_words([*own(rows.ids, styles), *tail(rows)]))
            names = rows.column(self.from_)
            local = never_empty(ascii_fold(names.texts, _SEPARATORS[styles], digits=not self.unique))
            return Column(TEXT, pc.binary_join_element_wise(local, concat_words(tail(rows)), _NOTHING), names.valid)

        return fill

    def _own_names(self, scope: Scope) -> Callable[[Words, Ints], list[Part]]:
        """First and last names of rows with such identities and styles."""
        first, last = scope.stream("first"), scope.stream("last")

        def own(ids: Words, styles: Ints) -> list[Part]:
            return [
                (pieces, pool.frequency.sample(stream, ids) + styles * len(pool.names))
                for pool, pieces, stream in zip(pools(self.locale), _folded(self.locale), (first, last), strict=True)
            ]

        return own

    def _tail(self, scope: Scope) -> Callable[[Rows], list[Part]]:
        """The number, if any, and the domain."""
        number, domain = scope.stream("number"), scope.stream("domain")
        scattering, shares = DigitPreservingPermutation.of(number), Categories.of(list(self.domains.values()))
        pool = WordTable.of([f"@{domain}" for domain in self.domains])

        def tail(rows: Rows) -> list[Part]:
            if self.unique:  # unique to the row: the number of its root, and its position below it
                root, *below = rows.lineage
                numbers = digits(scattering(root))
                for ordinal in below:
                    numbers += [(_DOT, np.zeros(len(rows), np.int8)), *digits(ordinal + 1)]
            else:  # half of the rows have a short number, half have none
                numbers = [(_SHORT, uniform_below(number.words(rows.ids), 2 * _NUMBERED))]
            return [*numbers, (pool, shares.sample(domain, rows.ids))]

        return tail


@cache
def _folded(locale: str) -> tuple[WordTable, WordTable]:
    """First names with the separator, and last names, for each style. The shipped names have no digits."""
    first, last = pools(locale)
    return WordTable.of(first.folded(_SEPARATORS, ends=True)), WordTable.of(last.folded(_SEPARATORS, ends=False))


def never_empty(local: pa.Array) -> pa.Array:
    """Names without Latin letters get the local part `nobody`."""
    _, offsets = buffers(local)
    empty = offsets[1:] == offsets[:-1]
    return pc.if_else(pc.equal(pc.binary_length(local), 0), NOBODY, local) if empty.any() else local
