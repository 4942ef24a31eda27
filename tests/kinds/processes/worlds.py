"""Documents with a process and several views of it, and what is read off them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from datagen.kinds.processes.support.examples import LIFECYCLE
from tests.promises.documents import tables

WINDOW = {"start": "2023-01-01", "end": "2026-01-01"}
END = np.datetime64(WINDOW["end"], "us").astype(np.int64)
DAY = 86_400_000_000
MONTH = 730.5 * 3_600_000_000


def shown(rows: dict[str, Any], *attributes: str) -> dict[str, Any]:
    columns = {name: {"type": "row_attribute", "attribute": name} for name in attributes}
    return {
        "parent": "customers",
        "rows": {"process": "subscription", **rows},
        "columns": {"id": {"type": "key"}, "customer_id": {"type": "parent_key"}, **columns},
    }


def world(process: dict[str, Any] | None = None, *behaviors: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """Customers with every view of a process; `changes` replace values of the document, or `count` the customers."""
    process = process or LIFECYCLE
    states = [f"{name}_at" for name in process["states"]]
    held = ["active"] if "active" in process["states"] else list(process["states"])[:1]
    customers = {
        "rows": {"type": "arrivals", "count": changes.pop("count", 3000), "before_window": 0.3},
        "columns": {
            "customer_id": {"type": "key"},
            "created_at": {"type": "arrival_time"},
            "plan": {"type": "choice", "values": {"basic": 1, "pro": 1}},
        },
        "processes": {"subscription": process},
        "behaviors": list(behaviors),
    }
    monthly = {"type": "periods", "in": held, "every": "month"}
    return {
        "datagen": 1,
        "name": "processes",
        "seed": 1,
        "window": WINDOW,
        "tables": {
            "customers": customers,
            "stays": shown({"type": "stays"}, "state", "entered_at", "left_at", "next_state"),
            "changes": shown({"type": "transitions"}, "from", "to", "at"),
            "invoices": shown(monthly, "starts_at", "ends_at", "number", "state", "share"),
            "journeys": shown({"type": "runs"}, "started_at", "ended_at", "state", "transitions", *states),
        },
        **changes,
    }


def micros(column: pa.ChunkedArray) -> np.ndarray:
    """Timestamps as microseconds; the greatest integer where they are missing."""
    return column.cast(pa.int64()).fill_null(2**62).to_numpy()


class Stays:
    """The stays of a document with the plan of each customer, as numpy columns."""

    def __init__(self, document: dict[str, Any], **choices: Any) -> None:
        made = tables(document, **choices)
        stays, plans = made["stays"], made["customers"]["plan"].cast(pa.string()).to_numpy(zero_copy_only=False)
        self.customer = stays["customer_id"].to_numpy()
        self.plan = plans[self.customer - 1]
        self.state = stays["state"].cast(pa.string()).to_numpy(zero_copy_only=False)
        self.next = stays["next_state"].cast(pa.string()).fill_null("").to_numpy(zero_copy_only=False)
        self.entered, self.left = micros(stays["entered_at"]), micros(stays["left_at"])

    def hazard(self, state: str, to: str, **chosen: Any) -> tuple[float, float]:
        """Exits per month at risk, and the standard error of its logarithm."""
        at = (self.state == state) & np.logical_and.reduce([getattr(self, k) == v for k, v in chosen.items()])
        months = (np.minimum(self.left[at], END) - self.entered[at]).sum() / MONTH
        exits = np.count_nonzero(self.next[at] == to)
        return exits / months, exits**-0.5

    def share(self, state: str, to: str, **chosen: Any) -> tuple[float, float]:
        """The share of closed stays that went on to a state, and its standard error."""
        at = (self.state == state) & (self.next != "")
        at &= np.logical_and.reduce([getattr(self, k) == v for k, v in chosen.items()])
        share = np.mean(self.next[at] == to)
        return share, (share * (1 - share) / np.count_nonzero(at)) ** 0.5
