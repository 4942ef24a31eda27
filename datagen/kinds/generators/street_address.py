"""Streets with house numbers."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, ClassVar, Literal

from datagen.columnar.block import Ints, Rows
from datagen.kinds.generators.support.examples import table_of
from datagen.kinds.generators.support.geography import LOCALES, countries, country_number, data, group_of, locale_number
from datagen.kinds.generators.support.grammar_generator import LocalGenerator
from datagen.kinds.generators.support.word_grammar import Grammar

_HOUSES = 240


class StreetAddress(LocalGenerator):
    """Streets with house numbers as they are written in the country: 12 Oak Street, Hauptstraße 7.

    Countries without streets of their own have those of the language that most there speak.
    """

    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        table_of(
            country={"type": "place", "part": "country_code"},
            city={"type": "place", "part": "city"},
            street={"type": "street_address", "country": "country"},
        ),
    )

    synonyms: ClassVar[tuple[str, ...]] = ("street", "address", "street_name", "address_line", "address_line_1")
    type: Literal["street_address"] = "street_address"

    def group(self) -> Callable[[Rows], Ints]:
        return group_of(self.country, _number, LOCALES.index(self.locale))

    def grammar(self) -> Grammar:
        streets = _streets()
        houses = [str(house) for house in range(1, _HOUSES + 1) for _ in range(1 + 60 // (house + 10))]
        forms = [[one["form"].replace("{street}", f"{{{name}}}")] for name, one in streets.items()]
        pools = {name: one["streets"] for name, one in streets.items()}
        return Grammar.of(forms, {**pools, "number": houses, "small": [str(one) for one in range(1, 10)]})


@cache
def _streets() -> dict[str, Any]:
    """The form and the streets of each locale, then of countries that differ from theirs."""
    streets = data("streets.json")
    return {name: streets[name] for name in dict.fromkeys((*LOCALES, *streets))}


def _number(text: str) -> int:
    """The number of the streets of a country, a locale or a language; -1 where it is not known."""
    country, names = country_number(text), list(_streets())
    code = countries()[country].code if country >= 0 else ""
    return names.index(code) if code in names else locale_number(text)
