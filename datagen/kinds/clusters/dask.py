"""Any cluster class of the Dask ecosystem, by its name and its arguments."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from datagen.kinds.clusters.base import Adaptive, Cluster
from datagen.kinds.clusters.support.owned import class_named, client_of_new
from datagen.registry import did_you_mean

if TYPE_CHECKING:
    from distributed import Client


class Dask(Cluster):
    """A cluster of dask-jobqueue, Coiled, Dask Gateway or similar packages.

    Only classes of known packages are allowed. Their arguments can have commands, such as the prologue of a job: a
    profile is as trusted as a script.
    """

    PACKAGES: ClassVar[dict[str, str]] = {
        "coiled": "coiled",
        "dask_cloudprovider": "dask-cloudprovider",
        "dask_gateway": "dask-gateway",
        "dask_jobqueue": "dask-jobqueue",
        "dask_kubernetes": "dask-kubernetes",
        "dask_yarn": "dask-yarn",
        "distributed": "distributed",
    }
    """Module -> the package that provides it."""

    type: Literal["dask"] = "dask"
    cluster: str = Field(description="dotted name of the class, such as dask_jobqueue.SLURMCluster")
    arguments: dict[str, Any] = Field({}, description="arguments of the class, as in its documentation")
    workers: int | None = Field(None, ge=1, description="number of workers")
    adaptive: Adaptive | None = Field(
        None, description="grow and shrink between these numbers of workers, in place of 'workers'"
    )

    @model_validator(mode="after")
    def _known(self) -> Dask:
        package, dot, _ = self.cluster.partition(".")
        if package not in self.PACKAGES or not dot or not all(part.isidentifier() for part in self.cluster.split(".")):
            message = f"'{self.cluster[:80]}' is not a cluster class of a known package"
            hint = did_you_mean(package, sorted(self.PACKAGES))
            raise PydanticCustomError("unknown-name", "{message}; {hint}", {"message": message, "hint": hint})
        return self

    def connected(self) -> AbstractContextManager[Client]:
        return client_of_new(self._make, self.waits_for, self.adaptive or self.workers)

    @property
    def waits_for(self) -> str:
        return f"the cluster of {self.cluster}"

    def _make(self) -> Any:
        return class_named(self.cluster, self.PACKAGES[self.cluster.partition(".")[0]])(**self.arguments)
