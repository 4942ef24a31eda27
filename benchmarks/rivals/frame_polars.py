"""The shop with polars: whole columns drawn by numpy, shaped by polars expressions, one `write_parquet` per table."""

from __future__ import annotations

import numpy as np
import polars as pl

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
    Job,
    job,
    microseconds,
)

TIME = pl.Datetime("us", "UTC")


def choice(rng: np.random.Generator, shares: dict[str, float], n: int) -> pl.Series:
    edges = np.cumsum(list(shares.values()))[:-1]
    codes = np.searchsorted(edges, rng.random(n), side="right").astype(np.uint32)
    return pl.Series(codes).cat.to(pl.Enum(list(shares)))


def customers(asked: Job, rng: np.random.Generator) -> pl.DataFrame:
    n, begin, stop = asked.customers, microseconds(START), microseconds(END)
    frame = pl.DataFrame(
        {
            "customer_id": pl.int_range(1, n + 1, eager=True),
            "created_at": (begin + (np.arange(n) + rng.random(n)) * ((stop - begin) / n)).astype(np.int64),
            "segment": choice(rng, SEGMENTS, n),
            "country": choice(rng, COUNTRIES, n),
            "age": rng.integers(AGES[0], AGES[1], n, endpoint=True),
        }
    )
    number = pl.col("customer_id").cast(pl.String).str.zfill(9)
    return frame.with_columns(pl.col("created_at").cast(TIME), email=pl.format("c{}@example.com", number))


def orders(people: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    parents = people.select("customer_id", "created_at", "segment")
    n = len(parents) * ORDERS_EACH
    frame = parents.select(pl.all().repeat_by(ORDERS_EACH).explode()).with_columns(
        order_id=pl.int_range(1, n + 1, eager=True),
        u=rng.random(n),
        z=rng.standard_normal(n),
        status=choice(rng, STATUSES, n),
    )
    created = pl.col("created_at").cast(pl.Int64)
    median = pl.col("segment").replace_strict(AMOUNT_MEDIAN, return_dtype=pl.Float64)
    sigma = pl.col("segment").replace_strict(AMOUNT_SIGMA, return_dtype=pl.Float64)
    return frame.select(
        "order_id",
        "customer_id",
        (created + pl.col("u") * (microseconds(END) - created)).cast(pl.Int64).cast(TIME).alias("ordered_at"),
        (median * (sigma * pl.col("z")).exp()).round(2).alias("amount"),
        "status",
    )


def main() -> None:
    asked = job()
    rng = np.random.default_rng(asked.seed)
    people = customers(asked, rng)
    people.write_parquet(asked.file("customers"), compression="snappy")
    orders(people, rng).write_parquet(asked.file("orders"), compression="snappy")


if __name__ == "__main__":
    main()
