"""What `KubeCluster` is asked for, by a class that takes the real one's arguments."""

from __future__ import annotations

import ast
import importlib.util
from pathlib import Path
from typing import Any

import pytest
from distributed import LocalCluster

import datagen
from datagen.errors import RunError
from datagen.kinds.clusters.base import Adaptive
from datagen.kinds.clusters.kubernetes import Kubernetes
from datagen.kinds.clusters.support import owned

ARGUMENTS = {
    "name", "namespace", "image", "n_workers", "resources", "env", "worker_command", "port_forward_cluster_ip",
    "create_mode", "shutdown_on_close", "idle_timeout", "resource_timeout", "scheduler_service_type",
    "custom_cluster_spec", "scheduler_forward_port", "jupyter", "loop", "asynchronous", "quiet",
}  # fmt: skip
"""Of dask_kubernetes.operator.KubeCluster 2026.3."""
DOCUMENT = {"datagen": 1, "name": "x", "tables": {"a": {"rows": 5, "columns": {"a_id": {"type": "key"}}}}}


class FakeKubeCluster(LocalCluster):
    """Pods are threads of this process; everything that is asked for is kept."""

    made: list[FakeKubeCluster] = []

    def __init__(self, **arguments: Any) -> None:
        assert arguments.keys() <= ARGUMENTS
        self.arguments, self.range = arguments, None
        self.made.append(self)
        super().__init__(
            n_workers=arguments["n_workers"], threads_per_worker=1, processes=False, host="127.0.0.1",
            protocol="tcp://", dashboard_address=None, scheduler_kwargs={"dashboard_address": "127.0.0.1:0"},
            silence_logs=50,
        )  # fmt: skip

    def adapt(self, *, minimum: int = 0, maximum: int = 1, **more: Any) -> Any:
        self.range = (minimum, maximum)
        self.scale(1)


@pytest.fixture
def kubernetes(monkeypatch: pytest.MonkeyPatch) -> type[FakeKubeCluster]:
    def named(name: str, package: str) -> Any:
        assert (name, package) == ("dask_kubernetes.operator.KubeCluster", "dask-kubernetes")
        return FakeKubeCluster

    monkeypatch.setattr("datagen.kinds.clusters.kubernetes.class_named", named)
    FakeKubeCluster.made.clear()
    return FakeKubeCluster


def test_the_real_class_takes_these_arguments() -> None:
    """Read from its text: its own libraries need not be there."""
    found = importlib.util.find_spec("dask_kubernetes")
    if found is None or found.origin is None:
        pytest.skip("dask-kubernetes is not installed")
    text = (Path(found.origin).parent / "operator" / "kubecluster" / "kubecluster.py").read_text()
    kinds = [node for node in ast.parse(text).body if isinstance(node, ast.ClassDef) and node.name == "KubeCluster"]
    (made,) = [node for node in kinds[0].body if isinstance(node, ast.FunctionDef) and node.name == "__init__"]
    assert {argument.arg for argument in made.args.kwonlyargs} >= ARGUMENTS


def test_a_profile_becomes_pods_that_are_gone_after_the_run(kubernetes: type[FakeKubeCluster], tmp_path: Any) -> None:
    profile = {
        "type": "kubernetes", "image": "datagen:1", "namespace": "data", "workers": 2, "threads": 2, "memory": "2GB",
        "cpu": 1.5, "env": {"AWS_REGION": "eu"}, "arguments": {"idle_timeout": 600},
    }  # fmt: skip
    datagen.generate(DOCUMENT, tmp_path, cluster=profile)
    (made,) = kubernetes.made
    each = {"memory": "2000000000", "cpu": "1.5"}
    assert made.arguments == {
        "name": "datagen-{uuid}", "namespace": "data", "image": "datagen:1", "n_workers": 2, "quiet": True,
        "resources": {"requests": each, "limits": each}, "env": {"AWS_REGION": "eu"}, "idle_timeout": 600,
        "worker_command": ["dask", "worker", "--nthreads", "2", "--memory-limit", "2000000000"],
    }  # fmt: skip
    assert made.status.name == "closed"
    assert (tmp_path / "_SUCCESS").exists()


def test_a_cluster_grows_by_itself(kubernetes: type[FakeKubeCluster]) -> None:
    cluster = Kubernetes(image="i", adaptive=Adaptive(minimum=0, maximum=9))
    with cluster.connected() as client:
        client.wait_for_workers(1, timeout=240)
    (made,) = kubernetes.made
    assert (made.arguments["n_workers"], made.range) == (0, (0, 9))
    assert cluster.waits_for == "the Kubernetes cluster (0 to 9 workers of i)"


def test_a_cluster_that_does_not_start_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(**_: Any) -> None:
        raise ValueError("no operator\nis there")

    monkeypatch.setattr("datagen.kinds.clusters.kubernetes.class_named", lambda *_: refuse)
    message = r"the Kubernetes cluster .* did not start \(ValueError: no operator is there\)"
    with pytest.raises(RunError, match=message), Kubernetes(image="i").connected():
        pass


def test_a_package_that_is_missing_is_named() -> None:
    with pytest.raises(
        RunError, match=r"cluster class 'dask_absent.Cluster' cannot be imported .*: pip install dask-absent"
    ):
        owned.class_named("dask_absent.Cluster", "dask-absent")
