"""Count the rows of a finished shop from its Parquet metadata, and see that it is the workload: `verify.py DIR`.

Prints one JSON object. Its own process, so that the measuring one stays small: on Linux the peak memory of a child is
at least what its parent had when it started it.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import duckdb

COLUMNS = {
    "customers": ["customer_id", "created_at", "segment", "country", "age", "email"],
    "orders": ["order_id", "customer_id", "ordered_at", "amount", "status"],
}
FAULTS = {
    "orders without a customer": "c.customer_id IS NULL",
    "orders before their customer": "o.ordered_at < c.created_at",
    "orders without an amount": "o.amount IS NULL OR o.amount <= 0",
}
FACTS = """
    SELECT avg(amount) FILTER (segment = 'vip') / avg(amount) FILTER (segment = 'bargain') AS vip_to_bargain,
           avg((status = 'paid')::INT) AS paid
    FROM orders JOIN customers USING (customer_id)
"""


def rows(database: duckdb.DuckDBPyConnection, folder: Path) -> int:
    """Rows as the footers say."""
    query = "SELECT sum(num_rows)::BIGINT FROM parquet_file_metadata(?)"
    found = [database.execute(query, [str(folder / table / "*.parquet")]).fetchall() for table in COLUMNS]
    return sum(count for ((count,),) in found)


def missing(database: duckdb.DuckDBPyConnection, folder: Path) -> list[str]:
    """Columns that are not there; makes a view of each table."""
    for table in COLUMNS:
        database.read_parquet(str(folder / table / "*.parquet")).create_view(table)
    return [
        f"{table} has no {name}"
        for table, names in COLUMNS.items()
        for name in names
        if name not in database.table(table).columns
    ]


def faults(database: duckdb.DuckDBPyConnection) -> list[str]:
    """What is not as the workload says; empty when all is well."""
    counts = ", ".join(f"count(*) FILTER ({condition})" for condition in FAULTS.values())
    query = f"SELECT {counts} FROM orders AS o LEFT JOIN customers AS c USING (customer_id)"
    (found,) = database.execute(query).fetchall()
    wrong = [f"{count} {name}" for name, count in zip(FAULTS, found, strict=True) if count]
    ((ratio, paid),) = database.execute(FACTS).fetchall()
    # Medians 120 and 20, sigmas 0.6 and 0.4: the means stand 6 * exp((0.36 - 0.16) / 2) = 6.63 to 1.
    if not 6.0 < ratio < 7.3:
        wrong.append(f"amounts of vip and bargain stand {ratio:.2f} to 1 instead of 6.63")
    if not 0.88 < paid < 0.92:
        wrong.append(f"{paid:.3f} of the orders are paid instead of 0.9")
    return wrong


def main() -> None:
    folder = Path(sys.argv[1])
    with duckdb.connect() as database:
        database.execute("SET TimeZone = 'UTC'")
        counted = rows(database, folder)
        print(json.dumps({"rows": counted, "faults": missing(database, folder) or faults(database)}))


if __name__ == "__main__":
    main()
