"""Run customers and their orders without and with every behavior, in turn: what behaviors cost, and that memory stays
bounded.

The full document has segments, vintage, retention, frailty, trend, seasonality with holidays, dated effects and
daily noise on the rate, and segments, vintage and trend on the values. Both are scaled to about the same number of
rows. Whole processes are measured as in `shop.py`.
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

BEHAVIORS: dict[str, Any] = {
    "customers": [
        {
            "type": "segments",
            "column": "segment",
            "multiply": {
                "vip": {"orders": 3.0, "orders.amount": 1.8},
                "bargain": {"orders": 0.8, "orders.amount": 0.6},
            },
        },
        {
            "type": "vintage",
            "multiply": {
                "orders": {"type": "points", "values": [1.0, 0.75, 0.6, 0.5, 0.45, 0.4]},
                "orders.amount": {"type": "linear", "slope": 0.01, "ceiling": 1.3},
            },
        },
        {"type": "retention", "lifetime": {"type": "weibull", "shape": 0.8, "scale": 40}},
        {"type": "frailty", "of": ["orders"], "dispersion": 0.5},
    ],
    "orders": [
        {"type": "trend", "shape": "exponential", "growth_per_year": 0.25},
        {"type": "trend", "shape": "linear", "growth_per_year": 0.05, "of": "amount"},
        {"type": "seasonality", "weekday": {"sat": 1.4, "sun": 1.3}, "hour": "retail", "holidays": "US"},
        {"type": "interventions", "effects": [{"from": "2024-06-01", "to": "2024-06-15", "multiply": 1.5}]},
        {"type": "noise", "rho": 0.6, "sd": 0.08},
    ],
}


def document(*, full: bool, customers: int) -> dict[str, Any]:
    """Customers with ten to twenty orders each."""
    tables: dict[str, Any] = {
        "customers": {
            "rows": {"type": "arrivals", "count": customers, "before_window": 0.3},
            "columns": {
                "customer_id": {"type": "key"},
                "created_at": {"type": "arrival_time"},
                "segment": {"type": "choice", "values": {"vip": 5, "standard": 70, "bargain": 25}},
            },
        },
        "orders": {
            "parent": "customers",
            "rows": {"type": "events", "mean_per_month": 2.4 if full else 1.0, "dispersion": 0.5},
            "columns": {
                "order_id": {"type": "key"},
                "customer_id": {"type": "parent_key"},
                "ordered_at": {"type": "event_time"},
                "status": {"type": "choice", "values": {"paid": 90, "refunded": 4, "cancelled": 6}},
                "amount": {"type": "lognormal", "median": 40, "sigma": 0.8, "decimals": 2},
            },
        },
    }
    if full:
        for name, behaviors in BEHAVIORS.items():
            tables[name]["behaviors"] = behaviors
    window = {"start": "2023-01-01", "end": "2025-01-01"}
    return {"datagen": 1, "name": "behaviors", "seed": 42, "window": window, "tables": tables}


def measure(*, full: bool, customers: int) -> tuple[float, float]:
    """Rows per CPU-second and peak megabytes."""
    with tempfile.TemporaryDirectory(prefix="datagen-bench-") as scratch:
        schema, out = Path(scratch) / "schema.json", Path(scratch) / "out"
        schema.write_text(json.dumps(document(full=full, customers=customers)))
        command = [sys.executable, "-m", "datagen", "generate", str(schema), "--out", str(out), "--workers", "1"]
        cpu, megabytes, _ = run(command, Path(scratch) / "log")
        rows = sum(pq.ParquetFile(file).metadata.num_rows for file in out.glob("[a-z]*/*.parquet"))
        return rows / cpu, megabytes


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--customers", type=int, default=300_000, help="300,000 make about 5 million orders")
    parser.add_argument("--repeat", type=int, default=3, help="rounds; medians are shown")
    asked = parser.parse_args()
    found: dict[tuple[bool, int], list[tuple[float, float]]] = {}
    for _ in range(asked.repeat):
        for customers in (asked.customers, 3 * asked.customers):
            for full in (False, True):
                found.setdefault((full, customers), []).append(measure(full=full, customers=customers))
    print("| behaviors | customers | rows per CPU-second | of plain | peak memory |\n|---|---:|---:|---:|---:|")
    for (full, customers), results in sorted(found.items(), key=lambda item: item[0][1]):
        rate, memory = (statistics.median(values) for values in zip(*results, strict=True))
        plain = statistics.median(rate for rate, _ in found[False, customers])
        print(
            f"| {'all' if full else 'none'} | {customers:,} | {rate / 1e6:.2f} M | {rate / plain:.2f} | "
            f"{memory:,.0f} MB |"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
