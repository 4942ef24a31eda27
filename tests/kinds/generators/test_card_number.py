from __future__ import annotations

import re

import pytest

from tests.fakes import column, listed


def valid(number: str) -> bool:
    """The Luhn rule."""
    total = 0
    for i, digit in enumerate(reversed(number)):
        value = int(digit) * (2 if i % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


@pytest.mark.parametrize("brand, form", [
    ("visa", "4[0-9]{15}"), ("mastercard", "5[1-5][0-9]{14}"), ("amex", "37[0-9]{13}"), ("discover", "6011[0-9]{12}"),
])  # fmt: skip
def test_check_digits_are_valid(brand, form):
    numbers = listed(column({"type": "card_number", "brand": brand}, 500))
    assert all(re.fullmatch(form, number) and valid(number) for number in numbers)
    assert len(set(numbers)) == 500
