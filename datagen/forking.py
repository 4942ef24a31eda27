"""Whether worker processes may be forked from this process: from the command line, never from a host process."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_ALLOWED: list[bool] = [False]


@contextmanager
def forked() -> Iterator[None]:
    """Allow it in this block. Forked processes have the memory of this one, so that they load nothing a second time."""
    _ALLOWED[0] = sys.platform == "linux"
    try:
        yield
    finally:
        _ALLOWED[0] = False


def may_fork() -> bool:
    """Whether it is allowed, and safe: a thread may hold a lock that nobody would release in the copy."""
    return _ALLOWED[0] and threading.active_count() == 1
