"""The output of a plan: folders, files and their schemas."""

from __future__ import annotations

from collections.abc import Container
from typing import TYPE_CHECKING

import pyarrow as pa

from datagen.runtime.storage.layout import AnyName, part_name

if TYPE_CHECKING:
    from datagen.kinds.formats.base import Encodings
    from datagen.planning.plan import Partition, Plan


def folders_of(plan: Plan, family: str | None = None) -> list[str]:
    """The folders that a plan (or one family of it) writes: each table, and its hidden columns where it has some."""
    tables = [t for t in plan.tables.values() if family is None or t.family == family]
    return [t.folder for t in tables] + [f"_truth/{t.name}" for t in tables if t.truth is not None]


def schema_of(plan: Plan, folder: str) -> tuple[pa.Schema, Encodings]:
    """The Arrow schema of the files in `folder`, and how to encode them."""
    hidden, table = folder.startswith("_truth/"), plan.tables[folder.removeprefix("_truth/")]
    if hidden and table.truth is not None:
        return table.truth, table.encodings
    return table.schema, table.encodings


def files_of(plan: Plan, partition: Partition) -> dict[str, int]:
    """The folders into which a partition writes a file, and the rows of each file.

    A table has a file where it has rows; the first partition of a family has one for every table, so that its schema can
    be read.
    """
    rows = {name: partition.rows.get(name.removeprefix("_truth/"), 0) for name in folders_of(plan, partition.family)}
    return {name: count for name, count in rows.items() if count or partition.start == 0}


def parts_of(plan: Plan) -> dict[str, Container[str]]:
    """The names of the files that a plan writes, by folder."""
    names: dict[str, set[str]] = {name: set() for name in folders_of(plan)}
    for partition in plan.partitions:
        for folder in files_of(plan, partition):
            names[folder].add(part_name(partition.index, plan.output.extension))
    logs = (f"{folder}/{log}" for folder in names for log in plan.output.log_folders)
    return {**names, **dict.fromkeys(logs, AnyName())}
