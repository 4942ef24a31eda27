"""What must hold of the tables of any sound document."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

import datagen
from datagen.engine.content import Content
from datagen.engine.make import make
from datagen.plans.plan import Plan

Json = dict[str, Any]
Tables = dict[str, pa.Table]


def whole(plan: Plan) -> Tables:
    """Every table of a plan, those of `_truth/` too."""
    parts = [made for partition in plan.partitions for made in make(plan, partition)]
    schemas = {name: table.schema for name, table in plan.tables.items()}
    schemas |= {f"_truth/{name}": table.truth for name, table in plan.tables.items() if table.truth is not None}
    return {
        name: pa.concat_tables([schema.empty_table(), *(part[name] for part in parts if name in part)])
        for name, schema in schemas.items()
    }


def digests(tables: Tables) -> dict[str, str]:
    """The content hash of each table."""
    found = {}
    for name, table in tables.items():
        content = Content()
        content.add(table)
        found[name] = content.digest()
    return found


def broken(document: Json, plan: Plan, tables: Tables) -> Iterator[str]:
    """Every promise about the rows that is not kept."""
    for name, table in document["tables"].items():
        made = tables[name]
        if plan.tables[name].rows != made.num_rows:
            yield f"{name}: the census says {plan.tables[name].rows} rows, there are {made.num_rows}"
        yield from _shape(name, plan, tables)
        yield from _keys(name, table, made)
        yield from _references(name, document, tables)
        yield from _times(name, document, tables)
        yield from _totals(name, document, tables)


def _shape(name: str, plan: Plan, tables: Tables) -> Iterator[str]:
    made = tables[name]
    made.validate(full=True)
    if not made.schema.equals(plan.tables[name].schema):
        yield f"{name}: has the schema {made.schema}, planned was {plan.tables[name].schema}"
    for field in made.schema:
        column = made[field.name]
        if not field.nullable and column.null_count:
            yield f"{name}.{field.name}: not null, but {column.null_count} are missing"
        if (
            pa.types.is_floating(field.type)
            and not pc.all(pc.is_finite(column.drop_null())).as_py()
            and len(column.drop_null())
        ):
            yield f"{name}.{field.name}: not finite"


def _keys(name: str, table: Json, made: pa.Table) -> Iterator[str]:
    for column, declared in table["columns"].items():
        if declared["type"] == "key" and column in made.column_names:
            start = declared.get("start", 1)
            if not np.array_equal(made[column].to_numpy(), np.arange(start, start + made.num_rows)):
                yield f"{name}.{column}: keys are not dense from {start}"
        if declared["type"] == "email" and declared.get("unique") and column in made.column_names:
            cells = made[column].drop_null()
            if len(cells.unique()) != len(cells):
                yield f"{name}.{column}: not unique"
    if table.get("primary_key") and made.num_rows:
        groups = made.group_by(table["primary_key"]).aggregate([])
        if groups.num_rows != made.num_rows:
            yield f"{name}: {table['primary_key']} is not unique"


def _target(document: Json, name: str, declared: Json) -> str | None:
    if declared["type"] == "parent_key":
        return str(declared.get("table") or document["tables"][name]["parent"])
    return str(declared["table"]) if declared["type"] == "reference" else None


def _references(name: str, document: Json, tables: Tables) -> Iterator[str]:
    for column, declared in document["tables"][name]["columns"].items():
        target = _target(document, name, declared)
        if target is None or column not in tables[name].column_names:
            continue
        key = _key(document, target)
        if key is None:
            continue
        cells = tables[name][column].drop_null().to_numpy()
        if not np.isin(cells, tables[target][key].to_numpy()).all():
            yield f"{name}.{column}: not every key is one of '{target}'"
        if declared.get("distinct") and "parent_id" in tables[name].column_names:
            pairs = tables[name].select(["parent_id", column]).drop_null()
            if pairs.group_by(["parent_id", column]).aggregate([]).num_rows != pairs.num_rows:
                yield f"{name}.{column}: not distinct under one parent"
        moment = declared.get("existing_at")
        if moment and "." not in moment and "at" in tables[target].column_names and moment in tables[name].column_names:
            yield from _existed(f"{name}.{column}", tables[name], column, moment, tables[target], key)


def _existed(said: str, made: pa.Table, column: str, moment: str, target: pa.Table, key: str) -> Iterator[str]:
    pairs = made.select([column, moment]).drop_null()
    born = np.asarray(target["at"].cast(pa.int64()))
    rows = pairs[column].to_numpy() - target[key][0].as_py() if len(pairs) else np.zeros(0, np.int64)
    if (born[rows] > np.asarray(pairs[moment].cast(pa.int64()))).any():
        yield f"{said}: refers to rows that did not exist then"


def _key(document: Json, name: str) -> str | None:
    columns = document["tables"][name]["columns"]
    return next(
        (c for c, declared in columns.items() if declared["type"] == "key" and not declared.get("hidden")), None
    )


def _parents(name: str, document: Json, tables: Tables) -> np.ndarray | None:
    """The row of the parent of each row; None where the keys are not shown."""
    parent = document["tables"][name].get("parent")
    if parent is None or _key(document, parent) is None or "parent_id" not in tables[name].column_names:
        return None
    start = document["tables"][parent]["columns"][_key(document, parent)].get("start", 1)
    return tables[name]["parent_id"].to_numpy() - start


def _micros(text: str) -> int:
    return int(np.datetime64(text, "us").astype(np.int64))


def _times(name: str, document: Json, tables: Tables) -> Iterator[str]:
    made, table = tables[name], document["tables"][name]
    rows = _parents(name, document, tables)
    kind = table["columns"].get("at", {}).get("type")
    if (
        "at" not in made.column_names
        or kind not in ("arrival_time", "event_time")
        or table["columns"]["at"].get("modifiers")
    ):
        return
    at = np.asarray(made["at"].cast(pa.int64()))
    start, end = _micros(document["window"]["start"]), _micros(document["window"]["end"])
    if (at >= end).any() or (kind == "event_time" and (at < start).any()):
        yield f"{name}.at: outside the window"
    if kind == "arrival_time" and (np.diff(at) < 0).any():
        yield f"{name}.at: keys do not grow with time"
    if rows is None:
        return
    parent = document["tables"][name]["parent"]
    born = tables[parent]["at"] if "at" in tables[parent].column_names else None
    plain = born is not None and not document["tables"][parent]["columns"]["at"].get("modifiers")
    if plain and (at < np.asarray(born.cast(pa.int64()))[rows]).any():
        yield f"{name}.at: before the parent"
    if len(at) and (np.diff(rows) < 0).any():
        yield f"{name}: children are not in the order of their parents"
    until = table["rows"].get("until")
    for column in [until] if until else []:
        if column in tables[parent].column_names and not document["tables"][parent]["columns"][column].get("modifiers"):
            last = tables[parent][column].cast(pa.int64()).fill_null(2**62).to_numpy()[rows]
            if (at > last).any():
                yield f"{name}.at: after '{column}' of the parent"


def _totals(name: str, document: Json, tables: Tables) -> Iterator[str]:
    for column, declared in document["tables"][name]["columns"].items():
        if declared["type"] not in ("sum_of", "count_of") or declared.get("filter") or declared.get("modifiers"):
            continue
        below = declared["table"]
        if column not in tables[name].column_names:
            continue
        rows = _parents(below, document, tables)
        while rows is not None and document["tables"][below]["parent"] != name:
            below = document["tables"][below]["parent"]
            up = _parents(below, document, tables)
            rows = None if up is None else up[rows]
        if rows is None:
            continue
        found = np.asarray(tables[name][column].cast(pa.float64()))
        if declared["type"] == "count_of":
            wanted = np.bincount(rows, minlength=len(found)).astype(float)
        elif declared["expression"] in tables[declared["table"]].column_names:
            cells = tables[declared["table"]][declared["expression"]].cast(pa.float64()).fill_null(0.0).to_numpy()
            wanted = np.bincount(rows, cells, minlength=len(found))
        else:
            continue
        lines = np.bincount(rows, minlength=len(found)).max(initial=1)  # each is rounded by itself
        if not np.allclose(found, wanted, rtol=1e-9, atol=1e-6 + 0.51 * lines * 10.0 ** -declared.get("decimals", 9)):
            at = int(np.argmax(np.abs(found - wanted)))
            yield f"{name}.{column}: {found[at]} is not {wanted[at]}, row {at}"


def fingerprints(document: Json, **choices: Any) -> dict[str, str]:
    """The content of every table of a document, `_truth/` included."""
    return digests(whole(datagen.plan(document, **choices)))
