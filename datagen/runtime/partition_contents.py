"""The output of a plan: folders, files and their schemas."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Mapping
from typing import TYPE_CHECKING

import pyarrow as pa

from datagen.planning import answer_key
from datagen.runtime.storage.layout import AnyName, PlannedParts, part_name

if TYPE_CHECKING:
    from datagen.kinds.formats.base import Encodings
    from datagen.planning.plan import Partition, Plan


def folders_of(plan: Plan, family: str | None = None) -> list[str]:
    """The folders of a plan or of one family: each table, and its hidden columns if there are any."""
    tables = [t for t in plan.tables.values() if family is None or t.family == family]
    hidden = [f"_truth/{t.name}" for t in tables if t.truth is not None]
    return [*(t.folder for t in tables), *hidden, *([answer_key.FOLDER] if any(t.clean for t in tables) else [])]


def schema_of(plan: Plan, folder: str) -> tuple[pa.Schema, Encodings]:
    """The Arrow schema of the files in `folder`, and their encodings."""
    if folder == answer_key.FOLDER and folder.removeprefix("_truth/") not in plan.tables:
        return answer_key.SCHEMA, answer_key.ENCODINGS
    hidden, table = folder.startswith("_truth/"), plan.tables[folder.removeprefix("_truth/")]
    if hidden and table.truth is not None:
        return table.truth, table.encodings
    return table.schema, table.encodings


def files_of(plan: Plan, partition: Partition) -> dict[str, int | None]:
    """The folders into which a partition writes a file, and the rows of each file; None if only the run can tell.

    A table has a file where it has rows; the first partition of a family has one for every table, so that its schema
    can be read. The answer key of faults has a file in every partition.
    """
    found: dict[str, int | None] = {}
    for name in folders_of(plan, partition.family):
        table = plan.tables.get(name.removeprefix("_truth/"))
        rows = 0 if table is None else partition.rows.get(table.name, 0)
        if table is None or rows or partition.start == 0:
            found[name] = None if table is None or (table.copied and name == table.folder) else rows
    return found


def split_by(plan: Plan, folder: str) -> tuple[str, ...]:
    """The columns whose values are the Hive folders of a table; hidden columns are never divided."""
    table = plan.tables.get(folder)
    return plan.output.split_by(table.schema.names) if table is not None else ()


def is_planned(plan: Plan, partition: Partition, files: Mapping[tuple[str, str], int]) -> bool:
    """Whether these files (folder and name -> rows) are what a partition writes, with the planned rows in each
    folder.
    """
    planned, rows = files_of(plan, partition), Counter[str]()
    part = {part_name(partition.index, plan.output.extension)}
    for (folder, name), number in files.items():
        rows[folder] += number
        if name not in PlannedParts(part, bool(split_by(plan, folder))):
            return False
    return rows.keys() == planned.keys() and all(number in (None, rows[name]) for name, number in planned.items())


def parts_of(plan: Plan) -> dict[str, Container[str]]:
    """The names of the files that a plan writes, by folder."""
    names: dict[str, set[str]] = {name: set() for name in folders_of(plan)}
    for partition in plan.partitions:
        for folder in files_of(plan, partition):
            names[folder].add(part_name(partition.index, plan.output.extension))
    logs = (f"{folder}/{log}" for folder in names for log in plan.output.log_folders)
    parts = {folder: PlannedParts(known, bool(split_by(plan, folder))) for folder, known in names.items()}
    return {"": frozenset(plan.output.root_files), **parts, **dict.fromkeys(logs, AnyName())}
