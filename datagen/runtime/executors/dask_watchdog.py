"""Watches a cluster: reports missing workers, and ends the run if none returns."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

POLL_SECONDS = 2.0
"""Seconds between two polls of the cluster."""


@dataclass(slots=True)
class WorkerWatch:
    """Calls `missing` if there are no `workers`, `give_up` if there have been none for `patience` seconds, and
    `on_look` each time.
    """

    workers: Callable[[], int]
    patience: float
    missing: Callable[[], None]
    give_up: Callable[[], None]
    on_look: Callable[[], None] = lambda: None
    _over: threading.Event = field(default_factory=threading.Event)
    _deserted: threading.Event = field(default_factory=threading.Event)

    @contextmanager
    def kept(self) -> Iterator[threading.Event]:
        """Poll for the duration of the block. The event is set when `give_up` was called."""
        thread = threading.Thread(target=self._look, name="datagen-watch", daemon=True)
        thread.start()
        try:
            yield self._deserted
        finally:
            self._over.set()
            thread.join(POLL_SECONDS)  # it may wait for an answer forever

    def _look(self) -> None:
        alone = 0.0
        while not self._over.wait(POLL_SECONDS):
            self.on_look()
            before, alone = alone, 0.0 if _some(self.workers) else alone + POLL_SECONDS
            if alone >= self.patience:
                self._deserted.set()
                self.give_up()
                return
            if alone and not before:
                self.missing()


def _some(workers: Callable[[], int]) -> bool:
    """Whether there are workers. A cluster that does not answer counts as having some: other code detects its loss."""
    try:
        return workers() > 0
    except (OSError, ValueError, RuntimeError):
        return True
