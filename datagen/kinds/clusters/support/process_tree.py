"""The processes of a local cluster: their root, which has loaded what all of them need, forks the scheduler and the
workers, and replaces workers that die.

`local_processes` forks it or runs this file as a script. It ends all of them when its standard input is closed or the
process that started it is gone. Each of them ends by itself when this one is gone. So nothing is left
behind, whoever is killed.
"""

from __future__ import annotations

import asyncio
import gc
import importlib
import json
import logging
import os
import select
import shutil
import signal
import sys
import tempfile
import threading
import time
import warnings
from collections.abc import Coroutine, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

POLL_SECONDS = 0.2
"""Seconds between two checks of the workers' memory and of the parent process."""
MEMORY_SHARE = 0.95
"""The share of its memory at which a worker is ended and replaced, before the system kills another process."""
EARLY_SECONDS, MAX_EARLY_DEATHS = 3.0, 30
"""A worker that ends within the first number of seconds did not start. After the second number of them in a row no
further one is started.
"""
HEARTBEAT_SECONDS = 5.0
"""Seconds between two heartbeats of a worker. Every half second, as in Dask, they would take half the CPU time of an
idle cluster. They carry what only the dashboard shows: the end of a worker closes its connection.
"""
GRACE_SECONDS = 2.0
"""Seconds that processes have for an orderly end."""


@dataclass
class ProcessTree:
    """The processes of a local cluster. `settings` are those of `local_processes`, as plain JSON values."""

    settings: dict[str, Any]
    security: Any
    address: str = ""
    scratch: str = field(default_factory=lambda: tempfile.mkdtemp(prefix="datagen-workers-"))
    workers: dict[int, float] = field(default_factory=dict)
    """Process id -> its start, in seconds of the monotonic clock."""
    early_deaths: int = 0
    scheduler: int = 0
    liveness_pipe: tuple[int, int] = field(default_factory=os.pipe)
    """A pipe whose write end is held only by this process, so that it closes when this process is gone."""

    def start(self) -> None:
        """Start the scheduler, then the workers. Raises OSError if there is no process, or RuntimeError with the reason
        of the scheduler.
        """
        ready, ready_end = os.pipe()
        self.scheduler = self._fork(lambda: self._run_scheduler(ready_end))
        os.close(ready_end)
        with os.fdopen(ready) as answer:
            started = json.loads(answer.readline() or "{}")
        if "address" not in started:
            raise RuntimeError(f"its scheduler ended: {started.get('error', 'no reason is known')}")
        self.address = started["address"]
        for _ in range(self.settings["workers"]):
            self._start_worker()

    def watch(self) -> None:
        """Replace dead workers and end those that use too much memory, until the run is over."""
        parent = self.settings["parent"]
        while os.getppid() == parent:
            if select.select([0], [], [], POLL_SECONDS)[0] and not os.read(0, 1024):
                return
            if not self._reap():
                return
            for _ in range(self.settings["workers"] - len(self.workers)):
                self._start_worker()
            self._limit_memory()

    def end(self) -> None:
        """Ask all processes to end, then kill them."""
        for number in (signal.SIGTERM, signal.SIGKILL):
            for pid in (*self.workers, self.scheduler):
                with suppress(ProcessLookupError):
                    os.kill(pid, number)
            if self._wait_for_all(time.monotonic() + GRACE_SECONDS):
                break
        shutil.rmtree(self.scratch, ignore_errors=True)

    def _wait_for_all(self, until: float) -> bool:
        """Wait for the end of all processes; False if it is not reached by that time."""
        try:
            while time.monotonic() < until:
                if not os.waitpid(-1, os.WNOHANG)[0]:
                    time.sleep(0.002)
        except ChildProcessError:
            return True
        return False

    def _reap(self) -> bool:
        """Record processes that have ended; False if no process is left to watch."""
        with suppress(ChildProcessError):
            while (pid := os.waitpid(-1, os.WNOHANG)[0]) > 0:
                if pid == self.scheduler:
                    return False
                early = time.monotonic() - self.workers.pop(pid) < EARLY_SECONDS
                self.early_deaths = self.early_deaths + 1 if early else 0
        return self.early_deaths < MAX_EARLY_DEATHS

    def _start_worker(self) -> None:
        with suppress(OSError):  # no more processes for now: the next poll tries again
            self.workers[self._fork(self._run_worker)] = time.monotonic()

    def _fork(self, body: Any) -> int:
        """A new process that carries out `body`, and never returns from here."""
        pid = fork()
        if pid:
            return pid
        try:
            os.close(self.liveness_pipe[1])
            os.set_blocking(self.liveness_pipe[0], True)
            tempfile.tempdir = self.scratch  # what a process leaves behind when it is killed goes with it
            threading.Thread(target=self._end_with_parent, daemon=True).start()
            body()
        finally:
            os._exit(1)

    def _end_with_parent(self) -> None:
        os.read(self.liveness_pipe[0], 1)
        os._exit(1)

    def _run_scheduler(self, ready_end: int) -> None:
        from distributed import Scheduler

        def answer(**started: str) -> None:
            os.write(ready_end, json.dumps(started).encode() + b"\n")
            os.close(ready_end)

        async def serve() -> None:
            try:
                scheduler = await Scheduler(
                    host="127.0.0.1", port=0, protocol="tls", security=self.security,
                    dashboard_address=self.settings["dashboard"], dashboard=self.settings["dashboard_shown"],
                )  # fmt: skip
            except Exception as error:  # noqa: BLE001 - the run reports it
                answer(error=" ".join(str(error).split()))
                return
            answer(address=scheduler.address)
            await scheduler.finished()

        warnings.filterwarnings("error", "Port .* is already in use")  # the dashboard would take another one
        _run_loop(serve())

    def _run_worker(self) -> None:
        from distributed import Worker
        from tornado.ioloop import PeriodicCallback

        from datagen.malloc import keep_freed_memory

        keep_freed_memory()

        async def serve() -> None:
            worker = await Worker(
                self.address, nthreads=self.settings["threads"], memory_limit=self.settings["memory"], host="127.0.0.1",
                dashboard_address="127.0.0.1:0", security=self.security, local_directory=self.scratch,
            )  # fmt: skip
            asyncio.get_running_loop().add_signal_handler(
                signal.SIGTERM, os._exit, 0
            )  # a task cannot be stopped otherwise
            if not self.settings["dashboard_shown"]:
                worker.periodic_callbacks["heartbeat"].stop()  # each answer sets its interval
                PeriodicCallback(worker.heartbeat, HEARTBEAT_SECONDS * 1000).start()
            await worker.finished()

        _run_loop(serve())

    def _limit_memory(self) -> None:
        limit = self.settings["memory"]
        if not isinstance(limit, int):
            return
        for pid in self.workers:
            with suppress(OSError):
                if _memory(pid) > MEMORY_SHARE * limit:
                    os.kill(pid, signal.SIGKILL)


