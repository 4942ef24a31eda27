"""Makes the clean and the damaged rows of a small document, with the answer key."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pyarrow as pa

import datagen
from datagen.engine.generate import generate_partition
from datagen.kinds.faults.support.examples import people as document_of_people
from datagen.kinds.faults.support.examples import visits as document_of_visits
from tests.promises.documents import planned


@dataclass(frozen=True)
class Damaged:
    """One table before and after its faults; `key` has the rows of the answer key as dictionaries."""

    clean: pa.Table
    dirty: pa.Table
    key: list[dict[str, Any]]

    def hit(self, column: str | None) -> list[int]:
        """The positions of damaged rows, in order."""
        return sorted(row["row"] for row in self.key if row["column"] == column)


def made(document: dict[str, Any], table: str, **options: Any) -> tuple[pa.Table, list[dict[str, Any]]]:
    plan = planned(document, **options)
    parts = [part for partition in plan.partitions for part in generate_partition(plan, partition)]
    keys = [row for part in parts if "_truth/faults" in part for row in part["_truth/faults"].to_pylist()]
    return pa.concat_tables([part[table] for part in parts]), keys


def damaged(document: dict[str, Any], table: str, rows: int = 2000) -> Damaged:
    document["tables"]["people"]["rows"] = rows
    clean, _ = made(document, table, clean=True)
    return Damaged(clean, *made(document, table))


def people(*faults: dict[str, Any], rows: int = 2000) -> Damaged:
    return damaged(document_of_people(*faults), "people", rows)


def visits(*faults: dict[str, Any], rows: int = 200) -> Damaged:
    return damaged(document_of_visits(*faults), "visits", rows)


def problems(*faults: dict[str, Any], of: str = "people") -> list[str]:
    document = document_of_people(*faults) if of == "people" else document_of_visits(*faults)
    return [str(problem) for problem in datagen.check(document)]
