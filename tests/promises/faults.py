"""A cluster of processes and an object store, whose parts are killed, stopped and cut off while a run writes.

Every process is real. It is forked from a server that has imported what all of them need, so it starts within
milliseconds. It is ended by its id.
"""

from __future__ import annotations

import ctypes
import http.client
import os
import random
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from datagen.runtime.executors import dask_task
from tests.kinds.stores.servers import Answer, Proxy, answer_of
from tests.ports import free_port

_FORKS = get_context("forkserver")
_PRELOADED = [
    "datagen.api", "datagen.cli.app", "datagen.point_process.unit_rate", "pyarrow.parquet", "pyarrow.fs",
    "datagen.cli.run_log", "datagen.engine.generate", "datagen.runtime.executors.dask",
    "datagen.runtime.executors.dask_worker", "distributed.cli.dask_scheduler", "s3fs", "moto.server",
    "moto.s3.responses", "tests.promises.faults",
]  # fmt: skip
_ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_DEFAULT_REGION": "us-east-1",
    "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "10",
    "DASK_DISTRIBUTED__COMM__TIMEOUTS__CONNECT": "5s",
}
_DIE_WITH_PARENT = 1
"""PR_SET_PDEATHSIG of Linux."""
BUCKET = "faults"
PARTITION_ROWS = 100
"""So few that most tasks of a run have several partitions."""
TASKS = "DATAGEN_TEST_TASKS"
"""The variable that names the folder in which a worker has a file for each task that it makes."""


# --- in the forked processes ------------------------------------------------------------------------------------------


