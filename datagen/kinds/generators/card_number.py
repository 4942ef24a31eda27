"""Numbers of payment cards."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from datagen.columnar.block import TEXT, Column, Rows, Type
from datagen.columnar.text import strings
from datagen.declarations.constraints import PatternDeclaration
from datagen.kinds.generators.base import Fill, Generator
from datagen.kinds.generators.support.check_digits import luhn
from datagen.kinds.generators.support.examples import table_of
from datagen.random.integers import uniform_below

if TYPE_CHECKING:
    from collections.abc import Iterable

    from datagen.declarations.base import Declaration
    from datagen.scope import Scope

Brand = Literal["visa", "mastercard", "amex", "discover"]
_BRANDS = {"visa": ("4", 16), "mastercard": ("5", 16), "amex": ("37", 15), "discover": ("6011", 16)}


class CardNumber(Generator):
    """Numbers of payment cards with a valid check digit (Luhn), of the length of the brand. They are not cards of a
    bank.
    """

    computed: ClassVar[bool] = True
    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        table_of(card={"type": "card_number"}, company_card={"type": "card_number", "brand": "amex"}),
    )

    synonyms: ClassVar[tuple[str, ...]] = ("credit_card", "credit_card_number", "card", "pan", "debit_card")
    type: Literal["card_number"] = "card_number"
    brand: Brand = Field(default="visa", description="the brand")

    def result(self, scope: Scope) -> Type | None:
        return TEXT

    def longest(self, scope: Scope) -> int | None:
        return _BRANDS[self.brand][1]

    def declarations(self, scope: Scope) -> Iterable[Declaration]:
        if self.intact:
            prefix, places = _BRANDS[self.brand]
            regex = f"^{prefix}[0-9]{{{places - len(prefix)}}}$"
            yield PatternDeclaration(scope.table.name, scope.column, regex=regex, what=f"a number of {self.brand}")

    def bind(self, scope: Scope) -> Fill:
        prefix, places = _BRANDS[self.brand]
        stream, free = scope.stream(), places - len(prefix) - 1
        head = np.array([int(sign) for sign in prefix], np.uint8)
        if self.brand == "mastercard":
            free -= 1  # 51 to 55

        def fill(rows: Rows) -> Column:
            digits = np.empty((len(rows), places), np.uint8)
            digits[:, : len(head)] = head
            number = uniform_below(stream.words(rows.ids), 10**free)
            for place in range(places - 2, places - 2 - free, -1):
                digits[:, place] = number % 10
                number //= 10
            if self.brand == "mastercard":
                digits[:, 1] = 1 + uniform_below(stream.substream(1).words(rows.ids), 5)
            digits[:, -1] = luhn(digits[:, :-1])
            digits += ord("0")
            return Column(TEXT, strings(digits.reshape(-1), np.arange(len(rows) + 1) * places))

        return fill
