"""Tells workers that their run is complete, so that they end instead of waiting for another scheduler."""

from __future__ import annotations

from distributed import Worker  # noqa: TID253 - imported by runs on a cluster only


class ReleasableWorker(Worker):
    """A worker that knows whether its run is complete: when it is closed, it has nothing to wait for."""

    released: bool = False


def release(dask_worker: ReleasableWorker) -> None:
    """Tell a worker that its run is complete; called on it through `Client.run`."""
    dask_worker.released = True
