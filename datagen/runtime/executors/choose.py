"""Chooses where a run or a validation takes place: in this process, on a given client, or on a cluster."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from datagen.errors import PlanError

if TYPE_CHECKING:
    from datagen.kinds.clusters.base import Cluster
    from datagen.runtime.executors.dask import DaskExecutor

IN_PROCESS_ROWS = 20_000_000
"""The most rows that are generated or read in this process: a cluster takes seconds to start."""
_CERTIFICATES = ("tls_ca", "tls_cert", "tls_key")


def asked_cluster(options: Mapping[str, Any]) -> Cluster | None:
    """The requested cluster; None if the size of the work decides.

    `cluster` is an address, a profile (name, file or mapping) or a `Cluster`; `workers`, `memory` and the certificates
    change it. Raises PlanError for an unknown profile, or an option that the cluster does not have.
    """
    requested = options.get("cluster")
    if requested is None and options.get("workers") is None and not any(options.get(name) for name in _CERTIFICATES):
        return None
    from datagen.kinds.clusters.local import Local  # start-up: small work needs none
    from datagen.kinds.clusters.support.profiles import cluster_named

    if requested is None:
        if any(options.get(name) for name in _CERTIFICATES):
            raise PlanError("tls_ca, tls_cert and tls_key are for a cluster at tls://...; name it with 'cluster'")
        return _changed(Local(), options)
    found = cluster_named(requested)
    assert found is not None
    return _changed(found, options)


def default_cluster(options: Mapping[str, Any]) -> Cluster:
    """The default cluster of large work: that of Dask's configuration, else processes of this machine."""
    from datagen.kinds.clusters.local import Local  # start-up
    from datagen.kinds.clusters.support.profiles import cluster_named

    return _changed(cluster_named(None) or Local(), options)


def _changed(cluster: Cluster, options: Mapping[str, Any]) -> Cluster:
    files = {name: options[name] for name in _CERTIFICATES if options.get(name) is not None}
    if files and cluster.type != "address":
        raise PlanError("tls_ca, tls_cert and tls_key are for a cluster at an address")
    cluster = cluster.model_copy(update=files)
    if options.get("workers") is not None:
        cluster = cluster.with_workers(options["workers"])
    return cluster if options.get("memory") is None else cluster.with_memory(options["memory"])


def task_memory(options: Mapping[str, Any], cluster: Cluster | None) -> int:
    """Bytes that one task may take: as requested, else as the cluster declares, else its share of 80 % of the machine's
    memory, at most 2 GB.
    """
    requested = options.get("memory") or (cluster.task_memory() if cluster is not None else None)
    if requested:
        return int(requested)
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return min(2_000_000_000, int(total * 0.8) // _tasks_here(cluster))


def _tasks_here(cluster: Cluster | None) -> int:
    """How many tasks this machine runs at once."""
    if cluster is None:
        return 1
    from datagen.kinds.clusters.local import Local  # start-up

    return (cluster.workers or 1) * cluster.threads if isinstance(cluster, Local) else 1


def in_process(options: Mapping[str, Any], rows: int) -> bool:
    """Whether work on so many rows takes place in this process."""
    if options.get("client") is not None or options.get("cluster") is not None:
        return False
    workers = options.get("workers")
    return workers == 1 or (workers is None and rows <= IN_PROCESS_ROWS)


def on_dask(options: Mapping[str, Any], cluster: Cluster | None) -> DaskExecutor:
    """The executor on the given client, else on a cluster. A cluster that exists already is connected now."""
    if options.get("client") is None:
        cluster = cluster or default_cluster(options)
        cluster.prestart()  # its processes load Dask while this one does
    from datagen.runtime.executors.dask import DaskExecutor  # a second of start-up, and small jobs do without

    if options.get("client") is not None:
        return DaskExecutor(client=options["client"])
    runner = DaskExecutor(cluster)
    runner.reach()
    return runner
