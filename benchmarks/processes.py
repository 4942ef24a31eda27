"""Run plain events and the views of a process in turn: what a row of a process costs beside a row of events.

Customers with events at a constant rate; the same customers with a subscription (two exits, dunning, reactivation) and
its stays, transitions and monthly periods; visits with a checkout funnel and its stages; members of communities of 20
with a contagion; events with a cost and a campaign, without and with budgets, of which a third is spent early. All are
scaled to about the same number of rows. Whole processes are measured as in `shop.py`.
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
CONTAGION = {"type": "contagion", "p": 0.01, "q": 0.3, "launch": "2023-02-01", "born": "joined_at"}
SIZES = {"events": 1.0, "subscription": 0.9, "funnel": 6.5, "contagion": 0.3, "costs": 1.0, "budgets": 1.0}
"""Entities for each customer of plain events, so that rows are about as many."""


def communities(entities: int) -> dict[str, Any]:
    """Tables of communities with 20 members each, among whom something spreads."""
    attributes = ("state", "entered_at", "left_at", "next_state")
    return {
        "communities": {"rows": entities, "columns": {"community_id": {"type": "key"}}},
        "members": {
            "parent": "communities",
            "rows": {"type": "per_parent", "count": {"type": "poisson", "mean": 20}},
            "columns": {
                "member_id": {"type": "key"},
                "joined_at": {"type": "uniform", "min": "2022-01-01", "max": "2024-06-01"},
            },
            "processes": {"tool": CONTAGION},
        },
        "stays": {
            "parent": "members",
            "rows": {"type": "stays", "process": "tool"},
            "columns": {name: {"type": "row_attribute", "attribute": name} for name in attributes},
        },
    }


def campaigns(entities: int, kept: bool) -> dict[str, Any]:
    """Tables of customers with events that belong to campaigns, whose budgets are `kept` or not."""
    flight = {"at": "at", "from": "starts_at", "to": "ends_at"}
    quarters = [f"{year}-{month:02}-01" for year in (2023, 2024) for month in (1, 4, 7, 10)] + ["2025-01-01"]
    ends = zip(quarters, quarters[1:], (1.5, 1.5, 0.8) * 3, strict=False)
    rows: dict[str, Any] = {"type": "events", "mean_per_month": 1.2}
    if kept:
        rows["budget"] = {"through": "campaign_id", "cost": "cost", "limit": "budget"}
    return {
        "campaigns": {
            "rows": {
                "type": "listed",
                "columns": ["starts_at", "ends_at", "budget"],
                "rows": [[begin, end, round(entities * share * 3)] for begin, end, share in ends],
            },
            "columns": {
                "campaign_id": {"type": "key"},
                "starts_at": {"type": "listed", "as": "timestamp"},
                "ends_at": {"type": "listed", "as": "timestamp"},
                "budget": {"type": "listed"},
            },
        },
        "customers": {
            "rows": {"type": "arrivals", "count": entities, "before_window": 0.3},
            "columns": {"customer_id": {"type": "key"}, "created_at": {"type": "arrival_time"}},
        },
        "events": {
            "parent": "customers",
            "rows": rows,
            "columns": {
                "customer_id": {"type": "parent_key"},
                "at": {"type": "event_time"},
                "campaign_id": {"type": "reference", "table": "campaigns", "valid": flight},
                "cost": {"type": "lognormal", "median": 1, "sigma": 0.5, "decimals": 2},
            },
        },
    }


def document(what: str, entities: int) -> dict[str, Any]:
    """Entities with events, with a process and its views, or with budgets."""
    window = {"start": "2023-01-01", "end": "2025-01-01"}
    made = {"datagen": 1, "name": "processes", "seed": 42, "window": window}
    if what == "contagion":
        return {**made, "tables": communities(entities)}
    if what in ("costs", "budgets"):
        return {**made, "tables": campaigns(entities, what == "budgets")}
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
    return {**made, "tables": tables}


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
