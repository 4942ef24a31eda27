"""The shop workload as every rival makes it: the same tables, columns, shares and window, and the same arguments."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

START = datetime(2023, 1, 1, tzinfo=UTC)
END = datetime(2025, 1, 1, tzinfo=UTC)
ORDERS_EACH = 10

SEGMENTS = {"vip": 0.05, "standard": 0.70, "bargain": 0.25}
COUNTRIES = {"US": 0.40, "GB": 0.15, "DE": 0.15, "FR": 0.12, "NL": 0.08, "ES": 0.06, "IT": 0.04}
STATUSES = {"paid": 0.90, "refunded": 0.04, "cancelled": 0.06}
AMOUNT_MEDIAN = {"vip": 120.0, "standard": 45.0, "bargain": 20.0}
AMOUNT_SIGMA = {"vip": 0.6, "standard": 0.5, "bargain": 0.4}
AGES = (18, 80)  # both ends included
ENCODINGS = {  # of those who choose them by column
    "customer_id": "DELTA_BINARY_PACKED",
    "order_id": "DELTA_BINARY_PACKED",
    "created_at": "DELTA_BINARY_PACKED",
    "age": "DELTA_BINARY_PACKED",
    "email": "PLAIN",
    "ordered_at": "BYTE_STREAM_SPLIT",
    "amount": "BYTE_STREAM_SPLIT",
}


@dataclass(frozen=True, slots=True)
class Job:
    """What a rival is asked for: `customers` rows and ten orders each, below `out`, one folder per table."""

    customers: int
    out: Path
    seed: int
    threads: int

    def file(self, table: str) -> Path:
        folder = self.out / table
        folder.mkdir(parents=True, exist_ok=True)
        return folder / "part-00000.parquet"


def job() -> Job:
    """The command line of a rival."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--customers", type=int, default=1_000_000)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=42)
    parser.add_argument("--threads", type=int, default=0, help="0: the library's own default")
    asked = parser.parse_args()
    return Job(asked.customers, asked.out, asked.seed, asked.threads)


def microseconds(moment: datetime) -> int:
    """Microseconds since 1970, exactly."""
    return int(moment.timestamp()) * 1_000_000
