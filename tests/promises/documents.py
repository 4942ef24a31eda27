"""Documents that the promises are tested on, and the tables that they give."""

from __future__ import annotations

import copy
from typing import Any

import pyarrow as pa

from datagen.api import _planned
from datagen.engine.generate import generate_partition
from datagen.planning.plan import Plan

BUSY: dict[str, Any] = {
    "datagen": 1,
    "name": "busy",
    "seed": 7,
    "window": {"start": "2023-01-01", "end": "2024-03-10"},
    "tables": {
        "places": {
            "rows": 12,
            "columns": {
                "place_id": {"type": "key"},
                "fee": {"type": "lognormal", "median": 9, "sigma": 0.5, "decimals": 2},
            },
        },
        "people": {
            "rows": {"type": "arrivals", "count": 150, "before_window": 0.3, "end": "2024-01-01"},
            "columns": {
                "person_id": {"type": "key"},
                "joined_at": {"type": "arrival_time"},
                "grade": {"type": "choice", "values": {"a": 1, "b": 3, "c": 6}},
                "friend_id": {"type": "reference", "table": "people"},
                "name": {"type": "person_name"},
                "email": {"type": "email", "from": "name", "unique": True},
                "spent": {"type": "sum_of", "table": "visits", "expression": "fee"},
            },
            "behaviors": [
                {"type": "segments", "column": "grade", "multiply": {"a": {"visits": 2.5, "visits.fee": 1.5}}},
                {"type": "vintage", "multiply": {"visits": {"type": "points", "values": [1.0, 0.6, 0.3]}}},
            ],
        },
        "visits": {
            "parent": "people",
            "rows": {"type": "events", "mean_per_month": 3, "dispersion": 0.6},
            "columns": {
                "visit_id": {"type": "key"},
                "person_id": {"type": "parent_key"},
                "came_at": {"type": "event_time"},
                "place_id": {"type": "reference", "table": "places", "popularity": {"type": "zipf", "exponent": 1.2}},
                "fee": {"type": "lookup", "through": "place_id", "column": "fee"},
                "left_at": {
                    "type": "after",
                    "column": "came_at",
                    "delay": {"type": "lognormal", "median": "1h", "sigma": 0.7},
                },
                "notes": {"type": "count_of", "table": "remarks"},
            },
        },
        "remarks": {
            "parent": "visits",
            "rows": {"type": "per_parent", "count": {"type": "negative_binomial", "mean": 1.1, "dispersion": 0.5}},
            "columns": {
                "remark_id": {"type": "key"},
                "visit_id": {"type": "parent_key"},
                "score": {"type": "normal", "mean": 3, "sd": 1, "min": 1, "max": 5, "decimals": 1},
                "by_id": {"type": "reference", "table": "people", "existing_at": "visits.came_at"},
            },
        },
    },
}


def busy(**changes: Any) -> dict[str, Any]:
    """A copy of the busy document with other top-level values."""
    return {**copy.deepcopy(BUSY), **changes}


def planned(document: dict[str, Any], **choices: Any) -> Plan:
    """The plan of a run. `datagen.plan` also makes and encodes thousands of rows, to estimate the sizes of files."""
    return _planned(document, choices)


def tables(document: dict[str, Any], **choices: Any) -> dict[str, pa.Table]:
    """Every table of a document, whole."""
    plan = planned(document, **choices)
    parts = [made for partition in plan.partitions for made in generate_partition(plan, partition)]
    return {
        name: pa.concat_tables([table.schema.empty_table(), *(p[name] for p in parts if name in p)])
        for name, table in plan.tables.items()
    }


def staff() -> dict[str, Any]:
    """How often people are away depends on who leads them: on a row of their own table, found by its number."""
    away = {"absence_id": {"type": "key"}, "person_id": {"type": "parent_key"}, "since": {"type": "event_time"}}
    people = {
        "person_id": {"type": "key"},
        "level": {"type": "choice", "values": {"junior": 6, "senior": 4}},
        "leader_id": {"type": "reference", "table": "people", "popularity": {"type": "zipf", "order": "key"}},
        "leader_level": {"type": "lookup", "through": "leader_id", "column": "level"},
        "parity": {"type": "case", "column": "level", "cases": {"junior": {"type": "parent_key"}}, "default": 0},
    }
    led = {"type": "segments", "column": "leader_level", "multiply": {"junior": {"absences": 3}}}
    return {
        "datagen": 1,
        "name": "staff",
        "window": {"start": "2024-01-01", "end": "2025-01-01"},
        "tables": {
            "teams": {"rows": 60, "columns": {"team_id": {"type": "key"}}},
            "people": {
                "parent": "teams",
                "rows": {"type": "per_parent", "count": {"type": "poisson", "mean": 9}},
                "columns": people,
                "behaviors": [led],
            },
            "absences": {"parent": "people", "rows": {"type": "events", "mean_per_year": 3}, "columns": away},
        },
    }
