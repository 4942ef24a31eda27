"""malloc settings that let blocks reuse memory, for the command line and workers, never for a host process."""

from __future__ import annotations

import ctypes
from functools import cache

_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8  # names of glibc's malloc.h
_KEPT = 128 * 2**20
_LARGEST = 32 * 2**20


@cache
def keep_freed_memory() -> None:
    """Let this process keep up to 128 MiB of freed memory for the next block.

    By default glibc returns large arrays to the system, which clears every page before it is used again. That takes a
    tenth of a run. Other C libraries are left unchanged.
    """
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):
        return
    mallopt(_MMAP_THRESHOLD, _LARGEST)
    mallopt(_TRIM_THRESHOLD, _KEPT)
    mallopt(_ARENA_MAX, 1)  # an arena of a thread gives its memory back whenever it is empty
