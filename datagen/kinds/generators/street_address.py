"""Streets with house numbers."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from datagen.kinds.generators.support.examples import table_of
from datagen.kinds.generators.support.grammar_generator import LocalGenerator
from datagen.kinds.generators.support.word_grammar import Grammar
from datagen.kinds.generators.support.world import LOCALES, data

_HOUSES = 240


class StreetAddress(LocalGenerator):
    """Streets with house numbers as they are written in the country: 12 Oak Street, Hauptstraße 7."""

    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        table_of(
            country={"type": "place", "part": "country_code"},
            city={"type": "place", "part": "city"},
            street={"type": "street_address", "country": "country"},
        ),
    )

    synonyms: ClassVar[tuple[str, ...]] = ("street", "address", "street_name", "address_line", "address_line_1")
    type: Literal["street_address"] = "street_address"

    def grammar(self) -> Grammar:
        streets = data("streets.json")
        pools = {locale: streets[locale]["streets"] for locale in LOCALES}
        houses = [str(house) for house in range(1, _HOUSES + 1) for _ in range(1 + 60 // (house + 10))]
        forms = [[streets[locale]["form"].replace("{street}", f"{{{locale}}}")] for locale in LOCALES]
        return Grammar.of(forms, {**pools, "number": houses, "small": [str(one) for one in range(1, 10)]})
