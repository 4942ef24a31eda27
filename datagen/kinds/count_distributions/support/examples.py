"""The example document of count distributions."""

from __future__ import annotations

from typing import Any


def baskets(**law: Any) -> tuple[dict[str, Any], ...]:
    """Baskets with lines below them; `law` is the distribution of their number."""
    lines = {
        "parent": "baskets",
        "rows": {"type": "per_parent", "count": law},
        "columns": {"line_id": {"type": "key"}, "basket_id": {"type": "parent_key"}},
    }
    tables = {"baskets": {"rows": 20, "columns": {"basket_id": {"type": "key"}}}, "lines": lines}
    return ({"datagen": 1, "name": "baskets", "tables": tables},)
