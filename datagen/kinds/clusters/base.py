"""The base class of clusters: each kind gives a connected Dask client for the time of a run."""

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
"""Type -> cluster. A subclass of `Cluster` is registered by being defined."""
ENTRY_POINTS = "datagen.clusters"
"""Packages that bring a kind of cluster name its module in this group of entry points."""
Memory = Annotated[
    int,
    BeforeValidator(lambda v: size_of(v) or v if isinstance(v, str) else v, json_schema_input_type=int | str),
    Field(ge=1),
]
"""Bytes, or a size such as "2GB"."""


class Adaptive(Strict):
    """The range of workers between which a cluster grows and shrinks by itself."""

    minimum: int = Field(0, ge=0, description="workers that are kept")
    maximum: int = Field(ge=1, description="workers at most")


class Cluster(Strict):
    """How a Dask cluster comes to be. Clusters are plain values: profiles hold them."""

    patience: ClassVar[float] = 600.0
    """Seconds without any worker after which a run is given up; a cluster of others may be growing."""
    type: str

    @classmethod
    def __pydantic_init_subclass__(cls, **keywords: Any) -> None:
        name = cls.model_fields["type"].default
        if isinstance(name, str):
            CLUSTERS[name] = cls

    @abstractmethod
    def connected(self) -> AbstractContextManager[Client]:
        """A client of the cluster, which is started if need be and ends with the block if it was. Raises RunError."""

    @property
    @abstractmethod
    def waits_for(self) -> str:
        """What is waited for while there is no worker, in a few words."""

    def reach(self) -> None:
        """Raises RunError where it is known before the run that the cluster cannot be reached."""

    def with_workers(self, workers: int) -> Self:
        """The same cluster with so many workers. Raises PlanError where it has those that it has."""
        if "workers" not in type(self).model_fields:
            raise PlanError(f"{self.waits_for} has the workers that it has: leave out 'workers'")
        return self.model_copy(update={"workers": workers})

    def with_memory(self, memory: int) -> Self:
        """The same cluster whose workers have `memory` bytes, where a run decides that."""
        return self

    def task_memory(self) -> int | None:
        """The bytes that one task may take, where the cluster says it."""
        return None


def cluster_of(data: Mapping[str, Any], where: str) -> Cluster:
    """The cluster that a profile declares; `where` names the profile. Raises PlanError with what is wrong with it."""
    name = data.get("type")
    kind = member(name)
    if kind is None:
        message = "has no 'type'" if name is None else f"has an unknown type '{str(name)[:60]}'"
        raise PlanError(f"{where} {message}; {did_you_mean(name, sorted(CLUSTERS))}")
    try:
        return kind.model_validate(dict(data))
    except ValidationError as error:
        raise PlanError(f"{where} cannot be used: {first_error(error)}") from None


def member(name: object) -> type[Cluster] | None:
    """The kind of cluster called `name`; None where there is none."""
    load()
    return CLUSTERS.get(name) if isinstance(name, str) else None


@cache
def load() -> None:
    """Import every kind of cluster, those of other packages too."""
    package = importlib.import_module("datagen.kinds.clusters")
    for module in pkgutil.iter_modules(package.__path__):
        if not module.ispkg:
            importlib.import_module(f"datagen.kinds.clusters.{module.name}")
    for found in entry_points(group=ENTRY_POINTS):
        found.load()
