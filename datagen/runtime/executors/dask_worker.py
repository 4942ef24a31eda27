"""A Dask worker that outlives its scheduler: it reconnects to the next one, and ends when its run is complete
or when Dask retires it.
"""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any

from distributed import Status  # noqa: TID253 - this module is imported only by the worker command
from distributed.security import Security  # noqa: TID253

from datagen.errors import RunError
from datagen.kinds.clusters.support.release import ReleasableWorker
from datagen.malloc import keep_freed_memory

RETRY_SECONDS = 2.0
"""Between two attempts to reach a scheduler."""


@dataclass(slots=True)
class WorkerProcess:
    """Serves the scheduler at `address` with `threads` tasks at once and `memory` bytes (None: all of the machine).

    A scheduler that is gone may come back: a coordinator that is started again resumes its run. So the worker tries
    again for `wait` seconds, at its start and after each loss.
    """

    address: str
    threads: int = 1
    memory: int | None = None
    wait: float = 600.0
    security: Security | None = None
    _stopped: asyncio.Event = field(default_factory=asyncio.Event)
    _signal: int = 0

    async def serve(self) -> None:
        """Work until a run is complete, Dask retires the worker, or a signal stops this process. Raises RunError if no
        scheduler answers in time.
        """
        keep_freed_memory()
        self._take_signals()
        while not self._stopped.is_set():
            worker = await self._joined()
            if worker is None or await self._until_closed(worker):
                return

    def _take_signals(self) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self._stop, number)

    def _stop(self, number: int) -> None:
        self._signal = number
        self._stopped.set()

    @property
    def exit_code(self) -> int:
        """0 if its work is done, else 128 plus the number of the signal that stopped it: a Job of Kubernetes starts
        the pod again.
        """
        return 128 + self._signal if self._signal else 0

    async def _joined(self) -> ReleasableWorker | None:
        """A worker that has joined the scheduler; None if it was stopped before."""
        give_up = time.monotonic() + self.wait
        while not self._stopped.is_set():
            worker = ReleasableWorker(
                self.address,
                nthreads=self.threads,
                memory_limit=self.memory or "auto",
                security=self.security,
                dashboard=False,
                death_timeout=min(self.wait, 10.0),
            )
            try:
                await worker
            except (OSError, TimeoutError, RuntimeError, ValueError) as error:
                reason = " ".join((str(error.__cause__ or error) or type(error).__name__).split())[:200]
            else:
                return worker
            await worker.close()
            if time.monotonic() >= give_up:
                raise RunError(f"no scheduler answered at {self.address} for {self.wait:.0f} seconds: {reason}")
            await _first(self._stopped.wait(), asyncio.sleep(RETRY_SECONDS))
        return None

    async def _until_closed(self, worker: ReleasableWorker) -> bool:
        """Wait for the end of the connection. Whether this process is done: it was released or stopped."""
        finished: Coroutine[Any, Any, None] = worker.finished()  # type: ignore[no-untyped-call]
        await _first(finished, self._stopped.wait())
        if worker.released:
            self._signal = 0  # a signal that comes after the work is done changes nothing
        if worker.status not in (Status.closed, Status.closing):
            await worker.close_gracefully(reason="stopped")
        await worker.finished()  # type: ignore[no-untyped-call]
        return worker.released or self._stopped.is_set()


async def _first(*waiting: Any) -> None:
    """Wait for one of several coroutines and cancel the others."""
    tasks = [asyncio.ensure_future(coroutine) for coroutine in waiting]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
