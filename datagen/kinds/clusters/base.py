"""The base class of clusters: each kind gives a connected Dask client for the duration of a run."""

from __future__ import annotations

import importlib
import pkgutil
from abc import abstractmethod
from collections.abc import Mapping
from contextlib import AbstractContextManager
from functools import cache
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Self

from pydantic import BeforeValidator, Field, ValidationError

from datagen.byte_sizes import size_of
from datagen.errors import PlanError
from datagen.registry import Strict, did_you_mean, first_error

if TYPE_CHECKING:
    from distributed import Client

CLUSTERS: dict[str, type[Cluster]] = {}
"""Type -> cluster. A subclass of `Cluster` registers itself."""
ENTRY_POINTS = "datagen.clusters"
"""The group of entry points for kinds of clusters of other packages."""
Memory = Annotated[
    int,
    BeforeValidator(lambda v: size_of(v) or v if isinstance(v, str) else v, json_schema_input_type=int | str),
    Field(ge=1),
]
"""Bytes, or a size such as "2GB"."""


class Adaptive(Strict):
    """The range of the number of workers of an adaptive cluster."""

    minimum: int = Field(0, ge=0, description="minimum number of workers")
    maximum: int = Field(ge=1, description="maximum number of workers")


class Cluster(Strict):
    """A way to get a Dask cluster. Clusters are plain values that profiles declare."""

    patience: ClassVar[float] = 600.0
    """Seconds without any worker after which a run fails. A cluster of others may be scaling up."""
    type: str
    price_per_worker_hour: float | None = Field(
        None, ge=0, description="what an hour of a worker costs, in any currency: for the estimate of `datagen plan`"
    )

    @classmethod
    def __pydantic_init_subclass__(cls, **keywords: Any) -> None:
        name = cls.model_fields["type"].default
        if isinstance(name, str):
            CLUSTERS[name] = cls

    @abstractmethod
    def connected(self) -> AbstractContextManager[Client]:
        """A client of the cluster. A cluster started here ends with the block.

        Raises RunError if the cluster does not start or answer.
        """

    def prestart(self) -> None:
        """Start what `connected` will need, without waiting for it."""

    @property
    @abstractmethod
    def waits_for(self) -> str:
        """What a run waits for while it has no worker, for messages."""

    def reach(self) -> None:
        """Raises RunError if it is known before the run that the cluster cannot be reached."""

    def with_workers(self, workers: int) -> Self:
        """The same cluster with this many workers. Raises PlanError if its workers are fixed."""
        if "workers" not in type(self).model_fields:
            raise PlanError(f"{self.waits_for} has a fixed number of workers: leave out 'workers'")
        return self.model_copy(update={"workers": workers})

    def with_memory(self, memory: int) -> Self:
        """The same cluster with `memory` bytes for each task, if its workers have a field `memory`."""
        if "memory" not in type(self).model_fields:
            return self
        return self.model_copy(update={"memory": memory * self._threads})

    def worker_numbers(self) -> tuple[int, ...]:
        """The number of workers that are declared, or the fewest and the most of them; empty if that is not known."""
        adaptive, workers = getattr(self, "adaptive", None), getattr(self, "workers", None)
        if adaptive is not None:
            return tuple(sorted({max(adaptive.minimum, 1), adaptive.maximum}))
        return () if workers is None else (workers,)

    def task_memory(self) -> int | None:
        """The bytes of one task, if the cluster declares them."""
        memory = getattr(self, "memory", None)
        return None if memory is None else memory // self._threads

    @property
    def _threads(self) -> int:
        """The tasks of a worker at a time."""
        threads: int = getattr(self, "threads", 1)
        return threads


def cluster_of(data: Mapping[str, Any], where: str) -> Cluster:
    """The cluster that a profile declares; `where` names the profile. Raises PlanError if it is invalid."""
    name = data.get("type")
    kind = member(name)
    if kind is None:
        message = "has no 'type'" if name is None else f"has an unknown type '{str(name)[:60]}'"
        raise PlanError(f"{where} {message}; {did_you_mean(name, sorted(CLUSTERS))}")
    try:
        return kind.model_validate(dict(data))
    except ValidationError as error:
        raise PlanError(f"{where} cannot be used: {first_error(error, kind)}") from None


def member(name: object) -> type[Cluster] | None:
    """The kind of cluster called `name`; None where there is none."""
    load()
    return CLUSTERS.get(name) if isinstance(name, str) else None


@cache
def load() -> None:
    """Import every kind of cluster, including those of other packages."""
    package = importlib.import_module("datagen.kinds.clusters")
    for module in pkgutil.iter_modules(package.__path__):
        if not module.ispkg:
            importlib.import_module(f"datagen.kinds.clusters.{module.name}")
    for found in entry_points(group=ENTRY_POINTS):
        found.load()
