"""A schema whose every text tries to get out of where it is put."""

from __future__ import annotations

from typing import Any

TEXTS = [
    "L'Aquila",
    "{{ env_var('X') }}",
    "a\\b",
    'x"""); import os #',
    "'); DROP TABLE orders; --",
    "line\nbreak",
    "{% raw %}",
]

HOSTILE: dict[str, Any] = {
    "datagen": 1,
    "name": "hostile",
    "description": "".join(TEXTS),
    "window": {"start": "2024-01-01", "end": "2024-07-01"},
    "tables": {
        "Stores": {
            "description": TEXTS[3],
            "rows": 30,
            "columns": {
                "class": {"type": "key", "description": "\n".join(TEXTS)},
                "city": {"type": "choice", "values": dict.fromkeys(TEXTS, 1)},
                "open": {"type": "choice", "values": {"true": 9, "false": 1}},
                "str": {"type": "uniform", "min": 0.5, "max": 3.25},
                "validate": {"type": "uniform", "min": 1, "max": 9, "decimals": 0},
                "since": {"type": "uniform", "min": "2001-01-01", "max": "2011-12-31", "as": "date"},
            },
        },
        "customers": {
            "rows": {"type": "arrivals", "count": 200},
            "columns": {
                "customer_id": {"type": "key"},
                "created_at": {"type": "arrival_time"},
                "home": {"type": "reference", "table": "Stores", "modifiers": [{"type": "nulls", "share": 0.2}]},
                "email": {"type": "email", "unique": True},
                "code": {"type": "pattern", "pattern": "??-##'\""},
                "score": {"type": "normal", "mean": 50, "sd": 20, "min": 0, "max": 100, "decimals": 1},
            },
            "behaviors": [
                {
                    "type": "segments",
                    "latent": {"truth_column": "habit", "values": {"loyal": 1, "casual": 4}},
                    "multiply": {"loyal": {"orders": 3, "orders.amount": 2}},
                }
            ],
        },
        "orders": {
            "parent": "customers",
            "rows": {"type": "events", "mean_per_month": 2},
            "behaviors": [{"type": "seasonality", "of": "rows", "weekday": {"sat": 1.4}, "holidays": "US"}],
            "columns": {
                "order_id": {"type": "key"},
                "customer_id": {"type": "parent_key"},
                "ordered_at": {"type": "event_time"},
                "wait": {"type": "uniform", "min": "1h", "max": "3h"},
                "paid_at": {"type": "after", "column": "ordered_at", "delay": "2h"},
                "amount": {"type": "lognormal", "median": 30, "sigma": 1, "decimals": 2, "min": 0.5},
            },
        },
    },
    "expectations": [
        {"type": "row_condition", "table": "orders", "condition": "paid_at >= ordered_at AND amount > 0 /* {{ x }} */"},
        {"type": "unique", "table": "orders", "columns": ["customer_id", "ordered_at"]},
        {"type": "mean", "table": "orders", "expression": "amount", "between": [10, 500]},
        {"type": "count", "table": "orders", "at_least": 5},
    ],
}
