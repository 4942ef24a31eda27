"""A watch over a cluster: work that no worker is left to do is called off, instead of being waited for without end."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

LOOK_EVERY = 2.0
"""Seconds between two looks at the cluster."""


@contextmanager
def watched(workers: Callable[[], int], patience: float, give_up: Callable[[], None]) -> Iterator[threading.Event]:
    """Call `give_up` once if there have been no `workers` for `patience` seconds; the event is set when that happened."""
    over, deserted = threading.Event(), threading.Event()

    def look() -> None:
        alone = 0.0
        while not over.wait(LOOK_EVERY):
            alone = 0.0 if _some(workers) else alone + LOOK_EVERY
            if alone >= patience:
                deserted.set()
                give_up()
                return

    thread = threading.Thread(target=look, name="datagen-watch", daemon=True)
    thread.start()
    try:
        yield deserted
    finally:
        over.set()
        thread.join(LOOK_EVERY)  # it may be waiting for an answer that never comes


def _some(workers: Callable[[], int]) -> bool:
    """Whether there are workers; a cluster that does not answer is for others to notice."""
    try:
        return workers() > 0
    except (OSError, ValueError, RuntimeError):
        return True