def _become(log: str, environment: dict[str, str], words: list[str]) -> None:
    """Turn a forked process into a command with its own output and environment."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL)
    with Path(log).open("ab") as out:
        os.dup2(out.fileno(), 1)
        os.dup2(out.fileno(), 2)
    os.environ.update(environment)
    os.fsync = lambda _file: None  # a killed process loses nothing that it has written
    import dask.config  # it was imported before this environment was known

    dask.config.refresh()
    sys.argv = words
    if words[1] == "worker":
        _show_tasks(Path(environment[TASKS]))
    _COMMANDS[words[0]]()


def _show_tasks(folder: Path) -> None:
    """Keep a file for each task of this worker while it is made: the id of the process, the partitions of the task."""
    write = dask_task.write_partitions

    def shown(work: Any, site: Any, partitions: Any) -> Any:
        file = folder / f"{os.getpid()}-{partitions[0].index}-{len(partitions)}"
        file.touch()
        try:
            return write(work, site, partitions)
        finally:
            file.unlink()

    dask_task.write_partitions = shown


def _datagen() -> None:
    from datagen.cli import main

    main()


def _scheduler() -> None:
    from distributed.cli.dask_scheduler import main

    main(sys.argv[1:])


def _moto() -> None:
    from moto.server import main

    main(sys.argv[1:])


_COMMANDS: dict[str, Callable[[], None]] = {"datagen": _datagen, "scheduler": _scheduler, "moto": _moto}

# --- in the test ------------------------------------------------------------------------------------------------------


class Breakable(Proxy):
    """A proxy before an object store.

    It fails a share of the requests for some time, ends the server in the middle of an upload, and gives a new server
    the objects of the old one.
    """

    def __init__(self, port: int) -> None:
        super().__init__(port)
        self.fault = self._fault
        self.random = random.Random(0)
        self.kind, self.chance, self.until = "", 0.0, 0.0
        self.failed = 0
        self.in_upload: Callable[[], None] | None = None
        """Called once, when half of the next object was uploaded."""
        self._journal: list[tuple[str, str, bytes, dict[str, str]]] = []
        self._writing = threading.Lock()

    def break_for(self, seconds: float, kind: str, chance: float) -> None:
        self.kind, self.chance, self.until = kind, chance, time.monotonic() + seconds

    def _fault(self, _method: str, _path: str) -> str:
        if time.monotonic() > self.until or self.random.random() >= self.chance:
            return ""
        self.failed += 1
        return self.kind

    def forward(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> Answer:
        if method in ("GET", "HEAD"):
            return super().forward(method, path, body, headers)
        with self._writing:
            if self.in_upload is not None and method == "PUT" and body:
                end, self.in_upload = self.in_upload, None
                self._half(path, body, headers, end)
            answer = super().forward(method, path, body, headers)
            if answer[0] < 300:
                self._journal.append((method, path, body, headers))
            return answer

    def _half(self, path: str, body: bytes, headers: dict[str, str], end: Callable[[], None]) -> None:
        behind = http.client.HTTPConnection("127.0.0.1", self.behind, timeout=30)
        with suppress(OSError):
            behind.putrequest("PUT", path, skip_host=True, skip_accept_encoding=True)
            for name, value in headers.items():
                behind.putheader(name, value)
            behind.endheaders(body[: len(body) // 2])
        end()
        behind.close()
        self.failed += 1
        raise ConnectionResetError

    def forget(self, prefix: str) -> None:
        """Give a new server none of the objects below a path."""
        with self._writing:
            self._journal = [request for request in self._journal if not request[1].startswith(prefix)]

    def restore(self, port: int) -> None:
        """Write to the server at `port` what was written to the one before, and use it from now on."""
        with self._writing:
            for request in self._journal:
                answer_of(port, *request)
            self.behind = port


class Cluster:
    """A scheduler, two workers and an object store on this machine; each part can be lost and replaced."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.tasks = folder / "tasks"
        self.tasks.mkdir()
        self.number = 0
        self.running: list[Any] = []
        self.scheduler: Any = None
        self.workers: list[Any] = []
        self.moto: Any = None
        self.port = free_port()
        self.address = f"tcp://127.0.0.1:{self.port}"
        self.store = Breakable(0)
        self._serving = threading.Thread(target=self.store.serve_forever, daemon=True)
        self._serving.start()

    def start(self, *words: object, **environment: str) -> Any:
        self.number += 1
        log = self.folder / f"{self.number}-{words[0]}.log"
        log.touch()
        environment = {**_ENVIRONMENT, "AWS_ENDPOINT_URL": self.store.url, TASKS: str(self.tasks), **environment}
        process = _FORKS.Process(target=_become, args=(str(log), environment, [str(word) for word in words]))
        process.log = log  # type: ignore[attr-defined]
        process.start()
        self.running.append(process)
        return process

    def mend(self) -> None:
        """Start what is lost: scheduler, workers, object store."""
        if not alive(self.scheduler):
            where = ["--host=127.0.0.1", f"--port={self.port}", "--dashboard-address=127.0.0.1:0"]
            self.scheduler = self.start("scheduler", *where)
        self.workers = [worker for worker in self.workers if alive(worker)]
        while len(self.workers) < 2:
            self.workers.append(self.start("datagen", "worker", self.address, "--wait", 240))
        if not alive(self.moto):
            port = free_port()
            self.moto = self.start("moto", "-H", "127.0.0.1", "-p", port)
            wait_for(lambda: answers(port), 240)
            self.store.restore(port)

    def largest_task(self) -> int:
        """The most partitions of a task that a worker makes now."""
        workers = {worker.pid for worker in self.workers if alive(worker)}
        tasks = [[int(number) for number in file.name.split("-")] for file in self.tasks.iterdir()]
        return max((partitions for process, _, partitions in tasks if process in workers), default=0)

    def generate(self, document: Path, out: Path | str) -> Any:
        words = ["--partition-rows", PARTITION_ROWS, "--cluster", self.address, "--resume-auto"]
        return self.start("datagen", "generate", document, "--out", out, *words)

    def end(self) -> None:
        for process in self.running:
            kill(process)
        self.store.shutdown()
        self.store.server_close()


def alive(process: Any) -> bool:
    return process is not None and process.is_alive()


def kill(process: Any) -> None:
    process.kill()
    process.join(60)


def answers(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False


def wait_for(happened: Callable[[], bool], seconds: float) -> bool:
    """Whether something happens within so many seconds."""
    end = time.monotonic() + seconds
    while not happened():
        if time.monotonic() > end:
            return False
        time.sleep(0.003)
    return True


@contextmanager
def cluster(folder: Path) -> Iterator[Cluster]:
    _FORKS.set_forkserver_preload(_PRELOADED)
    made = Cluster(folder)
    try:
        made.mend()
        yield made
    finally:
        made.end()
