from __future__ import annotations

import numpy as np
import pytest

from datagen import check
from datagen.kinds.generators.support.examples import shop
from tests.promises.documents import tables


def placed(attribute: str) -> dict:
    return shop(orders={"placed_at": {"type": "row_attribute", "attribute": attribute}})


def test_it_shows_what_event_time_is_short_for() -> None:
    orders = tables(placed("event_time"))["orders"]
    assert orders.num_rows > 100
    assert orders["placed_at"].equals(orders["ordered_at"])


def test_it_can_be_the_time_of_the_rows() -> None:
    """A table whose time stands in a row_attribute alone has births, ages and what hangs on them."""
    document = placed("event_time")
    del document["tables"]["orders"]["columns"]["ordered_at"]
    document["tables"]["orders"]["behaviors"] = [{"type": "vintage", "multiply": {"items.weight": [1, 2]}}]
    document["tables"]["items"]["columns"]["weight"] = {"type": "constant", "value": 1.5}
    assert check(document) == ()
    assert np.isin(tables(document)["items"]["weight"].to_numpy(), (1.5, 3.0)).all()


def test_a_time_after_that_of_the_rows_is_never_missing() -> None:
    """Rows come before the window's end, so an `after` of their time stays within the calendar and can be a birth."""
    document = placed("event_time")
    document["tables"]["items"]["columns"]["sent_at"] = {
        "type": "after",
        "column": "orders.placed_at",
        "delay": {"type": "exponential", "mean": "2d"},
        "after_window": "keep",
    }
    document["tables"]["items"]["processes"] = {
        "parcel": {"type": "lifecycle", "born": "sent_at", "start": "sent", "states": {"sent": {}}}
    }
    assert not [problem for problem in check(document) if problem.code == "nullable"]


@pytest.mark.parametrize(
    ("attribute", "hint"), [("event_tme", "did you mean 'event_time'?"), ("state", "known: event_time")]
)
def test_an_unknown_attribute_is_reported_with_the_known_ones(attribute: str, hint: str) -> None:
    (problem,) = check(placed(attribute))
    assert (problem.code, problem.place) == ("unknown-attribute", "$.tables.orders.columns.placed_at.attribute")
    assert "they have event_time" in problem.message
    assert problem.hint == hint


def test_rows_without_attributes_say_so() -> None:
    document = shop(items={"at": {"type": "row_attribute", "attribute": "event_time"}})
    (problem,) = check(document)
    assert problem.code == "unknown-attribute"
    assert problem.hint == "use another generator"
