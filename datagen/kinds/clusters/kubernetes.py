"""Pods of a Kubernetes cluster, started by the Dask operator for the duration of a run."""

from __future__ import annotations

import getpass
import inspect
import itertools
import os
import uuid
from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from datagen.kinds.clusters.base import Adaptive, Cluster, Memory
from datagen.kinds.clusters.support.owned import class_named, client_of_new, given

if TYPE_CHECKING:
    from distributed import Client

PACKAGE = "dask-kubernetes"


class Kubernetes(Cluster):
    """A scheduler and workers as pods, through the operator of dask-kubernetes, which has to be installed in the
    cluster.

    Credentials for object stores come from the pods' environment or their service account, never from a profile.
    """

    type: Literal["kubernetes"] = "kubernetes"
    image: str = Field(
        description="the image of scheduler and workers: the same versions of datagen, numpy and pyarrow as here"
    )
    name: str = Field("datagen-{uuid}", description="name of the DaskCluster resource")
    namespace: str | None = Field(None, description="namespace of the pods; left out: the current one")
    workers: int = Field(2, ge=1, description="worker pods")
    adaptive: Adaptive | None = Field(
        None, description="grow and shrink between these numbers of pods, in place of 'workers'"
    )
    threads: int = Field(1, ge=1, description="threads of each worker; each runs its own task")
    memory: Memory | None = Field(None, description="memory of each worker, requested and limited, such as 4GB")
    cpu: float | None = Field(None, gt=0, description="CPUs of each worker, requested and limited")
    env: dict[str, str] = Field({}, description="environment of scheduler and workers")
    arguments: dict[str, Any] = Field({}, description="further arguments of dask_kubernetes.operator.KubeCluster")

    @model_validator(mode="after")
    def _no_duplicates(self) -> Kubernetes:
        duplicates = self.arguments.keys() & {
            "name",
            "namespace",
            "image",
            "n_workers",
            "resources",
            "env",
            "worker_command",
            "quiet",
        }
        if duplicates:
            message = f"'{min(duplicates)}' of the arguments is also a key of the profile"
            raise PydanticCustomError("conflict", "{message}", {"message": message})
        return self

    def connected(self) -> AbstractContextManager[Client]:
        return client_of_new(self._make, self.waits_for, self.adaptive)

    @property
    def waits_for(self) -> str:
        count = f"{self.adaptive.minimum} to {self.adaptive.maximum}" if self.adaptive else f"{self.workers}"
        return f"the Kubernetes cluster ({count} workers of {self.image})"

    def _make(self) -> Any:
        import dask.config  # a second of start-up

        kind = class_named("dask_kubernetes.operator.KubeCluster", PACKAGE)
        arguments = given(
            name=self.name, namespace=self.namespace, image=self.image, n_workers=self._initial_workers, quiet=True,
            resources=self._resources(), env=dict(self.env) or None, worker_command=self._command(), **self.arguments,
        )  # fmt: skip
        theirs = arguments.get("custom_cluster_spec") or dask.config.get("kubernetes.custom-cluster-spec", None)
        if not theirs:
            arguments["custom_cluster_spec"] = _specification(arguments)
        return kind(**arguments)

    @property
    def _initial_workers(self) -> int:
        return self.workers if self.adaptive is None else self.adaptive.minimum

    def _resources(self) -> dict[str, dict[str, str]] | None:
        limits = given(memory=str(self.memory) if self.memory else None, cpu=f"{self.cpu:g}" if self.cpu else None)
        return {"requests": dict(limits), "limits": dict(limits)} if limits else None

    def _command(self) -> list[str]:
        limit = ["--memory-limit", str(self.memory)] if self.memory else []
        return ["dask", "worker", "--nthreads", str(self.threads), *limit]


def _specification(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The resource that the class would make of its arguments, with commands of pods that any image with Dask has.

    The class has a command for the scheduler that newer versions of Dask do not install, and leaves both commands to
    the entry point of the image.
    """
    import dask.config

    make = class_named("dask_kubernetes.operator.make_cluster_spec", PACKAGE)
    names = inspect.signature(make).parameters
    asked = {
        name: dask.config.get(f"kubernetes.{name.replace('_', '-')}", None, override_with=arguments.get(name))
        for name in names
    }
    asked["name"] = arguments["name"].format(user=getpass.getuser(), uuid=uuid.uuid4().hex[:10], **os.environ)
    asked["n_workers"] = arguments["n_workers"]
    resource: dict[str, Any] = make(**given(**asked))
    for name in ("scheduler", "worker"):
        pod = resource["spec"][name]["spec"]
        [container] = pod["containers"]
        options = list(itertools.dropwhile(lambda word: not word.startswith("-"), container["args"]))
        pod["containers"] = [given(**{**container, "command": ["dask", name], "args": options})]
    return resource
