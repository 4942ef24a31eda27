"""A column is described by its declaration, not by its kind alone."""

import json
from pathlib import Path

import pytest

from datagen.analysis import analyze_or_raise
from datagen.validation.report.html.column_words import declared, what_it_is
from tests.validation.report.html.samples import shop

EXAMPLES = Path(__file__).parents[4] / "examples"
OWN = {
    "datagen": 1,
    "name": "words",
    "tables": {
        "a": {
            "rows": 9,
            "columns": {
                "id": {"type": "key"},
                "size": {"type": "normal", "mean": 3, "sd": 1, "description": "In centimetres."},
                "price": {"type": "lognormal", "median": 12, "sigma": 0.3, "decimals": 2},
                "area": {"type": "expression", "expression": "size * 2"},
                "kind": {"type": "choice", "values": {"x": 1, "y": 3}},
                "sent": {"type": "uniform", "min": "2024-01-01", "max": "2024-03-01"},
                "came": {
                    "type": "after",
                    "column": "sent",
                    "delay": {"type": "lognormal", "median": "2d", "sigma": 0.6},
                },
            },
        }
    },
}


@pytest.mark.parametrize(
    "column, message",
    [
        ("id", "Identifies each row."),
        ("size", "In centimetres."),
        ("price", "Lognormal: median 12, sigma 0.3, decimals 2."),
        ("area", "Computed: size * 2"),
        ("came", "After sent by lognormal, median 2d, sigma 0.6."),
        ("kind", "One of x (25\N{NO-BREAK SPACE}%), y (75\N{NO-BREAK SPACE}%)."),
    ],
)
def test_a_column_is_described_by_its_declaration(column, message):
    assert what_it_is(analyze_or_raise(OWN), "a", column) == message


def test_an_attribute_of_the_row_is_described_by_its_name():
    document = json.loads((EXAMPLES / "subscription_lifecycle.json").read_text())
    assert what_it_is(analyze_or_raise(document), "stays", "state") == "Made with the row: state."


def test_keys_name_the_table_that_they_lead_to():
    assert what_it_is(shop(), "orders", "customer_id") == "The row of customers that the row belongs to."
    assert what_it_is(shop(), "order_items", "product_id").startswith("A row of products")
    assert what_it_is(shop(), "order_items", "unit_price") == "list_price of the row in product_id."


def test_a_column_that_a_behavior_makes_is_reported_too():
    model = analyze_or_raise(
        {
            **OWN,
            "tables": {
                "a": {
                    **OWN["tables"]["a"],
                    "behaviors": [
                        {
                            "type": "experiment",
                            "name": "colour",
                            "column": "variant",
                            "start": "2024-01-01",
                            "arms": {"red": {}, "blue": {}},
                        },
                    ],
                }
            },
            "window": {"start": "2024-01-01", "end": "2025-01-01"},
        }
    )
    assert what_it_is(model, "a", "variant") == "Experiment attribute: experiment colour."
    assert declared(model, "a", "variant") == "experiment_attribute, experiment colour"


def test_no_two_columns_of_a_table_are_reported_alike():
    for table, facts in shop().tables.items():
        reported = [what_it_is(shop(), table, name) for name in facts.declared]
        assert len(reported) == len(set(reported))