def fork() -> int:
    """A new process: its number in this process, 0 in the new one."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about threads; Python has started none
        return os.fork()


def _memory(pid: int) -> int:
    """The bytes that a process holds in memory."""
    try:  # a tenth of the time of psutil, and it is asked every moment
        with open(f"/proc/{pid}/statm", "rb") as file:  # noqa: PTH123
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except FileNotFoundError:  # not on Linux, or it has ended
        import psutil

        return int(psutil.Process(pid).memory_info().rss) if psutil.pid_exists(pid) else 0


def _run_loop(serve: Coroutine[Any, Any, None]) -> None:
    with suppress(OSError, TimeoutError, ValueError):  # a scheduler that is gone
        asyncio.run(serve)


def load(modules: Iterable[str]) -> None:
    """Import what every worker needs, so that workers share the memory and start fast."""
    with _fast_yaml():
        for name in ("distributed.scheduler", "distributed.worker", *modules):
            with suppress(ImportError):
                importlib.import_module(name)
    from distributed.versions import get_versions

    get_versions()  # each process is asked for it, and remembers it
    if sys.platform == "linux":  # elsewhere it may start a thread
        with suppress(ImportError, TypeError):  # in other versions it is no function
            from tornado.netutil import _client_ssl_defaults

            _client_ssl_defaults()  # each process that connects reads the certificates of the system, and uses none


@contextmanager
def _fast_yaml() -> Iterator[None]:
    """Let Dask read its defaults with the parser in C, which takes a tenth of the time."""
    yaml: Any = importlib.import_module("yaml")
    safe, fast = yaml.safe_load, getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    yaml.safe_load = lambda stream: yaml.load(stream, fast)
    try:
        yield
    finally:
        yaml.safe_load = safe


def main() -> None:
    """The root as a script, whose settings are the first line of its input."""
    gc.disable()  # a seventh of the time of the imports
    settings = json.loads(sys.stdin.readline())
    os.set_inheritable(settings["ready_end"], False)
    sys.path[:] = settings["path"]
    load(settings["modules"])
    run(settings)


def run(settings: dict[str, Any]) -> None:
    """Start the processes, tell their address or an error in one line, and keep them until the run is over."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    logging.disable(logging.CRITICAL)
    import dask

    from datagen.kinds.clusters.support.certificates import temporary

    dask.config.set(settings["config"])
    security, ready_end = temporary(), settings["ready_end"]
    gc.freeze()  # loaded modules are shared and never collected
    gc.set_threshold(10_000)  # Dask leaves reference cycles, blocks none
    gc.enable()
    tree = ProcessTree(settings, security)
    try:
        tree.start()
        names = ("tls_ca_file", "tls_client_cert", "tls_client_key")
        ready = {"address": tree.address, "security": {name: getattr(security, name) for name in names}}
        os.write(ready_end, json.dumps(ready).encode() + b"\n")
        os.close(ready_end)
        tree.watch()
    except (OSError, RuntimeError) as error:
        advice = "; ask for fewer --workers" if isinstance(error, OSError) else ""
        with suppress(OSError):
            os.write(ready_end, json.dumps({"error": f"{error}{advice}"}).encode() + b"\n")
    finally:
        tree.end()


if __name__ == "__main__":
    main()
