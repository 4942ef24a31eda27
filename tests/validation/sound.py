"""Sixty sound documents of many domains and sizes, from compact templates: two parents to 200,000, one day to ten
years.
"""

from __future__ import annotations

from typing import Any

KINDS = ("retail", "clinic", "factory", "bank", "school", "transit", "media", "energy", "logistics", "games")
WORDS = {
    "retail": ("customers", "orders", "amount"),
    "clinic": ("patients", "visits", "fee"),
    "factory": ("machines", "readings", "heat"),
    "bank": ("accounts", "transfers", "value"),
    "school": ("pupils", "tests", "mark"),
    "transit": ("vehicles", "stops", "delay"),
    "media": ("readers", "views", "seconds"),
    "energy": ("meters", "measurements", "load"),
    "logistics": ("trucks", "trips", "weight"),
    "games": ("players", "matches", "points"),
}
DISTRIBUTIONS: tuple[dict[str, Any], ...] = (
    {"type": "lognormal", "median": 40, "sigma": 0.7, "decimals": 2},
    {"type": "normal", "mean": 60, "sd": 9, "decimals": 1},
    {"type": "gamma", "mean": 90, "shape": 3, "decimals": 2},
    {"type": "uniform", "min": 5, "max": 900, "decimals": 0},
    {"type": "exponential", "mean": 30},
    {"type": "weibull", "scale": 50, "shape": 1.5, "decimals": 2},
    {"type": "beta", "a": 2, "b": 5},
    {"type": "pareto", "minimum": 10, "alpha": 3, "decimals": 2},
    {"type": "normal", "mean": 3, "sd": 1, "min": 0, "max": 6, "decimals": 0},
    {"type": "lognormal", "median": 9000000, "sigma": 1.1, "decimals": 2},
)
SIZES: tuple[tuple[int, str, str, float], ...] = (
    (2, "2024-01-01", "2025-01-01", 200.0),
    (3, "2024-03-05", "2024-03-06", 3000.0),
    (20, "2015-01-01", "2025-01-01", 4.0),
    (300, "2024-01-01", "2024-07-01", 6.0),
    (4000, "2023-01-01", "2025-01-01", 0.8),
    (40, "2024-02-01", "2024-05-01", 60.0),
)
"""Parents, window and events per parent and month."""
BEHAVIORS: tuple[list[dict[str, Any]], ...] = (
    [],
    [{"type": "seasonality", "weekday": {"sat": 1.5, "sun": 1.3}, "hour": "retail"}],
    [{"type": "trend", "shape": "exponential", "growth_per_year": 0.3}],
    [{"type": "noise", "rho": 0.5, "sd": 0.12}],
    [{"type": "seasonality", "month": {"dec": 1.6, "jul": 0.7}}, {"type": "noise", "rho": 0.3, "sd": 0.1}],
)


def document(number: int) -> dict[str, Any]:
    """The document of a number from 0 to 59."""
    kind, (parents, start, end, monthly) = KINDS[number % 10], SIZES[number // 10]
    above, below, value = WORDS[kind]
    nulls = [{"type": "nulls", "share": 0.2}] if number % 3 == 0 else []
    arriving = {"type": "arrivals", "count": parents, "before_window": 0.4}
    effects = {"b": {below: 1.5, f"{below}.{value}": 1.3}} if number % 2 and parents > 10 else {}
    return {
        "datagen": 1,
        "name": f"{kind}_{number}",
        "seed": number,
        "window": {"start": start, "end": end},
        "tables": {
            "places": {
                "rows": 5 + number,
                "columns": {"place_id": {"type": "key"}, "area": DISTRIBUTIONS[(number + 3) % 10]},
            },
            above: {
                "rows": arriving if number % 4 == 1 and parents > 10 else parents,
                "columns": {
                    "id": {"type": "key"},
                    **({"since": {"type": "arrival_time"}} if number % 4 == 1 and parents > 10 else {}),
                    "kind": {"type": "choice", "values": {"a": 5, "b": 3, "c": 2}},
                    "size": DISTRIBUTIONS[(number + 1) % 10],
                    "code": {"type": "pattern", "pattern": "K-#####", "modifiers": nulls},
                },
                "behaviors": [{"type": "segments", "column": "kind", "multiply": effects}] if effects else [],
            },
            below: {
                "parent": above,
                "rows": {
                    "type": "events",
                    "mean_per_month": monthly,
                    **({"dispersion": 0.5} if number % 5 == 2 else {}),
                },
                "columns": {
                    "row_id": {"type": "key"},
                    "id": {"type": "parent_key"},
                    "at": {"type": "event_time"},
                    value: DISTRIBUTIONS[number % 10 if not effects else (0, 2, 5)[number % 3]],
                    "state": {"type": "choice", "values": {"ok": 90, "late": 7, "lost": 3}},
                    "place_id": {"type": "reference", "table": "places"},
                    "extra": {**DISTRIBUTIONS[(number + 5) % 10], "modifiers": nulls},
                },
                "behaviors": BEHAVIORS[number % 5],
            },
        },
    }


LARGE: dict[str, Any] = {
    "datagen": 1,
    "name": "large",
    "seed": 1,
    "window": {"start": "2024-01-01", "end": "2024-02-01"},
    "tables": {
        "people": {
            "rows": 200_000,
            "columns": {
                "person_id": {"type": "key"},
                "kind": {"type": "choice", "values": {"a": 5, "b": 3}},
                "income": {"type": "lognormal", "median": 30000, "sigma": 0.6, "decimals": 2},
            },
        },
        "calls": {
            "parent": "people",
            "rows": {"type": "events", "mean_per_month": 2},
            "columns": {
                "call_id": {"type": "key"},
                "person_id": {"type": "parent_key"},
                "at": {"type": "event_time"},
                "seconds": {"type": "exponential", "mean": 90, "decimals": 0},
            },
        },
    },
}
DOCUMENTS: dict[str, dict[str, Any]] = {**{document(n)["name"]: document(n) for n in range(59)}, "large": LARGE}
FAST = ("retail_0", "clinic_11", "factory_22", "bank_33", "school_4", "media_36", "transit_25", "logistics_38")
