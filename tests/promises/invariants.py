"""What must hold of the tables of any sound document."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from datagen.engine.content_hash import ContentHash
from datagen.engine.generate import generate_partition
from datagen.planning.plan import Plan
from datagen.time_units import parse_instant
from tests.promises.documents import planned

Json = dict[str, Any]
Tables = dict[str, pa.Table]
MARKS = ("arrival_time", "event_time")


def whole(plan: Plan) -> Tables:
    """Every table of a plan, those of `_truth/` too."""
    parts = [made for partition in plan.partitions for made in generate_partition(plan, partition)]
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
        content = ContentHash()
        content.add(table)
        found[name] = content.digest()
    return found


def fingerprints(document: Json, **choices: Any) -> dict[str, str]:
    """The content of every table of a document, `_truth/` included."""
    return digests(whole(planned(document, **choices)))


def broken(document: Json, plan: Plan, tables: Tables) -> Iterator[str]:
    """Every promise about the rows that is not kept."""
    for name in document["tables"]:
        seen = Seen(document, tables, name)
        if plan.tables[name].rows != len(seen.rows):
            yield f"{name}: the plan has {plan.tables[name].rows} rows, there are {len(seen.rows)}"
        if not seen.rows.schema.equals(plan.tables[name].schema):
            yield f"{name}: has the schema {seen.rows.schema}, planned was {plan.tables[name].schema}"
        for rule in (seen.cells, seen.keys, seen.references, seen.moments, seen.order, seen.totals):
            yield from (f"{name}{message}" for message in rule())


@dataclass
class Seen:
    """One table of a dataset; every rule yields what is wrong with it."""

    document: Json
    tables: Tables
    name: str

    @property
    def rows(self) -> pa.Table:
        return self.tables[self.name]

    @property
    def parent(self) -> str | None:
        return self.declared().get("parent")

    def declared(self, name: str | None = None) -> Json:
        return self.document["tables"][name or self.name]  # type: ignore[no-any-return]

    def shown(self, *types: str) -> Iterator[tuple[str, Json]]:
        """The columns of these types that the files have."""
        for column, declared in self.declared()["columns"].items():
            if declared["type"] in types and column in self.rows.column_names:
                yield column, declared

    def of(self, name: str) -> Seen:
        return Seen(self.document, self.tables, name)

    def key(self) -> tuple[str, int] | None:
        """The column of keys and where they begin; None where the files do not show it."""
        return next(((column, declared.get("start", 1)) for column, declared in self.shown("key")), None)

    def moment(self) -> np.ndarray | None:
        """When each row came to be; None where the files do not show it as it is."""
        found = [column for column, declared in self.shown(*MARKS) if not declared.get("modifiers")]
        return np.asarray(self.rows[found[0]].cast(pa.int64())) if found else None

    def above(self) -> np.ndarray | None:
        """The parent's row of each row; None where the files do not show it."""
        key = self.of(self.parent).key() if self.parent else None
        return self.rows["parent_id"].to_numpy() - key[1] if key and "parent_id" in self.rows.column_names else None

    # --- rules -------------------------------------------------------------------------------------------------

    def cells(self) -> Iterator[str]:
        self.rows.validate(full=True)
        for field in self.rows.schema:
            there = self.rows[field.name].drop_null()
            if not field.nullable and len(there) < len(self.rows):
                yield f".{field.name}: not null, but {len(self.rows) - len(there)} are missing"
            if pa.types.is_floating(field.type) and not np.isfinite(there.to_numpy()).all():
                yield f".{field.name}: not finite"

    def keys(self) -> Iterator[str]:
        key = self.key()
        if key and not np.array_equal(self.rows[key[0]].to_numpy(), np.arange(key[1], key[1] + len(self.rows))):
            yield f".{key[0]}: keys are not dense"
        unique = [[column] for column, declared in self.shown("email", "uuid") if declared.get("unique", True)]
        for columns in filter(None, [*unique, self.declared().get("primary_key")]):
            if not self._each_once(columns):
                yield f": {columns} is not unique"

    def _each_once(self, columns: list[str]) -> bool:
        there = self.rows.select(columns).drop_null()
        types = (self.declared()["columns"][column] for column in columns)
        fresh = not any(one.get("modifiers") for one in types)
        return not fresh or len(there.group_by(columns).aggregate([])) == len(there)

    def references(self) -> Iterator[str]:
        for column, declared in self.shown("parent_key", "reference"):
            target = self.of(declared.get("table") or self.parent or "")
            key, modified = target.key(), declared.get("modifiers")
            if key is None or modified:
                continue
            cells = self.rows[column].drop_null().to_numpy()
            if not np.isin(cells, target.rows[key[0]].to_numpy()).all():
                yield f".{column}: not every key is one of '{target.name}'"
            if declared.get("distinct") and self.above() is not None and not self._each_once(["parent_id", column]):
                yield f".{column}: not distinct under one parent"
            yield from self._existed(column, declared.get("existing_at") or "", target, key[1])

    def _existed(self, column: str, moment: str, target: Seen, start: int) -> Iterator[str]:
        born = target.moment()
        if born is None or moment not in self.rows.column_names:
            return
        pairs = self.rows.select([column, moment]).drop_null()
        chosen = born[pairs[column].to_numpy() - start] if len(pairs) else np.zeros(0)
        if (chosen > np.asarray(pairs[moment].cast(pa.int64()))).any():
            yield f".{column}: refers to rows that did not exist then"

    def moments(self) -> Iterator[str]:
        at, parent = self.moment(), self.above()
        if at is None:
            return
        start, end = (_micros(self.document["window"][edge]) for edge in ("start", "end"))
        rows = self.declared()["rows"]
        if (at >= end).any() or (not rows.get("before_window") and (at < start).any()):
            yield ": outside the window"
        born = self.of(self.parent).moment() if self.parent else None
        if born is not None and parent is not None and (at < born[parent]).any():
            yield ": before the parent"
        until = rows.get("until")
        if self.parent and parent is not None and until in self.tables[self.parent].column_names:
            last = self.tables[self.parent][until]
            if (at > pc.fill_null(last.cast(pa.int64()), 2**62).to_numpy()[parent]).any():
                yield f": after '{until}' of the parent"

    def order(self) -> Iterator[str]:
        at, parent = self.moment(), self.above()
        if self.parent is None and at is not None and (np.diff(at) < 0).any():
            yield ": keys do not grow with time"
        if parent is not None and (np.diff(parent) < 0).any():
            yield ": children are not in the order of their parents"

    def totals(self) -> Iterator[str]:
        for column, declared in self.shown("sum_of", "count_of"):
            line = self.of(declared["table"])
            owner = line.up_to(self.name)
            if owner is None or declared.get("filter") or declared.get("modifiers"):
                continue
            summed = declared.get("expression")
            if summed is not None and summed not in line.rows.column_names:
                continue
            each = None if summed is None else pc.fill_null(line.rows[summed].cast(pa.float64()), 0.0).to_numpy()
            due = np.bincount(owner, each, minlength=len(self.rows))
            most = np.bincount(owner).max(initial=1)  # each line is rounded by itself
            slack = 1e-6 + 0.51 * most * 10.0 ** -declared.get("decimals", 9)
            if not np.allclose(np.asarray(self.rows[column].cast(pa.float64())), due, rtol=1e-9, atol=slack):
                yield f".{column}: is not the sum of its lines"

    def up_to(self, name: str) -> np.ndarray | None:
        """The row of an ancestor that each row belongs to; None where the files do not show it."""
        owner = self.above()
        if owner is None or self.parent == name or self.parent is None:
            return owner
        higher = self.of(self.parent).up_to(name)
        return None if higher is None else higher[owner]


def _micros(text: str) -> int:
    return parse_instant(text)
