"""Example documents of faults."""

from __future__ import annotations

from typing import Any


def people(*faults: dict[str, Any]) -> dict[str, Any]:
    """A document of people and their visits, with these faults of the people."""
    return _document({"people": list(faults)})


def visits(*faults: dict[str, Any]) -> dict[str, Any]:
    """The same document, with these faults of the visits."""
    return _document({"visits": list(faults)})


def _document(faults: dict[str, Any]) -> dict[str, Any]:
    people = {
        "person_id": {"type": "key"},
        "name": {"type": "person_name"},
        "city": {"type": "choice", "values": {"Oslo": 3, "Malmö": 1}},
        "joined_at": {"type": "time_between", "from": "window_start", "to": "window_end"},
        "joined_on": {"type": "expression", "expression": "CAST(joined_at AS DATE)"},
    }
    visits = {
        "visit_id": {"type": "key"},
        "person_id": {"type": "parent_key"},
        "at": {"type": "event_time"},
        "weight": {"type": "normal", "mean": 70, "sd": 5, "decimals": 1},
    }
    return {
        "datagen": 1,
        "name": "sample",
        "window": {"start": "2024-01-01", "end": "2025-01-01"},
        "tables": {
            "people": {"rows": 200, "columns": people},
            "visits": {"parent": "people", "rows": {"type": "events", "mean_per_month": 1}, "columns": visits},
        },
        "faults": faults,
    }
