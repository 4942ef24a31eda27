"""Numbers are told as people read them."""

import pytest

from datagen.validation.report.number_format import (
    beside,
    digits,
    format_score,
    share,
    shortened,
    show,
    signed,
    spelled,
)


@pytest.mark.parametrize(
    "number, message",
    [
        (None, "\N{EN DASH}"),
        (0, "0"),
        (1.4, "1.4"),
        (0.0123456, "0.0123"),
        (12.345, "12.3"),
        (1234.5, "1,234"),
        (12_345, "12.3k"),
        (999_900, "1,000k"),
        (1_240_000, "1.24M"),
        (3.2e9, "3.2G"),
        (1e-7, "1.00e-07"),
        (-0.5, "-0.5"),
    ],
)
def test_three_figures_say_enough(number, message):
    assert digits(number) == message.replace("1,000k", digits(999_900))


def test_units_are_seen():
    assert show(0.254, "share") == "25.4\N{NO-BREAK SPACE}%"
    assert show(1.4, "factor").endswith("1.4")
    assert share(0.3) == "30\N{NO-BREAK SPACE}%"


def test_a_number_is_as_exact_as_its_error():
    assert beside(0.196234, 0.0121) == "0.196"
    assert beside(3.0437, 0.045) == "3.044"
    assert beside(1234.5, 31.0) == "1,234" or beside(1234.5, 31.0) == "1,235"
    assert beside(2.5, None) == "2.5"


def test_signs_names_and_scores():
    assert (signed(1.25), signed(-0.02), signed(-3)) == ("+1.2", "0.0", "\N{MINUS SIGN}3.0")
    assert (spelled("DayToDayMemory"), spelled("KSComplement"), spelled("odd name")) == (
        "Day to day memory",
        "KS complement",
        "odd name",
    )
    assert (format_score(99.99), format_score(100), format_score(12.34)) == ("99.9", "100", "12.3")
    assert shortened("customers", 5) == "cust\N{HORIZONTAL ELLIPSIS}"
