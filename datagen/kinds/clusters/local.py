"""Processes on this machine, for the duration of a run."""

from __future__ import annotations

import importlib.util
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field, field_validator

from datagen.errors import PlanError
from datagen.kinds.clusters.base import Cluster, Memory
from datagen.kinds.clusters.support.connect import client_of
from datagen.kinds.clusters.support.local_processes import local_cluster, prestart

if TYPE_CHECKING:
    from distributed import Client

LOOPBACK = "127.0.0.1"
ALLOWED_FAILURES = 5
"""Deaths of a worker after which its task fails."""


class Local(Cluster):
    """A scheduler and workers in their own processes on this machine, reachable only by the user who runs them.

    The starting process is not changed: neither its main module, its signals, its log nor Dask's configuration.
    """

    patience: ClassVar[float] = 60.0
    type: Literal["local"] = "local"
    workers: int | None = Field(None, ge=1, description="processes; left out: one per CPU")
    threads: int = Field(1, ge=1, description="threads of each process; each runs its own task")
    memory: Memory | None = Field(
        None, description="memory of each process, such as 2GB; left out: its share of the machine's"
    )
    dashboard: bool | int | str = Field(
        False,
        description=(
            "whether Dask's dashboard is shown (needs bokeh), on this machine only; or its port; or the host:port that "
            "it listens on"
        ),
    )

    @field_validator("dashboard")
    @classmethod
    def _dashboard_address(cls, dashboard: bool | int | str) -> bool | str:
        if isinstance(dashboard, bool):
            return dashboard
        host, _, port = str(dashboard).rpartition(":")
        if ":" in host or not port.isdecimal() or not 0 < int(port) < 65_536:
            raise ValueError(f"'{str(dashboard)[:80]}' is neither true nor a port such as 8787 nor host:port")
        return f"{host or LOOPBACK}:{port}"

    def prestart(self) -> None:
        prestart(self._settings())

    @contextmanager
    def connected(self) -> Iterator[Client]:
        with (
            local_cluster(self._settings()) as (address, security),
            client_of(address, security, "; the scheduler of the local cluster has ended: start again") as client,
        ):
            deadline = time.monotonic() + self.patience
            while not client.nthreads():
                time.sleep(0.01)  # a tenth of the time that `wait_for_workers` sleeps, even if there is one
                if time.monotonic() > deadline:
                    client.wait_for_workers(1, timeout=1)  # raises TimeoutError
            yield client

    @property
    def waits_for(self) -> str:
        return "the local cluster"

    def worker_numbers(self) -> tuple[int, ...]:
        cpus = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        return (self.workers or cpus,)

    def _settings(self) -> dict[str, Any]:
        """The arguments of the processes, as plain JSON values."""
        dashboard = f"{LOOPBACK}:0" if isinstance(self.dashboard, bool) else str(self.dashboard)
        if self.dashboard and importlib.util.find_spec("bokeh") is None:
            raise PlanError("the dashboard of a local cluster needs the package bokeh: pip install bokeh")
        config = {
            "distributed.worker.memory.target": False,  # workers keep no results, so that spilling is useless
            "distributed.worker.memory.spill": False,
            "distributed.worker.memory.pause": 0.9,
            "distributed.scheduler.allowed-failures": ALLOWED_FAILURES,
            "distributed.scheduler.worker-saturation": 1.0,  # a worker has only the task that it runs
            "distributed.scheduler.work-stealing": False,  # so that there is nothing to steal
            "distributed.worker.http.routes": [],
            "distributed.worker.profile.enabled": False,  # it samples the task a hundred times a second
            "distributed.admin.tick.interval": "1s",  # these poll, too: together a twentieth of the CPU of a run
            "distributed.admin.system-monitor.interval": "5s",
            "distributed.worker.memory.monitor-interval": "1s",
            "distributed.scheduler.active-memory-manager.start": False,
            "distributed.scheduler.dashboard.bokeh-application.allow_websocket_origin": _origins(dashboard),
            **({} if self.dashboard else {"distributed.scheduler.http.routes": []}),
        }
        [workers] = self.worker_numbers()
        return {
            "workers": workers, "threads": self.threads, "memory": self.memory or "auto",
            "dashboard": dashboard, "dashboard_shown": bool(self.dashboard), "config": config,
        }  # fmt: skip


def _origins(dashboard: str) -> list[str]:
    """The hosts whose pages may read the data of a dashboard. Of none, bokeh makes `localhost` and the port."""
    host, port = dashboard.rsplit(":", 1)
    if port == "0":
        return []
    return [f"{name}:{port}" for name in (("localhost", LOOPBACK) if host in {"localhost", LOOPBACK} else ("*",))]
