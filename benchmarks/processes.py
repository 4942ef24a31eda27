"""Run plain events and the views of a process in turn: what a row of a process costs beside a row of events.

Customers with events at a constant rate; the same customers with a subscription (two exits, dunning, reactivation) and
its stays, transitions and monthly periods; visits with a checkout funnel and its stages. All are scaled to about the
same number of rows. Whole processes are measured as in `shop.py`.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from shop import run

SUBSCRIPTION: dict[str, Any] = {
    "type": "lifecycle",
    "start": "trial",
    "states": {
        "trial": {"next": {"active": 0.6, "cancelled": 0.4}, "stay": "14d"},
        "active": {
            "exits": {"cancelled": {"type": "exponential", "mean": 12}, "past_due": {"type": "exponential", "mean": 8}}
        },
        "past_due": {
            "next": {"active": 0.7, "cancelled": 0.3},
            "stay": {"type": "lognormal", "median": "9d", "sigma": 0.6},
        },
        "cancelled": {"exits": {"active": {"type": "exponential", "mean": 8, "cure_share": 0.7}}},
    },
}
CHECKOUT: dict[str, Any] = {
    "type": "funnel",
    "stay": {"type": "lognormal", "median": "40s", "sigma": 1},
    "stages": {
        "visit": {"share": 0.5},
        "product": {"share": 0.4, "back": {"visit": 0.1}},
        "cart": {"share": 0.6, "retry": 0.1},
        "payment": {"share": 0.8},
        "purchase": {},
    },
}
VIEWS: dict[str, tuple[dict[str, Any], tuple[str, ...]]] = {
    "stays": ({"type": "stays"}, ("state", "entered_at", "left_at", "next_state")),
    "transitions": ({"type": "transitions"}, ("from", "to", "at")),
    "periods": (
        {"type": "periods", "in": ["active", "past_due"], "every": "month"},
        ("starts_at", "ends_at", "number", "state"),
    ),
}
SIZES = {"events": 1.0, "subscription": 0.9, "funnel": 6.5}
"""Entities for each customer of plain events, so that rows are about as many."""


def document(what: str, entities: int) -> dict[str, Any]:
    """Entities with events, or with a process and its views."""
    process = {"subscription": SUBSCRIPTION, "funnel": CHECKOUT}.get(what)
    parents: dict[str, Any] = {
        "rows": {"type": "arrivals", "count": entities, "before_window": 0.3},
        "columns": {"customer_id": {"type": "key"}, "created_at": {"type": "arrival_time"}},
    }
    tables: dict[str, Any] = {"customers": parents}
    if process is None:
        columns = {
            "customer_id": {"type": "parent_key"},
            "at": {"type": "event_time"},
            "state": {"type": "choice", "values": {"trial": 1, "active": 5, "past_due": 1, "cancelled": 1}},
            "number": {"type": "choice", "values": {"1": 3, "2": 2, "3": 1}},
        }
        rows = {"type": "events", "mean_per_month": 1.2}
        tables["events"] = {"parent": "customers", "rows": rows, "columns": columns}
    else:
        parents["processes"] = {what: process}
        for name, (source, attributes) in VIEWS.items():
            if what == "funnel" and name == "periods":
                continue
            columns = {name: {"type": "row_attribute", "attribute": name} for name in attributes}
            columns["customer_id"] = {"type": "parent_key"}
            tables[name] = {"parent": "customers", "rows": {"process": what, **source}, "columns": columns}
    window = {"start": "2023-01-01", "end": "2025-01-01"}
    return {"datagen": 1, "name": "processes", "seed": 42, "window": window, "tables": tables}


def measure(what: str, entities: int) -> tuple[float, float]:
    """CPU-microseconds per row and peak megabytes."""
    with tempfile.TemporaryDirectory(prefix="datagen-bench-") as scratch:
        schema, out = Path(scratch) / "schema.json", Path(scratch) / "out"
        schema.write_text(json.dumps(document(what, entities)))
        command = [sys.executable, "-m", "datagen", "generate", str(schema), "--out", str(out), "--workers", "1"]
        cpu, megabytes, _ = run(command, Path(scratch) / "log")
        rows = sum(pq.ParquetFile(file).metadata.num_rows for file in out.glob("[a-z]*/*.parquet"))
        return 1e6 * cpu / rows, megabytes


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--customers", type=int, default=200_000, help="200,000 make about 4 million rows each")
    parser.add_argument("--repeat", type=int, default=3, help="rounds; medians are shown")
    asked = parser.parse_args()
    found: dict[str, list[tuple[float, float]]] = {}
    for _ in range(asked.repeat):
        for what, size in SIZES.items():
            found.setdefault(what, []).append(measure(what, round(size * asked.customers)))
    print("| rows of | CPU-microseconds per row | of plain events | peak memory |\n|---|---:|---:|---:|")
    plain = statistics.median(cost for cost, _ in found["events"])
    for what, results in found.items():
        cost, memory = (statistics.median(values) for values in zip(*results, strict=True))
        print(f"| {what} | {cost:.2f} | {cost / plain:.2f} | {memory:,.0f} MB |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
