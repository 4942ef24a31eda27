"""Example documents of processes and their views."""

from __future__ import annotations

from typing import Any

LIFECYCLE: dict[str, Any] = {
    "type": "lifecycle",
    "start": "trial",
    "states": {
        "trial": {"next": {"active": 0.6, "cancelled": 0.4}, "stay": "14d"},
        "active": {
            "exits": {
                "cancelled": {"type": "exponential", "mean": 12},
                "past_due": {"type": "exponential", "mean": 8},
            }
        },
        "past_due": {
            "next": {"active": 0.7, "cancelled": 0.3},
            "stay": {"type": "lognormal", "median": "9d", "sigma": 0.6},
        },
        "cancelled": {},
    },
}
PLANS: dict[str, Any] = {
    "type": "lifecycle",
    "start": "active",
    "states": {"active": {"exits": {"cancelled": {"type": "exponential", "mean": 20}}}, "cancelled": {}},
    "attributes": {
        "plan": {
            "start": {"basic": 3, "pro": 1},
            "in": ["active"],
            "changes": {
                "basic": {"pro": {"type": "exponential", "mean": 12}},
                "pro": {"basic": {"type": "exponential", "mean": 30}},
            },
            "multiply": {"pro": {"active>cancelled": 0.5}},
        }
    },
}
_STAYS = {
    "stay_id": {"type": "key"},
    "customer_id": {"type": "parent_key"},
    "state": {"type": "row_attribute", "attribute": "state"},
    "entered_at": {"type": "row_attribute", "attribute": "entered_at"},
    "left_at": {"type": "row_attribute", "attribute": "left_at"},
    "next_state": {"type": "row_attribute", "attribute": "next_state"},
}


def subscribed(process: dict[str, Any], *behaviors: dict[str, Any], name: str = "stays", **view: Any) -> dict[str, Any]:
    """Customers with a process called `subscription`, these behaviors, and a view of it (its stays by default)."""
    customers = {
        "rows": {"type": "arrivals", "count": 100, "before_window": 0.3},
        "columns": {
            "customer_id": {"type": "key"},
            "created_at": {"type": "arrival_time"},
            "plan": {"type": "choice", "values": {"basic": 3, "pro": 1}},
        },
        "processes": {"subscription": process},
        "behaviors": list(behaviors),
    }
    shown = view or {"rows": {"type": "stays", "process": "subscription"}, "columns": _STAYS}
    tables = {"customers": customers, name: {"parent": "customers", **shown}}
    window = {"start": "2024-01-01", "end": "2025-01-01"}
    return {"datagen": 1, "name": "sample", "window": window, "tables": tables}


def view_of(name: str, rows: dict[str, Any], *attributes: str) -> dict[str, Any]:
    """The lifecycle of the examples, with a view that shows these attributes."""
    shown = {attribute: {"type": "row_attribute", "attribute": attribute} for attribute in attributes}
    columns = {"row_id": {"type": "key"}, "customer_id": {"type": "parent_key"}, **shown}
    return subscribed(LIFECYCLE, name=name, rows={"process": "subscription", **rows}, columns=columns)


def visited(process: dict[str, Any], *behaviors: dict[str, Any]) -> dict[str, Any]:
    """Visits with a process called `checkout`, these behaviors, and a row for each stage that a visit reaches."""
    visits = {
        "rows": {"type": "arrivals", "count": 200},
        "columns": {
            "visit_id": {"type": "key"},
            "started_at": {"type": "arrival_time"},
            "device": {"type": "choice", "values": {"desktop": 1, "mobile": 2}},
        },
        "processes": {"checkout": process},
        "behaviors": list(behaviors),
    }
    columns = {
        "visit_id": {"type": "parent_key"},
        "stage": {"type": "row_attribute", "attribute": "state"},
        "reached_at": {"type": "row_attribute", "attribute": "entered_at"},
    }
    steps = {"parent": "visits", "rows": {"type": "stays", "process": "checkout"}, "columns": columns}
    window = {"start": "2024-01-01", "end": "2025-01-01"}
    return {"datagen": 1, "name": "sample", "window": window, "tables": {"visits": visits, "steps": steps}}
