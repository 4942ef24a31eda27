"""Watches a cluster: reports missing workers, and ends the run if none comes back."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

LOOK_EVERY = 2.0
"""Seconds between two looks at the cluster."""


@dataclass(slots=True)
class Watch:
    """Calls `missing` when there are no `workers`, and `give_up` when there have been none for `patience` seconds."""

    workers: Callable[[], int]
    patience: float
    missing: Callable[[], None]
    give_up: Callable[[], None]
    _over: threading.Event = field(default_factory=threading.Event)
    _deserted: threading.Event = field(default_factory=threading.Event)

    @contextmanager
    def kept(self) -> Iterator[threading.Event]:
        """Look for the time of the block; the event is set when the work was given up."""
        thread = threading.Thread(target=self._look, name="datagen-watch", daemon=True)
        thread.start()
        try:
            yield self._deserted
        finally:
            self._over.set()
            thread.join(LOOK_EVERY)  # it may be waiting for an answer that never comes

    def _look(self) -> None:
        alone = 0.0
        while not self._over.wait(LOOK_EVERY):
            before, alone = alone, 0.0 if _some(self.workers) else alone + LOOK_EVERY
            if alone >= self.patience:
                self._deserted.set()
                self.give_up()
                return
            if alone and not before:
                self.missing()


def _some(workers: Callable[[], int]) -> bool:
    """Whether there are workers; a cluster that does not answer is for others to notice."""
    try:
        return workers() > 0
    except (OSError, ValueError, RuntimeError):
        return True
