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
    """Polls a cluster in a thread. It calls `on_poll` each time, `on_missing` when the last worker is gone, and
    `give_up` when there has been none for `patience` seconds.
    """

    count_workers: Callable[[], int]
    patience: float
    on_missing: Callable[[], None]
    give_up: Callable[[], None]
    on_poll: Callable[[], None] = lambda: None
    _stopped: threading.Event = field(default_factory=threading.Event)
    _deserted: threading.Event = field(default_factory=threading.Event)

    @contextmanager
    def polling(self) -> Iterator[threading.Event]:
        """Poll for the duration of a block, which is given an event. It is set when `give_up` is called."""
        thread = threading.Thread(target=self._poll, name="datagen-watch", daemon=True)
        thread.start()
        try:
            yield self._deserted
        finally:
            self._stopped.set()
            thread.join(POLL_SECONDS)  # it may wait for an answer forever

    def _poll(self) -> None:
        missing_seconds = 0.0
        while not self._stopped.wait(POLL_SECONDS):
            self.on_poll()
            if self._has_workers():
                missing_seconds = 0.0
                continue
            missing_seconds += POLL_SECONDS
            if missing_seconds >= self.patience:
                self._deserted.set()
                self.give_up()
                return
            if missing_seconds == POLL_SECONDS:
                self.on_missing()

    def _has_workers(self) -> bool:
        """Whether there are workers. If the cluster does not answer, that is assumed: other code detects its loss."""
        try:
            return self.count_workers() > 0
        except (OSError, ValueError, RuntimeError):
            return True
