"""Tells workers that nothing is left for them, so that they end instead of waiting for another scheduler."""

from __future__ import annotations

from typing import Any

from distributed import Status, Worker  # noqa: TID253 - imported by runs on a cluster only


class ReleasableWorker(Worker):
    """A worker that knows whether it was sent away: its run is complete, or Dask retired it. Then it does not wait for
    another scheduler.
    """

    released: bool = False

    async def close(self, *, nanny: bool = True, **options: Any) -> str | None:  # type: ignore[override]
        """Close the worker.

        Dask retires a worker in two steps: first it gives no more tasks to it and sets its status, and then it closes
        it. A worker whose scheduler ends or is lost is closed without the first step. `nanny` is False if a process of
        Dask would start the worker again (`distributed.worker.lifetime.restart`).
        """
        if self.status is Status.closing_gracefully:
            self.released = nanny
        closed: str | None = await super().close(nanny=nanny, **options)
        return closed


def release(dask_worker: ReleasableWorker) -> None:
    """Tell a worker that its run is complete; called on it through `Client.run`."""
    dask_worker.released = True
