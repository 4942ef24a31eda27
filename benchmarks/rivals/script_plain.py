"""The shop as most would write it with numpy and pyarrow: the distributions that numpy has, arrays made by `pa.array`.

Chunks of customers with their orders, int8 codes for categories, an encoding chosen per column; no trick beyond that.
"""

from __future__ import annotations

from contextlib import ExitStack

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from workload import (
    AGES,
    AMOUNT_MEDIAN,
    AMOUNT_SIGMA,
    COUNTRIES,
    ENCODINGS,
    END,
    ORDERS_EACH,
    SEGMENTS,
    START,
    STATUSES,
    Job,
    job,
    microseconds,
)

CHUNK = 100_000
BEGIN, STOP = microseconds(START), microseconds(END)
LOG_MEDIANS = np.log([AMOUNT_MEDIAN[name] for name in SEGMENTS])
SIGMAS = np.array([AMOUNT_SIGMA[name] for name in SEGMENTS])
TIME = pa.timestamp("us", tz="UTC")


def category(codes: np.ndarray, names: dict[str, float]) -> pa.Array:
    return pa.DictionaryArray.from_arrays(pa.array(codes.astype(np.int8)), pa.array(list(names)))


def drawn(rng: np.random.Generator, shares: dict[str, float], n: int) -> np.ndarray:
    return rng.choice(len(shares), n, p=list(shares.values()))


def chunk(asked: Job, first: int, last: int) -> tuple[pa.Table, pa.Table]:
    """Customers `first` to `last` (not included) and their orders."""
    n = last - first
    rng = np.random.default_rng([asked.seed, first])
    ids = np.arange(first + 1, last + 1)
    created = BEGIN + ((np.arange(first, last) + rng.random(n)) * ((STOP - BEGIN) / asked.customers)).astype(np.int64)
    segment = drawn(rng, SEGMENTS, n)
    number = pc.utf8_lpad(pa.array(ids).cast(pa.string()), width=9, padding="0")
    customers = pa.table(
        {
            "customer_id": ids,
            "created_at": pa.array(created, TIME),
            "segment": category(segment, SEGMENTS),
            "country": category(drawn(rng, COUNTRIES, n), COUNTRIES),
            "age": rng.integers(AGES[0], AGES[1], n, endpoint=True),
            "email": pc.binary_join_element_wise("c", number, "@example.com", ""),
        }
    )
    return customers, orders(rng, ids, created, segment)


def orders(rng: np.random.Generator, ids: np.ndarray, created: np.ndarray, segment: np.ndarray) -> pa.Table:
    n = len(ids) * ORDERS_EACH
    since = np.repeat(created, ORDERS_EACH)
    whose = np.repeat(segment, ORDERS_EACH)
    return pa.table(
        {
            "order_id": np.arange((ids[0] - 1) * ORDERS_EACH + 1, ids[-1] * ORDERS_EACH + 1),
            "customer_id": np.repeat(ids, ORDERS_EACH),
            "ordered_at": pa.array(since + (rng.random(n) * (STOP - since)).astype(np.int64), TIME),
            "amount": np.round(rng.lognormal(LOG_MEDIANS[whose], SIGMAS[whose]), 2),
            "status": category(drawn(rng, STATUSES, n), STATUSES),
        }
    )


def writer(asked: Job, table: str, schema: pa.Schema) -> pq.ParquetWriter:
    return pq.ParquetWriter(
        asked.file(table),
        schema,
        compression="snappy",
        use_dictionary=[field.name for field in schema if pa.types.is_dictionary(field.type)],
        column_encoding={name: encoding for name, encoding in ENCODINGS.items() if name in schema.names},
    )


def main() -> None:
    asked = job()
    with ExitStack() as stack:
        writers: dict[str, pq.ParquetWriter] = {}
        for first in range(0, asked.customers, CHUNK):
            made = chunk(asked, first, min(first + CHUNK, asked.customers))
            for name, table in zip(("customers", "orders"), made, strict=True):
                if name not in writers:
                    writers[name] = stack.enter_context(writer(asked, name, table.schema))
                writers[name].write_table(table)


if __name__ == "__main__":
    main()
