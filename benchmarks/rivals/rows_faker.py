"""The shop row by row with Faker, as most test data is made: a dict per row, then a table of all of them."""

from __future__ import annotations

import random
from datetime import datetime
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from faker import Faker

from workload import (
    AGES,
    AMOUNT_MEDIAN,
    AMOUNT_SIGMA,
    COUNTRIES,
    END,
    ORDERS_EACH,
    SEGMENTS,
    START,
    STATUSES,
    job,
)

Row = dict[str, Any]


def choice(shares: dict[str, float]) -> str:
    return random.choices(list(shares), list(shares.values()))[0]


def customer(fake: Faker, number: int, created: datetime) -> Row:
    return {
        "customer_id": number,
        "created_at": created.replace(microsecond=0),  # Faker draws whole seconds, and none may lie before its parent
        "segment": choice(SEGMENTS),
        "country": choice(COUNTRIES),
        "age": fake.random_int(*AGES),
        "email": fake.unique.email(),
    }


def order(fake: Faker, number: int, parent: Row) -> Row:
    segment = parent["segment"]
    amount = AMOUNT_MEDIAN[segment] * random.lognormvariate(0, AMOUNT_SIGMA[segment])
    return {
        "order_id": number,
        "customer_id": parent["customer_id"],
        "ordered_at": fake.date_time_between(parent["created_at"], END, tzinfo=END.tzinfo),
        "amount": round(amount, 2),
        "status": choice(STATUSES),
    }


def main() -> None:
    asked = job()
    fake = Faker()
    Faker.seed(asked.seed)
    random.seed(asked.seed)
    step = (END - START) / asked.customers
    customers = [customer(fake, n + 1, START + (n + random.random()) * step) for n in range(asked.customers)]
    orders = [
        order(fake, place * ORDERS_EACH + n + 1, parent)
        for place, parent in enumerate(customers)
        for n in range(ORDERS_EACH)
    ]
    for table, rows in {"customers": customers, "orders": orders}.items():
        pq.write_table(pa.Table.from_pylist(rows), asked.file(table), compression="snappy")


if __name__ == "__main__":
    main()
