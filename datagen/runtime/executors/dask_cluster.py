"""Connects to Dask: local processes with temporary certificates, or an existing scheduler."""

from __future__ import annotations

import gc
import logging
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing import resource_tracker
from typing import Any

import dask  # noqa: TID253 - this module itself is imported only by those who want Dask
from distributed import Client, LocalCluster, Worker, WorkerPlugin  # noqa: TID253
from distributed.security import Security  # noqa: TID253

from datagen.errors import RunError
from datagen.runtime.malloc import keep_freed_memory

STARTS = 3
"""How often the processes of a local cluster are started, should one of them die while it starts."""
PATIENCE = "30s"
"""How long a scheduler may take to answer."""
_LOGGERS = ("distributed", "distributed.client", "tornado", "tornado.application", "asyncio")
"""Those that have a level of their own once Dask is imported."""

_LOCAL = {
    "distributed.worker.memory.target": False,  # workers keep no results: nothing to spill
    "distributed.worker.memory.spill": False,
    "distributed.worker.memory.pause": 0.9,
    "distributed.worker.memory.terminate": 0.95,
    "distributed.scheduler.allowed-failures": 5,  # deaths of a worker, until what it had is blamed
    "distributed.scheduler.worker-saturation": 1.0,  # and it has no more than it works on
    "distributed.scheduler.http.routes": [],
    "distributed.worker.http.routes": [],
}


@dataclass(frozen=True, slots=True)
class Certificates:
    """Files that a scheduler at `tls://` is reached with: who signed, this client's certificate, and its key."""

    ca: str | None = None
    cert: str | None = None
    key: str | None = None

    def security(self) -> Security | None:
        """For a connection; None leaves it to Dask's own configuration. Raises RunError if a file cannot be read."""
        files = {"tls_ca_file": self.ca, "tls_client_cert": self.cert, "tls_client_key": self.key}
        given = {name: path for name, path in files.items() if path is not None}
        if not given:
            return None
        for path in given.values():
            try:
                with open(path, "rb"):  # noqa: PTH123 - only whether it can be
                    pass
            except OSError as error:
                raise RunError(f"cannot read '{path}': {(error.strerror or str(error)).lower()}") from None
        return Security(require_encryption=True, **given)


class OwnWorker(WorkerPlugin):
    """Settings of the worker processes that a run starts itself; processes of others are left as they are."""

    def setup(self, worker: Worker) -> None:
        keep_freed_memory()


@contextmanager
def local_client(workers: int | None, memory: int | None) -> Iterator[Client]:
    """A client of `workers` processes of this machine, each of `memory` bytes, for the time of a run.

    Every connection asks for a certificate that only these processes have: other users of the machine can connect to
    the ports, and are refused.
    """
    with (
        dask.config.set(_LOCAL),
        _main_unseen(),
        _cluster(workers, memory) as cluster,
        connected(cluster, cluster.security) as client,
    ):
        client.register_plugin(OwnWorker(), name=OwnWorker.__name__)
        yield client


def connected(where: str | LocalCluster, security: Security | None = None) -> Client:
    """A client of a scheduler. Raises RunError, in one line, if it does not answer or Dask refuses its address."""
    try:
        return Client(where, security=security, set_as_default=False, timeout=PATIENCE)
    except (OSError, ValueError, TypeError, ImportError, RuntimeError, KeyError) as error:
        said = " ".join(str(error).split())[:300]
    gc.collect()  # closes the half-made client: when Python ends it could not be closed, and would say so in a traceback
    hint = ""
    if isinstance(where, str) and where.startswith("tls:"):
        hint = "; give its certificates with --tls-ca, --tls-cert and --tls-key, or in Dask's configuration"
    raise RunError(f"no Dask scheduler answers at {where}: {said}{hint}")


@contextmanager
def quiet() -> Iterator[None]:
    """Keep Dask's log silent: a cluster that is lost is told in one line, by the error that the run ends with."""
    loggers = [logging.getLogger(name) for name in _LOGGERS]
    before = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        for logger, level in zip(loggers, before, strict=True):
            logger.setLevel(level)


def _cluster(workers: int | None, memory: int | None) -> LocalCluster:
    """Workers of this machine; one that dies while they start is no reason to give up."""
    for _ in range(1, STARTS):
        with suppress(RuntimeError, OSError):
            return _started(workers, memory)
    try:
        return _started(workers, memory)
    except (RuntimeError, OSError) as error:
        raise RunError(f"the worker processes did not start ({error}); ask for fewer --workers") from error


def _started(workers: int | None, memory: int | None) -> LocalCluster:
    with _ctrl_c_held_back():
        return LocalCluster(
            n_workers=workers or os.cpu_count() or 1,
            threads_per_worker=1,
            processes=True,
            host="127.0.0.1",
            dashboard_address=None,
            scheduler_kwargs={"dashboard_address": "127.0.0.1:0"},  # else 8787, which may be taken
            worker_dashboard_address="127.0.0.1:0",
            memory_limit=memory or "auto",
            security=Security.temporary(),
            silence_logs=50,
        )


@contextmanager
def _main_unseen() -> Iterator[None]:
    """Keep worker processes from running the caller's script again.

    A process that is spawned imports the main module of its parent: a script without `if __name__ == "__main__"` would
    start its run once more in every worker. Workers need nothing of it.
    """
    main = sys.modules["__main__"]
    before: dict[str, Any] = {name: vars(main)[name] for name in ("__file__", "__spec__") if name in vars(main)}
    vars(main).pop("__file__", None)
    main.__spec__ = None
    try:
        yield
    finally:
        vars(main).update(before)


@contextmanager
def _ctrl_c_held_back() -> Iterator[None]:
    """Let processes and threads started here inherit a blocked SIGINT.

    A terminal sends Ctrl-C to every process of the group; workers must leave the ending to the driver, or they die with
    a traceback each while it stops them in order.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    resource_tracker.ensure_running()  # started later, it would let SIGINT through again
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
