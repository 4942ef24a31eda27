"""The example document of interarrival kinds."""

from __future__ import annotations

from typing import Any


def visiting(gaps: dict[str, Any]) -> dict[str, Any]:
    """Users who visit with these gaps over half a year."""
    visits = {
        "parent": "users",
        "rows": {"type": "events", "mean_per_month": 3, "gaps": gaps},
        "columns": {
            "visit_id": {"type": "key"},
            "user_id": {"type": "parent_key"},
            "visited_at": {"type": "event_time"},
        },
    }
    users = {"rows": 20, "columns": {"user_id": {"type": "key"}}}
    window = {"start": "2024-01-01", "end": "2024-07-01"}
    return {"datagen": 1, "name": "visits", "window": window, "tables": {"users": users, "visits": visits}}
