"""The example document of arrival curves."""

from __future__ import annotations

from typing import Any


def arriving(curve: dict[str, Any]) -> dict[str, Any]:
    """Users who join along this curve over two years."""
    users = {
        "rows": {"type": "arrivals", "count": 200, "curve": curve},
        "columns": {"user_id": {"type": "key"}, "joined_at": {"type": "arrival_time"}},
    }
    return {
        "datagen": 1,
        "name": "signups",
        "window": {"start": "2023-01-01", "end": "2025-01-01"},
        "tables": {"users": users},
    }
