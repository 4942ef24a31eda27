"""A cluster object of Dask (`KubeCluster`, `SLURMCluster` ...) with a client, for the duration of a run."""

from __future__ import annotations

import importlib
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from datagen.errors import RunError
from datagen.kinds.clusters.base import Adaptive
from datagen.kinds.clusters.support.connect import client_of

if TYPE_CHECKING:
    from distributed import Client

CLOSE_SECONDS = 10.0
"""Seconds in which a cluster that did not start is closed."""


@contextmanager
def client_of_new(make: Callable[[], Any], what: str, size: int | Adaptive | None) -> Iterator[Client]:
    """A client of a cluster that `make` starts. It is scaled to `size`, and closed with the block. Raises RunError."""
    try:
        cluster = make()
    except Exception as error:  # any error of its library becomes one message
        _close_unstarted(error)
        reason = " ".join(f"{type(error).__name__}: {error}".split())[:300]
        raise RunError(f"{what} did not start ({reason})") from error
    try:
        if isinstance(size, Adaptive):
            cluster.adapt(minimum=size.minimum, maximum=size.maximum)
        elif size is not None:
            cluster.scale(size)
        with client_of(cluster, getattr(cluster, "security", None)) as client:
            yield client
    finally:
        with suppress(OSError, RuntimeError, TimeoutError):
            cluster.close()


def _close_unstarted(error: BaseException) -> None:
    """Close the cluster whose constructor raised the error: it may have started pods or jobs.

    dask-kubernetes would try that when the interpreter exits, and print a traceback if it fails.
    """
    from distributed import Status
    from distributed.deploy.cluster import Cluster as Started

    for frame, _ in traceback.walk_tb(error.__traceback__):
        cluster = frame.f_locals.get("self")
        if isinstance(cluster, Started) and cluster.status != Status.closed:
            with suppress(Exception):  # the service that did not start it may not close it, either
                cluster.close(timeout=CLOSE_SECONDS)
            cluster.status = Status.closed


def class_named(name: str, package: str) -> Callable[..., Any]:
    """The class with this dotted name. Raises RunError, with what to install, where there is none."""
    module, _, attribute = name.rpartition(".")
    try:
        found: Callable[..., Any] = getattr(importlib.import_module(module), attribute)
    except (ImportError, AttributeError) as error:
        raise RunError(f"cluster class '{name}' cannot be imported ({error}): pip install {package}") from None
    return found


def given(**arguments: Any) -> dict[str, Any]:
    """The arguments that are not None. Others keep the defaults of the class."""
    return {name: value for name, value in arguments.items() if value is not None}
