"""International bank account numbers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from datagen.columnar.block import TEXT, Column, Rows, Type, Words
from datagen.columnar.text import Bytes, strings
from datagen.declarations.constraints import PatternDeclaration
from datagen.kinds.generators.base import Fill, Generator
from datagen.kinds.generators.support.check_digits import mod97
from datagen.kinds.generators.support.column_lookup import need
from datagen.kinds.generators.support.examples import table_of
from datagen.kinds.generators.support.geography import countries, country_number, deciding_problems, numbered
from datagen.kinds.generators.support.merge_cases import assembled
from datagen.random.streams import Stream
from datagen.registry import did_you_mean
from datagen.scope import ColumnRef

if TYPE_CHECKING:
    from datagen.declarations.base import Declaration
    from datagen.errors import Problem
    from datagen.scope import Scope

_FORMS = {
    "DE": "18n", "AT": "16n", "CH": "17n", "FR": "23n", "BE": "12n", "ES": "20n", "PT": "21n", "IT": "1a22n",
    "NL": "4a10n", "GB": "4a14n", "IE": "4a14n", "PL": "24n", "CZ": "20n", "TR": "22n", "SA": "20n", "EG": "25n",
    "AE": "19n", "SE": "20n", "NO": "11n", "DK": "14n", "FI": "14n", "BR": "23n1a1n",
}  # fmt: skip
"""For each country with IBANs, the numbers of letters (a) and digits (n) after the check digits."""


class Iban(Generator):
    """IBANs of the length of the country, with valid check digits (ISO 13616). Banks and accounts are made up.

    Countries without IBANs have none: cells are missing there, unless `default` names a country with them.
    """

    computed: ClassVar[bool] = True
    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        table_of(
            country={"type": "choice", "values": {"DE": 3, "NL": 2, "US": 1}},
            iban={"type": "iban", "country": "country"},
            refund_to={"type": "iban", "default": "FR"},
        ),
    )

    synonyms: ClassVar[tuple[str, ...]] = (
        "iban_number",
        "bank_account",
        "account_number",
        "bban",
        "bank_account_number",
    )
    type: Literal["iban"] = "iban"
    country: str | None = Field(default=None, description="a column with countries that decides")
    default: str | None = Field(default=None, description="the country of rows without a country")

    def needs(self, scope: Scope) -> frozenset[ColumnRef]:
        return frozenset({need(scope, self.country)} if self.country else ())

    def result(self, scope: Scope) -> Type | None:
        return TEXT

    def nullable(self, scope: Scope) -> bool:
        return self.country is not None and self.default is None

    def longest(self, scope: Scope) -> int | None:
        return 34

    def problems(self, scope: Scope) -> Iterator[Problem]:
        if self.country is not None:
            yield from deciding_problems(scope, self.country, "country", country_number)
        elif self.default is None:
            yield scope.problem("missing", "no country is given", "write 'country' or 'default'", "default")
        if self.default is not None and self.default not in _FORMS:
            message = f"'{self.default[:40]}' is not a country with IBANs"
            yield scope.problem("unknown-country", message, did_you_mean(self.default, list(_FORMS)), "default")

    def declarations(self, scope: Scope) -> Iterable[Declaration]:
        if self.intact:
            regex = "^[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}$"
            yield PatternDeclaration(scope.table.name, scope.column, regex=regex, what="an IBAN")

    def bind(self, scope: Scope) -> Fill:
        stream, codes = scope.stream(), [one.code for one in countries()]
        otherwise = codes.index(self.default) if self.default is not None else -1
        with_ibans = np.array([code in _FORMS for code in codes])

        def fill(rows: Rows) -> Column:
            number = (
                np.full(len(rows), otherwise)
                if self.country is None
                else numbered(rows.column(self.country), country_number)
            )
            number = np.where((number >= 0) & with_ibans[number], number, otherwise)
            parts, places = [], []
            for one in np.unique(number[number >= 0]).tolist():
                at = np.flatnonzero(number == one)
                made = _made(codes[one], stream, rows.ids[at])
                parts.append(Column(TEXT, strings(made.reshape(-1), np.arange(len(at) + 1) * made.shape[1])))
                places.append(at)
            return assembled(parts, places, len(rows), TEXT)

        return fill


def _made(code: str, stream: Stream, ids: Words) -> Bytes:
    """IBANs of one country as characters, shape (n, length)."""
    form = _FORMS[code]
    places = [kind for count, kind in _counted(form) for _ in range(count)]
    values = np.empty((len(ids), len(places)), np.uint8)
    for place, kind in enumerate(places):
        if place % 8 == 0:
            words = stream.substream(place // 8).words(ids)
        words, drawn = np.divmod(words, np.uint64(10 if kind == "n" else 26))
        values[:, place] = drawn + (10 if kind == "a" else 0)
    country = np.array([ord(letter) - 55 for letter in code] + [0, 0], np.uint8)
    check = mod97(np.concatenate([values, np.tile(country, (len(ids), 1))], axis=1))
    head = np.tile(np.frombuffer(code.encode(), np.uint8), (len(ids), 1))
    signs = np.where(values > 9, values + 55, values + 48).astype(np.uint8)
    return np.concatenate([head, (check // 10 + 48)[:, None], (check % 10 + 48)[:, None], signs], axis=1)


def _counted(form: str) -> Iterator[tuple[int, str]]:
    """Counts and kinds of a form: "4a10n" is four letters, then ten digits."""
    count = ""
    for sign in form:
        if sign.isdigit():
            count += sign
        else:
            yield int(count), sign
            count = ""
