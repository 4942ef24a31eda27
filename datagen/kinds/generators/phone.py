"""Telephone numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field

from datagen.columnar.block import Ints, Rows
from datagen.kinds.generators.support.column_lookup import need
from datagen.kinds.generators.support.examples import table_of
from datagen.kinds.generators.support.geography import countries, country_number, deciding_problems, group_of
from datagen.kinds.generators.support.grammar_generator import GrammarGenerator
from datagen.kinds.generators.support.word_grammar import Grammar
from datagen.registry import did_you_mean
from datagen.scope import ColumnRef

if TYPE_CHECKING:
    from datagen.errors import Problem
    from datagen.scope import Scope

_PLACES = {"#": "{digit}", "N": "{high}", "X": "{digit}"}


class Phone(GrammarGenerator):
    """Telephone numbers as they are written in the country, with its prefix: +49 151 23456789."""

    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        table_of(
            country={"type": "choice", "values": ["US", "DE", "FR"]},
            phone={"type": "phone", "country": "country"},
            fax={"type": "phone", "default": "BR", "form": "national"},
        ),
    )

    synonyms: ClassVar[tuple[str, ...]] = (
        "phone_number",
        "telephone",
        "mobile",
        "mobile_number",
        "msisdn",
        "cell_phone",
        "fax",
    )
    left_out: ClassVar[Mapping[str, str]] = {
        "pattern mask": "a 'pattern' writes any digits; a phone has those of its country",
    }
    type: Literal["phone"] = "phone"
    country: str | None = Field(default=None, description="a column with countries or locales that decides")
    default: str = Field(default="US", description="the country of rows without a country")
    form: Literal["international", "national"] = Field(
        default="international", description="with the country's prefix, or without"
    )

    def needs(self, scope: Scope) -> frozenset[ColumnRef]:
        return frozenset({need(scope, self.country)} if self.country else ())

    def problems(self, scope: Scope) -> Iterator[Problem]:
        if self.country is not None:
            yield from deciding_problems(scope, self.country, "country", country_number)
        if country_number(self.default) < 0:
            hint = did_you_mean(self.default, [one.code for one in countries()])
            yield scope.problem("unknown-country", f"'{self.default[:40]}' is not a known country", hint, "default")

    def group(self) -> Callable[[Rows], Ints]:
        return group_of(self.country, country_number, max(country_number(self.default), 0))

    def grammar(self) -> Grammar:
        groups = []
        for one in countries():
            prefix = f"{one.dial} " if self.form == "international" else ""
            groups.append([prefix + "".join(_PLACES.get(sign, sign) for sign in phone) for phone in one.phones])
        return Grammar.of(groups, {"digit": list("0123456789"), "high": list("23456789")})
