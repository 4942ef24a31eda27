"""Standard streams: errors of encoding or writing end with a message, not with a traceback."""

from __future__ import annotations

import logging
import os
import sys
import threading
import warnings
from contextlib import suppress


def steady() -> None:
    """Have closed streams lead nowhere, and write what their encoding does not have as an escape."""
    for number in (0, 1, 2):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest free number, this one, which no data file must get
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115, PTH123 - as long as the process
        elif hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def quiet() -> None:
    """Keep libraries from writing on the terminal: what matters is told by the error that a command ends with."""
    logging.disable(logging.CRITICAL)
    threading.excepthook = lambda _: None
    if not sys.warnoptions:
        warnings.simplefilter("ignore")


def flushed(code: int) -> int:
    """The exit code of a command when what it printed has been written: 1 where that cannot be done."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:  # `| head` has seen enough
        return _nowhere(code or 1)
    except OSError as error:
        say(f"cannot write to the standard output: {(error.strerror or str(error)).lower()}")
        return _nowhere(1)
    return code


def say(message: str) -> None:
    """An error in one line on the standard error, if that can be written."""
    with suppress(OSError, ValueError):
        sys.stderr.write(f"error: {message}\n")
        sys.stderr.flush()


def _nowhere(code: int) -> int:
    """Python flushes once more on its way out: by then there is nothing to fail."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return code
