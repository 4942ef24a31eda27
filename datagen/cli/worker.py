"""`datagen worker`: a process that makes partitions for a run on another machine."""

from __future__ import annotations

from typing import Annotated

import typer

from datagen.cli.options import Memory as WorkerMemory
from datagen.cli.options import TlsCa, TlsCert, TlsKey
from datagen.cli.plan import certificates


def worker(
    address: Annotated[str, typer.Argument(metavar="ADDRESS", help="The scheduler, as tls://host:port.")],
    *,
    threads: Annotated[int, typer.Option(min=1, help="Number of concurrent partitions.")] = 1,
    memory: WorkerMemory = None,
    wait: Annotated[
        float, typer.Option(min=1, metavar="SECONDS", help="How long to wait for a scheduler that does not answer.")
    ] = 600.0,
    tls_ca: TlsCa = None,
    tls_cert: TlsCert = None,
    tls_key: TlsKey = None,
) -> None:
    """Make partitions for the run whose scheduler is at ADDRESS, until the run has ended.

    If the scheduler is lost, the worker waits for it and joins again.

    The exit code is 0 when the run is complete, and 1 when no scheduler answers.
    It is also 0 when Dask retires the worker, and 143 when SIGTERM stops it.
    """
    import asyncio  # start-up
    import logging

    from datagen.kinds.clusters.support.certificates import security_of  # start-up
    from datagen.runtime.executors.dask_worker import WorkerProcess  # start-up: Dask

    logging.disable(logging.CRITICAL)  # a worker reports its errors in one line
    files = certificates(tls_ca, tls_cert, tls_key)
    security = security_of(files["tls_ca"], files["tls_cert"], files["tls_key"])

    process = WorkerProcess(address, threads, memory, wait, security)
    asyncio.run(process.serve())
    raise typer.Exit(process.exit_code)
