"""The peak memory of a task that makes partitions of the subscription example, at a hundred thousand and at ten million
customers.

A plan is made for all customers, and a few of its partitions, evenly spread, are made in one process. What is resident
at its peak must not depend on how many customers there are.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
from pathlib import Path

import datagen
from datagen.engine.generate import generate_partition

EXAMPLE = Path(__file__).parents[1] / "examples" / "saas_subscription_churn.json"
SIZES = (100_000, 10_000_000)


def task(customers: int, partitions: int) -> None:
    """Prints the rows made, and the peak memory of this process in bytes."""
    declared = json.loads(EXAMPLE.read_text())["tables"]["customers"]["rows"]["count"]
    plan = datagen.plan(EXAMPLE, scale=customers / declared)
    rows = 0
    for partition in plan.partitions[:: max(len(plan.partitions) // partitions, 1)][:partitions]:
        for tables in generate_partition(plan, partition):
            rows += sum(table.num_rows for table in tables.values())
    unit = 1 if sys.platform == "darwin" else 1024
    print(json.dumps([rows, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit, plan.memory]))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--partitions", type=int, default=2, help="how many partitions of each size are made")
    parser.add_argument("--customers", type=int, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.customers:
        task(asked.customers, asked.partitions)
        return 0
    print("| customers | rows made | peak memory | planned |\n|---:|---:|---:|---:|")
    for customers in SIZES:
        command = [sys.executable, __file__, "--customers", str(customers), "--partitions", str(asked.partitions)]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        rows, peak, planned = json.loads(done.stdout)
        print(f"| {customers:,} | {rows:,} | {peak / 1e6:,.0f} MB | {planned / 1e6:,.0f} MB |", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
