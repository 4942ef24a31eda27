"""What a driver holds over very many partitions.

    python -m tests.runtime.many_partitions FOLDER PARTITIONS

The run is a real one (locks, files, receipts, manifest) of partitions of one row; only syncing to disk is left out.
Prints, as JSON, the resident MB at each tenth of the run, and after the commit the most that was resident. The same run
is then resumed, which reads every receipt, and its peak is printed, too.
"""

from __future__ import annotations

import json
import os
import resource
import sys
from dataclasses import replace
from typing import Any

from datagen.kinds.formats.jsonl import JsonLines
from datagen.kinds.stores.base import store_at
from datagen.runtime.events import Event, PartitionDone
from datagen.runtime.run import execute
from datagen.runtime.status import status_of
from datagen.runtime.task import Work
from tests.runtime import fakes


def plan_of(partitions: int) -> Any:
    parts = [fakes.FakePartition(i, "shops", i, i + 1, {"shops": i}, {"shops": 1}) for i in range(partitions)]
    return replace(fakes.plan(users=0, shops=partitions, output=JsonLines()), partitions=parts)


def peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000


def main(folder: str, partitions: int) -> None:
    os.fsync = lambda _file: None
    work, done, resident = Work(plan_of(partitions), fakes.make), 0, []

    def on_event(event: Event) -> None:
        nonlocal done
        done += isinstance(event, PartitionDone)
        if isinstance(event, PartitionDone) and done % (partitions // 10) == 0:
            resident.append(peak())  # nothing that was allocated is missed between two samples

    finished = execute(work, folder, on_event=on_event)
    assert finished.rows == finished.files == partitions
    committed = peak()
    assert status_of(store_at(folder)).done == partitions
    print(json.dumps({"resident": resident, "committed": committed, "status": peak()}))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
