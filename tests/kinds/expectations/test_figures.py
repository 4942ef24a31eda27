"""Numbers of expectations are written as people write them."""

import pytest

from datagen.columnar.block import FLOAT
from datagen.kinds.expectations.support.bounds import written


@pytest.mark.parametrize(
    "number, text",
    [
        (1_234_567.891, "1,234,568"),
        (1234.5678, "1,234.57"),
        (0.123456789, "0.12346"),
        (0.0, "0"),
        (-5.5, "-5.5"),
        (100.0, "100"),
        (1e12, "1,000,000,000,000"),
        (1e18, "1e+18"),
        (2e-7, "2e-07"),
        (999.9999, "1,000"),
        (0.00012, "0.00012"),
    ],
)
def test_thousands_are_parted_and_digits_are_few(number: float, text: str) -> None:
    assert written(number, FLOAT) == text
