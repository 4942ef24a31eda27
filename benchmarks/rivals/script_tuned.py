"""The shop by hand: what a good engineer writes with numpy and pyarrow for this workload and nothing else.

Chunks that stay near the cache, raw draws shaped in place, categories as int8 codes, e-mails as one byte matrix, arrays
built from buffers, an encoding chosen per column. The yardstick of the benchmark: no generality is paid for here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
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

CHUNK = 50_000
BEGIN, STOP = microseconds(START), microseconds(END)
MEDIANS = np.array([AMOUNT_MEDIAN[name] for name in SEGMENTS])
SIGMAS = np.array([AMOUNT_SIGMA[name] for name in SEGMENTS])

Codes = npt.NDArray[np.int8]
Ints = npt.NDArray[np.int64]

CATEGORY = pa.dictionary(pa.int8(), pa.string())
TIME = pa.timestamp("us", tz="UTC")
CUSTOMERS = pa.schema(
    [
        pa.field("customer_id", pa.int64(), nullable=False),
        pa.field("created_at", TIME, nullable=False),
        pa.field("segment", CATEGORY, nullable=False),
        pa.field("country", CATEGORY, nullable=False),
        pa.field("age", pa.int64(), nullable=False),
        pa.field("email", pa.string(), nullable=False),
    ]
)
ORDERS = pa.schema(
    [
        pa.field("order_id", pa.int64(), nullable=False),
        pa.field("customer_id", pa.int64(), nullable=False),
        pa.field("ordered_at", TIME, nullable=False),
        pa.field("amount", pa.float64(), nullable=False),
        pa.field("status", CATEGORY, nullable=False),
    ]
)
MAIL_TAIL = np.frombuffer(b"@example.com", dtype=np.uint8)
DIGITS = 9


def code_table(shares: dict[str, float]) -> Codes:
    """A category code for each 16-bit number; shares are rounded to 1/65,536."""
    edges = np.rint(np.cumsum(list(shares.values())) * 65_536).astype(np.int64)
    return np.searchsorted(edges, np.arange(65_536), side="right").astype(np.int8)


SEGMENT_CODES, COUNTRY_CODES, STATUS_CODES = (code_table(shares) for shares in (SEGMENTS, COUNTRIES, STATUSES))


def codes(rng: np.random.Generator, table: Codes, n: int) -> Codes:
    return table[rng.integers(0, 65_536, n, dtype=np.uint16)]


def column(kind: pa.DataType, data: npt.NDArray[Any]) -> pa.Array:
    return pa.Array.from_buffers(kind, len(data), [None, pa.py_buffer(data)])


def words(names: Iterable[str]) -> pa.Array:
    """The words of a category; `pa.array` would import pandas, a third of a CPU-second."""
    encoded = [name.encode() for name in names]
    offsets = np.cumsum([0, *map(len, encoded)], dtype=np.int32)
    return pa.Array.from_buffers(
        pa.string(), len(encoded), [None, pa.py_buffer(offsets), pa.py_buffer(b"".join(encoded))]
    )


SEGMENT_WORDS, COUNTRY_WORDS, STATUS_WORDS = words(SEGMENTS), words(COUNTRIES), words(STATUSES)


def category(data: Codes, names: pa.Array) -> pa.Array:
    return pa.DictionaryArray.from_arrays(column(pa.int8(), data), names, safe=False)


def emails(ids: Ints) -> pa.Array:
    """`c000000042@example.com`: every address has the same width, so that offsets are a range."""
    width = 1 + DIGITS + len(MAIL_TAIL)
    text = np.empty((len(ids), width), dtype=np.uint8)
    text[:, 0] = ord("c")
    text[:, 1 + DIGITS :] = MAIL_TAIL
    rest = ids.astype(np.uint32)
    for place in range(DIGITS, 0, -1):
        quotient = rest // 10
        text[:, place] = rest - quotient * 10 + ord("0")
        rest = quotient
    offsets = np.arange(0, (len(ids) + 1) * width, width, dtype=np.int32)
    return pa.Array.from_buffers(pa.string(), len(ids), [None, pa.py_buffer(offsets), pa.py_buffer(text)])


def chunk(asked: Job, first: int, last: int) -> tuple[pa.Table, pa.Table]:
    """Customers `first` to `last` (not included) and their orders."""
    n = last - first
    rng = np.random.Generator(np.random.PCG64DXSM([asked.seed, first]))
    ids = np.arange(first + 1, last + 1, dtype=np.int64)
    arrival = rng.random(n)
    arrival += np.arange(first, last)
    arrival *= (STOP - BEGIN) / asked.customers
    created = arrival.astype(np.int64)
    created += BEGIN
    segment = codes(rng, SEGMENT_CODES, n)
    customers = [
        column(pa.int64(), ids),
        column(TIME, created),
        category(segment, SEGMENT_WORDS),
        category(codes(rng, COUNTRY_CODES, n), COUNTRY_WORDS),
        column(pa.int64(), rng.integers(AGES[0], AGES[1], n, dtype=np.int64, endpoint=True)),
        emails(ids),
    ]
    table = pa.Table.from_arrays(customers, schema=CUSTOMERS)
    return table, pa.Table.from_arrays(orders(rng, ids, created, segment), schema=ORDERS)


def orders(rng: np.random.Generator, ids: Ints, created: Ints, segment: Codes) -> list[pa.Array]:
    """Ten orders for each customer; matrices have a row per customer, so that its values broadcast."""
    shape = (len(ids), ORDERS_EACH)
    order_ids = np.arange((ids[0] - 1) * ORDERS_EACH + 1, ids[-1] * ORDERS_EACH + 1, dtype=np.int64)
    share = rng.random(shape)
    share *= (STOP - created)[:, None]
    ordered = share.astype(np.int64)
    ordered += created[:, None]
    amount = rng.standard_normal(shape)
    amount *= SIGMAS[segment][:, None]
    np.exp(amount, out=amount)
    amount *= (MEDIANS[segment] * 100)[:, None]
    np.rint(amount, out=amount)
    amount /= 100
    return [
        column(pa.int64(), order_ids),
        column(pa.int64(), np.repeat(ids, ORDERS_EACH)),
        column(TIME, ordered.ravel()),
        column(pa.float64(), amount.ravel()),
        category(codes(rng, STATUS_CODES, shape[0] * ORDERS_EACH), STATUS_WORDS),
    ]


def chunks(asked: Job) -> Iterator[tuple[pa.Table, pa.Table]]:
    for first in range(0, asked.customers, CHUNK):
        yield chunk(asked, first, min(first + CHUNK, asked.customers))


def writer(asked: Job, table: str, schema: pa.Schema) -> pq.ParquetWriter:
    return pq.ParquetWriter(
        asked.file(table),
        schema,
        compression="snappy",
        use_dictionary=[field.name for field in schema if field.type == CATEGORY],
        column_encoding={name: encoding for name, encoding in ENCODINGS.items() if name in schema.names},
    )


def main() -> None:
    asked = job()
    with ExitStack() as stack:
        to_customers = stack.enter_context(writer(asked, "customers", CUSTOMERS))
        to_orders = stack.enter_context(writer(asked, "orders", ORDERS))
        for some_customers, their_orders in chunks(asked):
            to_customers.write_table(some_customers)
            to_orders.write_table(their_orders)


if __name__ == "__main__":
    main()
