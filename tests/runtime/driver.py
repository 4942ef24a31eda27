"""A run on Dask in a process of its own, to be killed: `python -m tests.runtime.driver FOLDER EXISTING WAIT`.

Prints each event, `PartitionDone` after each partition. Libraries log nothing, as in every command.
"""

from __future__ import annotations

import sys

from datagen.cli.streams import quiet
from datagen.errors import DatagenError
from datagen.kinds.clusters.local import Local
from datagen.runtime.executors.dask import DaskExecutor
from datagen.runtime.run import execute
from datagen.runtime.task import Work
from tests.runtime import fakes

if __name__ == "__main__":
    quiet()  # as every command: Dask logs errors of its own while it is interrupted
    work = Work(fakes.plan(users=8000, wait=float(sys.argv[3])), fakes.make)
    try:
        execute(
            work,
            sys.argv[1],
            DaskExecutor(Local(workers=2)),
            existing=sys.argv[2],  # type: ignore[arg-type]
            on_event=lambda event: print(type(event).__name__, flush=True),
        )
    except DatagenError as error:
        print(f"{type(error).__name__}: {error}", flush=True)
        sys.exit(error.exit_code)
