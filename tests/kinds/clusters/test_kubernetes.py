"""What `KubeCluster` is asked for, by a class that takes the real one's arguments."""

from __future__ import annotations

import ast
import importlib.util
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import dask.config
import jsonschema
import pytest
from distributed import LocalCluster

import datagen
from datagen.errors import RunError
from datagen.kinds.clusters.base import Adaptive
from datagen.kinds.clusters.kubernetes import Kubernetes
from datagen.kinds.clusters.support import owned
from tests.helm.tools import custom_resource_schema

ARGUMENTS = {
    "name", "namespace", "image", "n_workers", "resources", "env", "worker_command", "port_forward_cluster_ip",
    "create_mode", "shutdown_on_close", "idle_timeout", "resource_timeout", "scheduler_service_type",
    "custom_cluster_spec", "scheduler_forward_port", "jupyter", "loop", "asynchronous", "quiet",
}  # fmt: skip
"""Of dask_kubernetes.operator.KubeCluster 2026.3."""
NO_SERVER = """
apiVersion: v1
kind: Config
clusters: [{name: a, cluster: {server: "http://127.0.0.1:9"}}]
contexts: [{name: a, context: {cluster: a, user: a}}]
users: [{name: a, user: {}}]
current-context: a
"""
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
        assert package == "dask-kubernetes"
        return FakeKubeCluster if name == "dask_kubernetes.operator.KubeCluster" else class_named(name, package)

    class_named = owned.class_named
    monkeypatch.setattr("datagen.kinds.clusters.kubernetes.class_named", named)
    FakeKubeCluster.made.clear()
    return FakeKubeCluster


def test_the_real_class_takes_these_arguments() -> None:
    """Read from its text: it has side effects at the interpreter's exit."""
    found = importlib.util.find_spec("dask_kubernetes")
    assert found is not None and found.origin is not None
    text = (Path(found.origin).parent / "operator" / "kubecluster" / "kubecluster.py").read_text()
    kinds = [node for node in ast.parse(text).body if isinstance(node, ast.ClassDef) and node.name == "KubeCluster"]
    (made,) = [node for node in kinds[0].body if isinstance(node, ast.FunctionDef) and node.name == "__init__"]
    assert {argument.arg for argument in made.args.kwonlyargs} >= ARGUMENTS


def containers(specification: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The container of each pod: of the scheduler and of a worker."""
    pods = {name: specification["spec"][name]["spec"]["containers"] for name in ("scheduler", "worker")}
    return {name: container for name, [container] in pods.items()}


def test_the_commands_of_the_pods_are_there_in_an_image_with_dask(kubernetes: type[FakeKubeCluster]) -> None:
    """The class has a command for the scheduler that the present version of Dask does not install."""
    with Kubernetes(image="datagen:1", threads=2, memory=10**9, env={"A": "b"}).connected():
        pass
    [made] = kubernetes.made
    found = containers(made.arguments["custom_cluster_spec"])
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    for name, container in found.items():
        assert container["image"] == "datagen:1" and container["env"] == [{"name": "A", "value": "b"}]
        assert container["command"] == ["dask", name]
        call = [*container["command"], *container["args"], "--help"]
        shown = subprocess.run(call, check=True, capture_output=True, text=True, env=environment).stdout
        assert f"Usage: dask {name}" in shown
    assert found["worker"]["args"][:4] == ["--nthreads", "2", "--memory-limit", "1000000000"]


def test_the_resource_has_the_rest_as_the_class_makes_it(kubernetes: type[FakeKubeCluster]) -> None:
    """Its arguments and its part of Dask's configuration count, and a resource of the user is left as it is."""
    arguments = {"idle_timeout": 600, "jupyter": True}
    with (
        dask.config.set({"kubernetes.scheduler-service-type": "LoadBalancer"}),
        Kubernetes(image="i", workers=3, name="a-{uuid}", arguments=arguments).connected(),
        Kubernetes(image="i", arguments={"custom_cluster_spec": {"mine": 1}}).connected(),
    ):
        pass
    specification, theirs = (made.arguments["custom_cluster_spec"] for made in kubernetes.made)
    assert theirs == {"mine": 1}
    assert re.fullmatch("a-[0-9a-f]{10}", specification["metadata"]["name"])
    jsonschema.validate(specification, custom_resource_schema("DaskCluster"))
    scheduler = specification["spec"]["scheduler"]
    assert scheduler["service"]["selector"]["dask.org/cluster-name"] == specification["metadata"]["name"]
    assert scheduler["service"]["type"] == "LoadBalancer"
    assert "--jupyter" in containers(specification)["scheduler"]["args"]
    assert specification["spec"]["idleTimeout"] == 600
    assert specification["spec"]["worker"]["replicas"] == 3


@pytest.mark.parametrize("configured", [False, True])
def test_a_cluster_that_cannot_be_reached_is_one_line(tmp_path: Path, configured: bool) -> None:
    """Also at the interpreter's exit, where the real class would close it."""
    (tmp_path / "profile.yaml").write_text("type: kubernetes\nimage: datagen:1\n")
    (tmp_path / "x.json").write_text(json.dumps(DOCUMENT))
    (tmp_path / "config").write_text(NO_SERVER if configured else "")
    call = [sys.executable, "-c", "from datagen.cli import main; main()", "generate", "x.json", "--out", "out"]
    done = subprocess.run(
        [*call, "--cluster", "profile.yaml"], capture_output=True, text=True, check=False, cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "KUBECONFIG": str(tmp_path / "config")},
    )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr.startswith("error: the Kubernetes cluster (2 workers of datagen:1) did not start (")
    assert "Traceback" not in done.stderr and "Exception ignored" not in done.stderr
    assert not (tmp_path / "out" / "_SUCCESS").exists()


def test_a_profile_becomes_pods_that_are_gone_after_the_run(kubernetes: type[FakeKubeCluster], tmp_path: Any) -> None:
    profile = {
        "type": "kubernetes", "image": "datagen:1", "namespace": "data", "workers": 2, "threads": 2, "memory": "2GB",
        "cpu": 1.5, "env": {"AWS_REGION": "eu"}, "arguments": {"idle_timeout": 600},
    }  # fmt: skip
    datagen.generate(DOCUMENT, tmp_path, cluster=profile)
    (made,) = kubernetes.made
    each = {"memory": "2000000000", "cpu": "1.5"}
    resource = made.arguments.pop("custom_cluster_spec")
    assert all(one["resources"] == {"requests": each, "limits": each} for one in containers(resource).values())
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
