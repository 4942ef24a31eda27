"""E-mail addresses."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

import numpy as np
import pyarrow as pa
from pydantic import Field

from datagen import arrow_compute as pc
from datagen.block import TEXT, Rows, Type, Values
from datagen.generators.base import Fill, Generator, Need
from datagen.generators.name_pools import Locale
from datagen.generators.person_name import full_names
from datagen.generators.questions import misread, need
from datagen.generators.samples import table_of
from datagen.generators.scattering import Scattering
from datagen.sampling.discrete import Categories, uniform_below
from datagen.text import buffers, folded, text_array

if TYPE_CHECKING:
    from datagen.errors import Problem
    from datagen.scope import Scope

Domains = dict[str, Annotated[float, Field(ge=0, le=1e15)]]
RESERVED = {"example.com": 6.0, "example.org": 3.0, "example.net": 1.0}
"""Domains that belong to nobody (RFC 2606), so that no mail ever reaches a stranger."""

_DOMAIN = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)+\Z")
_SEPARATORS = np.frombuffer(b".._\0", np.uint8)
_NUMBERED = 100


class Email(Generator):
    """Addresses like ana.silva42@example.com: lower-case ASCII, made of the name in `from`, or of one of their own.

    With `unique` the number at the end belongs to one row only, and stays with it when the table grows.
    """

    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        table_of(name={"type": "person_name"}, email={"type": "email", "from": "name", "unique": True}),
    )

    type: Literal["email"] = "email"
    from_: str | None = Field(
        default=None, alias="from", description="a column with names; missing names have no address"
    )
    unique: bool = Field(default=False, description="no address twice")
    locale: Locale = Field(default="en", description="whose names, where no column is given")
    domains: Domains = Field(default=RESERVED, description="domains with weights; those nobody owns if not said")

    def needs(self, scope: Scope) -> frozenset[Need]:
        return frozenset({need(scope, self.from_)} if self.from_ else ())

    def result(self, scope: Scope) -> Type | None:
        return TEXT

    def nullable(self, scope: Scope) -> bool:
        return self.from_ is not None and scope.nullable(self.from_)

    def problems(self, scope: Scope) -> Iterator[Problem]:
        if self.from_ is not None:
            yield from misread(scope, self.from_, ("text", "category"), "from")
            if "locale" in self.model_fields_set:
                yield scope.problem("no-effect", "the names come from a column", "leave 'locale' out", "locale")
        for domain in self.domains:
            if not _DOMAIN.match(domain):
                yield scope.problem(
                    "range", f"'{domain[:60]}' is no domain", "write one like 'example.com'", "domains", domain
                )
        if not any(self.domains.values()):
            yield scope.problem("range", "no domain has a weight above 0", "name at least one", "domains")

    def bind(self, scope: Scope) -> Fill:
        names, numbers, domains = self._names(scope), self._numbers(scope), self._domains(scope)
        style = scope.stream("style")

        def fill(rows: Rows) -> Values:
            source = names(rows)
            separators = _SEPARATORS[(style.words(rows.ids) >> np.uint64(62)).astype(np.int64)]
            local = _never_empty(folded(_texts(source), separators, digits=not self.unique))
            return Values(TEXT, pc.binary_join_element_wise(local, numbers(rows), domains(rows), ""), source.valid)

        return fill

    def _names(self, scope: Scope) -> Callable[[Rows], Values]:
        if self.from_ is not None:
            column = self.from_
            return lambda rows: rows.column(column)
        first, last = scope.stream("first"), scope.stream("last")
        return lambda rows: Values(TEXT, full_names(self.locale, rows.ids, first, last))

    def _numbers(self, scope: Scope) -> Callable[[Rows], pa.Array]:
        """The number at the end: one of its own for each row, or a short one, or none, for half of the rows each."""
        stream = scope.stream("number")
        if self.unique:
            scattering = Scattering.of(stream)
            return lambda rows: pc.cast(pa.array(scattering(rows.index)), pa.string())
        pool = text_array([*map(str, range(_NUMBERED)), *[""] * _NUMBERED])
        return lambda rows: pool.take(pa.array(uniform_below(stream.words(rows.ids), len(pool))))

    def _domains(self, scope: Scope) -> Callable[[Rows], pa.Array | str]:
        pool = text_array([f"@{domain}" for domain in self.domains])
        if len(pool) == 1:
            return lambda _: f"@{next(iter(self.domains))}"
        stream, shares = scope.stream("domain"), Categories.of(list(self.domains.values()))
        return lambda rows: pool.take(pa.array(shares.codes(stream.words(rows.ids))))


def _texts(values: Values) -> pa.Array:
    return values.data if values.words is None else values.words.take(pa.array(values.data))


def _never_empty(local: pa.Array) -> pa.Array:
    """Names that nothing was left of become `user`."""
    _, offsets = buffers(local)
    empty = offsets[1:] == offsets[:-1]
    return pc.if_else(pa.array(empty), "user", local) if empty.any() else local
