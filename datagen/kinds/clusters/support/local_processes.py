"""Starts and ends the processes of a local cluster, from the process of the run."""

from __future__ import annotations

import json
import math
import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from datagen.errors import RunError
from datagen.forking import may_fork

if TYPE_CHECKING:
    from distributed.security import Security

START_ATTEMPTS = 2
"""Attempts to start the processes if they die while starting."""
START_SECONDS = 180.0
"""Seconds to wait for the start of the scheduler."""
END_SECONDS = 10.0
"""Seconds that the processes have to end before they are killed."""
_ROOT = Path(__file__).parent / "process_tree.py"
_WORKER_MODULES = ("datagen.runtime.executors.dask",)
"""What the workers need and this process may not have loaded yet."""


@dataclass(slots=True)
class ForkedProcess:
    """A child process that was forked; the part of `subprocess.Popen` that is used here."""

    pid: int
    stdin: IO[bytes]

    def wait(self, timeout: float = math.inf) -> None:
        """Wait for the end of the process. Raises subprocess.TimeoutExpired after `timeout` seconds."""
        until = time.monotonic() + timeout
        with suppress(ChildProcessError):
            while not os.waitpid(self.pid, os.WNOHANG)[0]:
                if time.monotonic() > until:
                    raise subprocess.TimeoutExpired("fork", timeout)
                time.sleep(0.002)

    def kill(self) -> None:
        """End the process at once."""
        os.kill(self.pid, signal.SIGKILL)


_Child = subprocess.Popen[bytes] | ForkedProcess
_PRESTARTED: list[tuple[Mapping[str, Any], _Child, int]] = []
"""The last processes that `prestart` started and `local_cluster` has not taken: their settings, and the pipe of their
answer.
"""


def prestart(settings: Mapping[str, Any]) -> None:
    """Start processes that `local_cluster` takes when it is called with the same settings."""
    while _PRESTARTED:
        _, child, answer = _PRESTARTED.pop()
        os.close(answer)
        _end(child)
    with suppress(OSError):  # `local_cluster` tries again, and reports it
        _PRESTARTED.append((settings, *_launch(settings)))


@contextmanager
def local_cluster(settings: Mapping[str, Any]) -> Iterator[tuple[str, Security]]:
    """The address of the scheduler of new processes, and the credentials of its clients. The processes end with the
    block.

    One child process starts all others. It ends them when its standard input is closed, or when this process is gone.
    Raises RunError if they do not start.
    """
    for attempt in range(START_ATTEMPTS):
        child, message = _start(settings)
        if "address" in message:
            break
        _end(child)
        if attempt == START_ATTEMPTS - 1:
            raise RunError(f"the local cluster did not start: {message['error']}")
    from distributed.security import Security  # takes a second to import

    try:
        yield message["address"], Security(require_encryption=True, **message["security"])
    finally:
        _end(child)


def _start(settings: Mapping[str, Any]) -> tuple[_Child, dict[str, Any]]:
    """The child process and its answer: the address of the scheduler, or an error."""
    prestarted = _PRESTARTED.pop() if _PRESTARTED and _PRESTARTED[-1][0] == settings else None
    child, answer_end = prestarted[1:] if prestarted is not None else _launch(settings)
    with os.fdopen(answer_end, "rb", buffering=0) as answer:
        line = _line(answer.fileno(), time.monotonic() + START_SECONDS)
    return child, json.loads(line) if line else {"error": "no answer; ask for fewer --workers"}


def _launch(settings: Mapping[str, Any]) -> tuple[_Child, int]:
    """The child process, which has its settings, and the pipe from which its answer can be read."""
    answer_end, ready_end = os.pipe()
    message = {**settings, "ready_end": ready_end, "parent": os.getpid()}
    try:
        child = _fork(message) if may_fork() else _run_script(message)
    finally:
        os.close(ready_end)
    return child, answer_end


def _fork(message: dict[str, Any]) -> ForkedProcess:
    """The root of the processes, forked from this one when it has loaded what they need."""
    from datagen.kinds.clusters.support import process_tree  # start-up: asyncio

    process_tree.load(_WORKER_MODULES)
    reading, writing = os.pipe()
    pid = process_tree.fork()
    if pid:
        os.close(reading)
        return ForkedProcess(pid, os.fdopen(writing, "wb", buffering=0))
    try:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        os.setsid()  # as for the script, like the closed files: an open one would keep its lock
        os.dup2(reading, 0)
        os.closerange(3, message["ready_end"])
        os.closerange(message["ready_end"] + 1, os.sysconf("SC_OPEN_MAX"))
        process_tree.run(message)
    finally:
        os._exit(1)


def _run_script(message: dict[str, Any]) -> subprocess.Popen[bytes]:
    """The root of the processes as a script, which loads what this process has loaded."""
    loaded = [name for name in sys.modules if name.startswith("datagen.") and not name.startswith("datagen.cli")]
    child = subprocess.Popen(  # noqa: S603 - our own script, by the interpreter that runs
        [sys.executable, "-P", str(_ROOT)], stdin=subprocess.PIPE, pass_fds=(message["ready_end"],),
        start_new_session=True,  # Ctrl-C in a terminal reaches only this process, which ends them in order
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
    )  # fmt: skip
    assert child.stdin is not None
    with suppress(BrokenPipeError):  # it died, so there is no answer
        child.stdin.write(
            json.dumps({**message, "path": sys.path, "modules": [*loaded, *_WORKER_MODULES]}).encode() + b"\n"
        )
        child.stdin.flush()
    return child


def _line(pipe: int, until: float) -> bytes:
    """One line of a pipe; empty if it ends or takes too long."""
    text = b""
    with selectors.DefaultSelector() as ready:
        ready.register(pipe, selectors.EVENT_READ)
        while not text.endswith(b"\n"):
            if not ready.select(max(until - time.monotonic(), 0)):
                return b""
            piece = os.read(pipe, 65_536)
            if not piece:
                return b""
            text += piece
    return text


def _end(child: _Child) -> None:
    """End the processes, and wait until they are gone."""
    assert child.stdin is not None
    with suppress(BrokenPipeError):
        child.stdin.close()
    try:
        child.wait(END_SECONDS)
    except subprocess.TimeoutExpired:
        child.kill()  # those below it notice
        child.wait()
