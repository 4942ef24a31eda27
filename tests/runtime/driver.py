"""A run on Dask in a process of its own, to be killed.

    python -m tests.runtime.driver FOLDER EXISTING WAIT [EVENT TIMES]

Prints each event, `PartitionDone` after each partition. After so many of an event it goes on no more, while its
workers do: it cannot end before it is killed. Libraries log nothing, as in every command.
"""

from __future__ import annotations

import sys
import time

from datagen.cli.streams import silence_libraries
from datagen.errors import DatagenError
from datagen.kinds.clusters.local import Local
from datagen.runtime.executors.dask import DaskExecutor
from datagen.runtime.run import execute
from datagen.runtime.task import Work
from tests.runtime import fakes


def tell(event: object) -> None:
    name = type(event).__name__
    print(name, flush=True)
    TOLD.append(name)
    if sys.argv[4:] == [name, str(TOLD.count(name))]:
        time.sleep(3600)


TOLD: list[str] = []
if __name__ == "__main__":
    silence_libraries()  # as every command: Dask logs errors of its own while it is interrupted
    work = Work(fakes.plan(users=8000, wait=float(sys.argv[3])), fakes.make)
    try:
        execute(
            work,
            sys.argv[1],
            DaskExecutor(Local(workers=2)),
            existing=sys.argv[2],  # type: ignore[arg-type]
            on_event=tell,
        )
    except DatagenError as error:
        print(f"{type(error).__name__}: {error}", flush=True)
        sys.exit(error.exit_code)
