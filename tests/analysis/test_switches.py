"""Declarations are switched off by address; an address that leads nowhere is a problem."""

from __future__ import annotations

import pytest

import datagen
from tests.runtime.test_compare import SEGMENTS, attribution, world


@pytest.mark.parametrize(
    ("address", "message", "hint"),
    [
        ("customers.behaviors.chekout", "no declaration", "customers.behaviors.checkout"),
        ("customer.behaviors.checkout", "no table 'customer'", "customers"),
        ("customers.checkout", "no declaration", "customers.behaviors.checkout"),
        ("lines.behaviors.trend", "no declaration", "has none"),
    ],
)
def test_an_unknown_address_is_reported_with_the_nearest(address: str, message: str, hint: str) -> None:
    (problem,) = datagen.check({**world(), "without": [address]})
    assert problem.code == "unknown-declaration"
    assert problem.place == "$.without[0]"
    assert message in problem.message
    assert hint in problem.hint


def test_an_option_is_checked_like_a_document() -> None:
    with pytest.raises(datagen.SchemaError, match="no declaration"):
        datagen.plan(world(), without=["customers.behaviors.nothing"])


def test_the_second_behavior_of_a_type_has_a_number() -> None:
    document = world()
    document["tables"]["customers"]["behaviors"] = [SEGMENTS, SEGMENTS]
    assert datagen.check({**document, "without": ["customers.behaviors.segments_2"]}) == ()


def test_an_address_twice_is_a_problem() -> None:
    (problem,) = datagen.check({**world(), "without": ["customers.behaviors.checkout"] * 2})
    assert problem.code == "duplicate"


def test_triggers_and_each_kind_of_them_have_an_address() -> None:
    for address in ("conversions.triggered_by", "conversions.triggered_by.mail"):
        assert datagen.check({**attribution(), "without": [address]}) == ()
