"""Standard streams: encoding and write errors end with a message instead of a traceback."""

from __future__ import annotations

import codecs
import logging
import os
import sys
import threading
import warnings
from contextlib import suppress

from datagen.errors import reason_of

_DRAWN = {"-": "─━−–", "|": "│┃", "+": "╭╮╰╯┌┐└┘├┤┬┴┼", "#": "■█", "x": "×", ".": "…", ">": "→"}  # noqa: RUF001
_PLAIN = {drawn: plain for plain, every in _DRAWN.items() for drawn in every} | dict(
    zip("▁▂▃▄▅▆▇", "_.:-=+*", strict=True)
)
"""ASCII for the characters with which commands draw."""


def _plain(error: UnicodeError) -> tuple[str | bytes, int]:
    """The first character that the encoding does not support, in ASCII: drawn as near as possible, others escaped."""
    if isinstance(error, UnicodeEncodeError):
        first = error.object[error.start]
        if first in _PLAIN:
            return _PLAIN[first], error.start + 1
        error.end = error.start + 1
    return codecs.backslashreplace_errors(error)


codecs.register_error("datagen.plain", _plain)


def make_streams_safe() -> None:
    """Redirect closed streams to the null device, and replace characters that the encoding does not support."""
    for number in (0, 1, 2):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest free descriptor: a data file must not get it
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115, PTH123 - as long as the process
        elif hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="datagen.plain")


def silence_libraries() -> None:
    """Keep libraries from printing to the terminal. The final error message of a command has all that matters."""
    logging.disable(logging.CRITICAL)
    threading.excepthook = lambda _: None
    if not sys.warnoptions:
        warnings.simplefilter("ignore")


def flushed_exit_code(code: int) -> int:
    """The exit code after flushing the output: 1 if it cannot be written."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:  # the reader, such as `head`, has closed the pipe
        return _nowhere(code or 1)
    except OSError as error:
        print_error_line(f"cannot write to the standard output: {reason_of(error)}")
        return _nowhere(1)
    return code


def print_error_line(message: str) -> None:
    """Print a one-line error to standard error, if possible."""
    with suppress(OSError, ValueError):
        sys.stderr.write(f"error: {message}\n")
        sys.stderr.flush()


def _nowhere(code: int) -> int:
    """Redirect a stream to the null device, because Python flushes it once more at exit."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return code
