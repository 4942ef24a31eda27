"""Estimates time, worker hours and cost of a run on a cluster, from a sample that is generated and encoded here."""

from __future__ import annotations

import tempfile
import time
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING

from datagen.engine.generate import generate_partition
from datagen.kinds.formats.base import SPARE
from datagen.kinds.stores.base import file_hash
from datagen.planning.plan import Family, Partition, Plan
from datagen.runtime.executors.chunks import task_count
from datagen.runtime.partition_contents import files_of, schema_of, split_by
from datagen.runtime.split_files import SplitWriter, writer_of

if TYPE_CHECKING:
    from datagen.kinds.clusters.base import Cluster
    from datagen.kinds.formats.base import Writer

SAMPLE_SECONDS = 0.5
"""CPU seconds that the sample of a family takes, if the family is that large."""
OVERHEAD = 1.08
"""CPU time of Dask workers over that of one process: `benchmarks/workers.py`, two workers, 220 million rows."""
START_SECONDS = 3.0
"""Seconds until workers that are there make their first partition: imports, and the compilation of the plan."""
TASK_OVERHEAD_SECONDS = 0.01
"""Seconds that Dask adds to a task, from the scheduler to the worker and back."""


@dataclass(frozen=True, slots=True)
class WorkerEstimate:
    """A run with this many workers; `cost` is in the currency of the profile, None without a price."""

    workers: int
    seconds: float
    worker_hours: float
    cost: float | None


@dataclass(frozen=True, slots=True)
class RunEstimate:
    """What a run needs on CPUs like this one. Uploads and the start of machines or pods are not in it.

    `cpu_seconds` is for one process. `by_workers` has the fewest and the most workers of the cluster; it is empty if
    their number is not known. With `divided` tables, whose values become Hive folders, there may be fewer `files`: a
    partition writes none to a folder in which it has no rows.
    """

    cluster: str
    sampled_rows: int
    cpu_seconds: float
    bytes: int
    files: int
    by_workers: tuple[WorkerEstimate, ...]
    divided: bool = False


def estimate(plan: Plan, cluster: Cluster, workers: int | None = None) -> RunEstimate:
    """The estimate for a plan on a cluster, for `workers` or the numbers that the cluster declares.

    A sample of each family is generated, encoded and hashed, in this process.
    """
    rows, seconds, slowest = 0, 0.0, 0.0
    for family in plan.families.values():
        sampled, root_seconds = _measure(plan, family)
        rows += sampled
        seconds += root_seconds * family.rows
        slowest = max(slowest, root_seconds * min(family.partition, family.rows))
    numbers = (workers,) if workers else cluster.worker_numbers()
    return RunEstimate(
        cluster.waits_for, rows, seconds, plan.total_bytes, _most_files(plan),
        tuple(_for_workers(n, plan, seconds, slowest, cluster.price_per_worker_hour) for n in numbers),
        any(split_by(plan, name) for name in plan.shown),
    )  # fmt: skip


def _for_workers(workers: int, plan: Plan, seconds: float, slowest: float, price: float | None) -> WorkerEstimate:
    """The estimate for one number of workers. A worker counts as one CPU, whatever the number of its threads. No run is
    shorter than its largest partition. Short partitions share a task.
    """
    mean = max(seconds * OVERHEAD / max(len(plan.partitions), 1), 1e-9)
    tasks = ceil(task_count(len(plan.partitions), workers, mean) / workers) * TASK_OVERHEAD_SECONDS
    wall = START_SECONDS + tasks + max(seconds * OVERHEAD / workers, slowest * OVERHEAD)
    hours = workers * wall / 3600
    return WorkerEstimate(workers, wall, hours, None if price is None else hours * price)


def _most_files(plan: Plan) -> int:
    """The files of the tables; a partition writes at most one to each Hive folder."""
    return sum(
        min(plan.tables[name].hive_folders, max(rows or 0, 1)) if name in plan.tables else 1
        for partition in plan.partitions
        for name, rows in files_of(plan, partition).items()
    )


def _measure(plan: Plan, family: Family) -> tuple[int, float]:
    """The rows of a sample of the family, and the CPU seconds of one root row with all below it."""
    if not family.rows:
        return 0, 0.0
    _time_blocks(plan, family, 1)  # compiles the plan and fills caches
    blocks, limit = 1, max(family.partition // family.block, 1)
    rows, roots, seconds = _time_blocks(plan, family, blocks)
    if seconds < SAMPLE_SECONDS and blocks < limit:
        rows, roots, seconds = _time_blocks(plan, family, min(ceil(SAMPLE_SECONDS / max(seconds, 0.001)), limit))
    return rows, seconds / roots


def _time_blocks(plan: Plan, family: Family, blocks: int) -> tuple[int, int, float]:
    """The rows, root rows and CPU seconds of `blocks` blocks from the middle of the family."""
    roots = min(blocks * family.block, family.rows)
    start = (family.rows - roots) // 2
    first = {name: plan.tables[name].rows * start // family.rows for name in family.tables}
    start_time = time.process_time()
    rows = _write_files(plan, Partition(0, family.root, start, start + roots, first))
    return rows, roots, time.process_time() - start_time


def _write_files(plan: Plan, partition: Partition) -> int:
    """Write the files of a partition to a temporary folder and hash them. Returns their rows."""
    rows = 0
    writers: dict[str, Writer | SplitWriter] = {}
    with tempfile.TemporaryDirectory(prefix="datagen-") as folder:
        for tables in generate_partition(plan, partition):
            for name, table in tables.items():
                if name not in writers:
                    writers[name] = writer_of(plan, name, _draft(folder, name), SPARE)
                writers[name].write(table)
                rows += table.num_rows
        for name, writer in writers.items():
            writer.close()
            if isinstance(writer, SplitWriter):
                for _, path, _ in writer.files(plan.output, schema_of(plan, name)[1], SPARE):
                    file_hash(path)
            else:
                file_hash(_draft(folder, name))
    return rows


def _draft(folder: str, name: str) -> Path:
    return Path(folder) / name.replace("/", ".")


def _figure(number: float) -> str:
    """A number with two decimals, a small one with two significant digits."""
    decimals = next((digits for digits in range(2, 9) if number * 10**digits >= 10), 9 if number > 0 else 2)
    return f"{number:,.{decimals}f}"


def describe(found: RunEstimate) -> str:
    """The estimate as text."""
    lines = [f"estimate for {found.cluster}, from {found.sampled_rows:,} rows made here:"]
    files = f"{'at most ' * found.divided}{found.files:,} files"
    lines.append(f"  {duration(found.cpu_seconds)} of one CPU like that of this machine, {files}")
    for one in found.by_workers:
        price = "" if one.cost is None else f", cost about {_figure(one.cost)}"
        workers = f"{one.workers:,} worker{'s' * (one.workers != 1)}"
        lines.append(f"  {workers}: about {duration(one.seconds)}, {_figure(one.worker_hours)} worker hours{price}")
    if not found.by_workers:
        lines.append("  the number of workers is not known: give it with --workers")
    return "\n".join(lines)


def duration(seconds: float) -> str:
    """Seconds in the unit that suits them."""
    for unit, size in (("d", 86_400), ("h", 3600), ("min", 60)):
        if seconds >= 2 * size:
            return f"{seconds / size:,.1f} {unit}"
    return f"{seconds:,.1f} s"
