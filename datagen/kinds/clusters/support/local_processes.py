"""Starts and ends the processes of a local cluster, from the process of the run."""

from __future__ import annotations

import json
import os
import selectors
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from datagen.errors import RunError

if TYPE_CHECKING:
    from distributed.security import Security

STARTS = 2
"""Attempts to start the processes if they die while starting."""
START_WITHIN = 180.0
"""Seconds to wait for the start of the scheduler."""
END_WITHIN = 10.0
_ROOT = Path(__file__).parent / "process_tree.py"
_NEEDED = ("datagen.runtime.executors.dask",)
"""What the workers need and this process may not have loaded yet."""
_BEGUN: list[tuple[Mapping[str, Any], subprocess.Popen[bytes], int]] = []
"""The last processes that `begin` started and `started` has not taken: their settings, and the pipe of their answer."""


def begin(settings: Mapping[str, Any]) -> None:
    """Start processes that `started` will take when it is called with the same settings."""
    while _BEGUN:
        _, child, answer = _BEGUN.pop()
        os.close(answer)
        _end(child)
    with suppress(OSError):  # `started` tries again, and tells it
        _BEGUN.append((settings, *_launched(settings)))


@contextmanager
def started(settings: Mapping[str, Any]) -> Iterator[tuple[str, Security]]:
    """The address of the scheduler of new processes, and the credentials of its clients. The processes end with the
    block.

    One child process starts all others. It ends them when its standard input is closed, or when this process is gone.
    Raises RunError if they do not start.
    """
    for attempt in range(STARTS):
        child, message = _start(settings)
        if "address" in message:
            break
        _end(child)
        if attempt == STARTS - 1:
            raise RunError(f"the worker processes did not start ({message['error']}); ask for fewer --workers")
    from distributed.security import Security  # takes a second to import

    try:
        yield message["address"], Security(require_encryption=True, **message["security"])
    finally:
        _end(child)


def _start(settings: Mapping[str, Any]) -> tuple[subprocess.Popen[bytes], dict[str, Any]]:
    """The child process and its answer: the address of the scheduler, or an error."""
    begun = _BEGUN.pop() if _BEGUN and _BEGUN[-1][0] == settings else None
    child, heard = begun[1:] if begun is not None else _launched(settings)
    with os.fdopen(heard, "rb", buffering=0) as answer:
        line = _line(answer.fileno(), time.monotonic() + START_WITHIN)
    return child, json.loads(line) if line else {"error": "no answer"}


def _launched(settings: Mapping[str, Any]) -> tuple[subprocess.Popen[bytes], int]:
    """The child process, which has its settings, and the pipe from which its answer can be read."""
    heard, tells = os.pipe()
    loaded = [name for name in sys.modules if name.startswith("datagen.") and not name.startswith("datagen.cli")]
    modules = [*loaded, *_NEEDED]
    message = {**settings, "path": sys.path, "tells": tells, "parent": os.getpid(), "modules": modules}
    try:
        child = subprocess.Popen(  # noqa: S603 - our own script, by the interpreter that runs
            [sys.executable, "-P", str(_ROOT)], stdin=subprocess.PIPE, pass_fds=(tells,),
            start_new_session=True,  # Ctrl-C in a terminal reaches only this process, which ends them in order
            env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
        )  # fmt: skip
    finally:
        os.close(tells)
    assert child.stdin is not None
    with suppress(BrokenPipeError):  # it died, so there is no answer
        child.stdin.write(json.dumps(message).encode() + b"\n")
        child.stdin.flush()
    return child, heard


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


def _end(child: subprocess.Popen[bytes]) -> None:
    """End the processes, and wait until they are gone."""
    assert child.stdin is not None
    with suppress(BrokenPipeError):
        child.stdin.close()
    try:
        child.wait(END_WITHIN)
    except subprocess.TimeoutExpired:
        child.kill()  # those below it notice
        child.wait()
