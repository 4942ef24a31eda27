"""The shop in DuckDB SQL: one statement per table, `COPY ... TO` Parquet."""

from __future__ import annotations

import duckdb

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


def choice(draw: str, shares: dict[str, float]) -> str:
    """A CASE over one draw; the last value takes what is left."""
    *names, last = shares
    edges = [sum(list(shares.values())[: place + 1]) for place in range(len(names))]
    arms = " ".join(f"WHEN {draw} < {edge} THEN '{name}'" for name, edge in zip(names, edges, strict=True))
    return f"CASE {arms} ELSE '{last}' END"


def by_segment(values: dict[str, float]) -> str:
    return "CASE segment " + " ".join(f"WHEN '{name}' THEN {value}" for name, value in values.items()) + " END"


def customers(asked: Job) -> str:
    begin, stop = microseconds(START), microseconds(END)
    return f"""
        CREATE TABLE customers AS
        SELECT r + 1 AS customer_id,
               make_timestamptz(({begin} + (r + random()) * {(stop - begin) / asked.customers})::BIGINT) AS created_at,
               {choice("s", SEGMENTS)} AS segment,
               {choice("c", COUNTRIES)} AS country,
               ({AGES[0]} + floor(random() * {AGES[1] - AGES[0] + 1}))::BIGINT AS age,
               'c' || lpad((r + 1)::VARCHAR, 9, '0') || '@example.com' AS email
        FROM (SELECT range AS r, random() AS s, random() AS c FROM range({asked.customers}))
    """


def orders() -> str:
    normal = "sqrt(-2 * ln(1 - random())) * cos(2 * pi() * random())"
    return f"""
        SELECT (customer_id - 1) * {ORDERS_EACH} + n + 1 AS order_id,
               customer_id,
               make_timestamptz((epoch_us(created_at) + u * ({microseconds(END)} - epoch_us(created_at)))::BIGINT)
                   AS ordered_at,
               round({by_segment(AMOUNT_MEDIAN)} * exp({by_segment(AMOUNT_SIGMA)} * z), 2) AS amount,
               {choice("s", STATUSES)} AS status
        FROM (SELECT customer_id, created_at, segment, range AS n, random() AS u, random() AS s, {normal} AS z
              FROM customers, range({ORDERS_EACH}))
    """


def main() -> None:
    asked = job()
    with duckdb.connect() as database:
        database.execute("SET preserve_insertion_order = false")
        if asked.threads:
            database.execute(f"SET threads = {asked.threads}")
        database.execute("SELECT setseed(?)", [asked.seed % 1000 / 1000])
        database.execute(customers(asked))
        for table, query in {"customers": "SELECT * FROM customers", "orders": orders()}.items():
            database.execute(f"COPY ({query}) TO '{asked.file(table)}' (FORMAT parquet, COMPRESSION snappy)")


if __name__ == "__main__":
    main()
