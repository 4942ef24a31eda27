"""A process that does the work of the page; one that takes too long, or works for nobody, is ended and replaced."""

from __future__ import annotations

import json
import multiprocessing
import signal
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

Json = dict[str, Any]
STARTING = 120.0
"""Seconds that a process may take to start."""
ABANDONED = 6.0
"""Seconds that a request may still take when nobody waits for its answer: a new process takes some to start."""
MOST_MEMORY = 4_000_000_000
"""The most bytes of data that the operating system gives the process: the last bound, above the planner's."""


class Worker:
    """One process, one request at a time. Its answer is an error if the process takes more than the allowed seconds.

    `patience` is how many seconds it may work for nobody. Seconds count from when the process is ready: importing takes
    some on a busy machine.
    """

    def __init__(self, folder: Path | None, patience: float = ABANDONED) -> None:
        self.folder, self.patience = folder, patience
        self._lock = threading.Lock()
        self._process: multiprocessing.process.BaseProcess | None = None
        self._pipe: Connection | None = None
        self._ready = False

    def ask(self, name: str, request: Json, seconds: float, gone: Callable[[], bool] = lambda: False) -> Json:
        """The answer of the workbench to a request. Its work is not begun, or is ended, if the asker is `gone`."""
        with self._lock:
            if gone():
                return _error("cancelled", "nobody waits for the answer")
            pipe = self._started()
            try:
                self._wait(pipe)
                pipe.send_bytes(json.dumps([name, request]).encode())
                if self._answered(pipe, seconds, gone):
                    answer: Json = json.loads(pipe.recv_bytes())
                    return answer
                if gone():
                    self._end()
                    self._started()
                    return _error("cancelled", "nobody waits for the answer")
            except (EOFError, OSError):
                self._end()
                return _error(
                    "memory", "the work ended early, most likely for want of memory; make the document smaller"
                )
            self._end()
            return _error("time", f"this took longer than {seconds:g} s and was stopped; make the document smaller")

    def start(self) -> None:
        """Start the process without waiting for it."""
        with self._lock:
            self._started()

    def close(self) -> None:
        """End the process, whatever it does."""
        self._end()

    def _started(self) -> Connection:
        if self._pipe is None or self._process is None or not self._process.is_alive():
            context = multiprocessing.get_context("spawn")
            self._pipe, theirs = context.Pipe()
            self._process = context.Process(target=_serve, args=(theirs, self.folder), daemon=True)
            self._process.start()
            theirs.close()
            self._ready = False
        return self._pipe

    def _answered(self, pipe: Connection, seconds: float, gone: Callable[[], bool]) -> bool:
        """Whether an answer comes within so many seconds, while somebody waits for it."""
        begun = time.monotonic()
        while (passed := time.monotonic() - begun) < seconds:
            if pipe.poll(min(0.25, seconds - passed)):
                return True
            if passed > self.patience and gone():
                return False
        return False

    def _wait(self, pipe: Connection) -> None:
        """Wait until the process is ready. Raises EOFError if it ended, OSError if it does not become ready."""
        if not self._ready:
            if not pipe.poll(STARTING):
                raise OSError("the process does not start")
            pipe.recv_bytes()
            self._ready = True

    def _end(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.join()
        if self._pipe is not None:
            self._pipe.close()
        self._process = self._pipe = None


def _error(code: str, message: str) -> Json:
    return {"problems": [], "error": {"code": code, "place": "$", "message": message}}


def _serve(pipe: Connection, folder: Path | None) -> None:
    """Answer requests until the other end closes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C ends the server, which ends this process
    _bound_memory()
    from datagen.authoring.playground.workbench import Workbench  # start-up: numpy, Arrow and every kind

    bench = Workbench(folder)
    with suppress(EOFError, OSError):
        pipe.send_bytes(b'"ready"')
        while True:
            name, request = json.loads(pipe.recv_bytes())
            pipe.send_bytes(json.dumps(_answer(bench, name, request)).encode())


def _answer(bench: Any, name: str, request: Json) -> Json:
    try:
        answer: Json = bench.answer(name, request)
    except MemoryError:
        return _error("memory", "there is not enough memory for this document; make it smaller")
    except Exception as error:  # noqa: BLE001 - whatever it is, the page shows it and goes on
        return _error("internal", f"internal error, please report it: {type(error).__name__}: {error}"[:300])
    return answer


def _bound_memory() -> None:
    import resource

    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    most = MOST_MEMORY if hard == resource.RLIM_INFINITY else min(MOST_MEMORY, hard)
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_DATA, (most, hard))
