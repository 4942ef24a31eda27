"""Cluster classes of the ecosystem by their names."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import datagen
from datagen.kinds.clusters.dask import Dask
from tests.kinds.clusters.test_kubernetes import DOCUMENT

pytestmark = pytest.mark.integration

HIDDEN = {"host": "127.0.0.1", "dashboard_address": "127.0.0.1:0"}
GATEWAY = """
c.DaskGateway.backend_class = "dask_gateway_server.backends.local.UnsafeLocalBackend"
c.DaskGateway.authenticator_class = "dask_gateway_server.auth.SimpleAuthenticator"
c.DaskGateway.address, c.Proxy.address, c.Proxy.tcp_address = {addresses}
c.UnsafeLocalBackend.clusters_directory = {folder!r}
c.UnsafeLocalBackend.inherited_environment = ["PATH", "PYTHONPATH"]
c.ClusterConfig.scheduler_cmd = [{python!r}, "-m", "distributed.cli.dask_scheduler"]
c.ClusterConfig.worker_cmd = [{python!r}, "-m", "distributed.cli.dask_worker"]
c.ClusterConfig.worker_cores, c.ClusterConfig.worker_memory = 1, "4 G"
"""


@pytest.fixture
def gateway(tmp_path: Path) -> Iterator[list[str]]:
    """A server of Dask Gateway whose clusters are processes: the addresses of its API and of its schedulers."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(3)]
    addresses = [f"127.0.0.1:{one.getsockname()[1]}" for one in sockets]
    for one in sockets:
        one.close()
    (tmp_path / "clusters").mkdir()
    (tmp_path / "config.py").write_text(
        GATEWAY.format(addresses=addresses, folder=str(tmp_path / "clusters"), python=sys.executable)
    )
    command = [sys.executable, "-m", "dask_gateway_server", "-f", str(tmp_path / "config.py")]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with (
        (tmp_path / "log").open("w") as log,
        subprocess.Popen(command, stdout=log, stderr=log, env=environment) as server,
    ):
        try:
            deadline = time.monotonic() + 60
            while not answers(f"http://{addresses[1]}/api/health") and time.monotonic() < deadline:
                time.sleep(0.1)
            yield addresses[1:]
        finally:
            server.terminate()


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5):
            return True
    except (urllib.error.URLError, OSError):
        return False


def generate_elsewhere(profile: dict[str, Any], folder: Path) -> None:
    """Generate in a process of its own: the packages leave sockets and pipes to the garbage collector."""
    code = f"import datagen; datagen.generate({DOCUMENT!r}, 'out', cluster={profile!r})"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    subprocess.run([sys.executable, "-c", code], check=True, cwd=folder, env=environment)
    assert (folder / "out" / "_SUCCESS").exists()


def test_dask_gateway(gateway: list[str], tmp_path: Path) -> None:
    api, schedulers = gateway
    arguments = {"address": f"http://{api}", "proxy_address": f"tls://{schedulers}", "shutdown_on_close": True}
    profile = {"type": "dask", "cluster": "dask_gateway.GatewayCluster", "arguments": arguments, "workers": 2}
    generate_elsewhere(profile, tmp_path)
    assert "Stopping cluster" in (tmp_path / "log").read_text()


@pytest.mark.parametrize("size", [{"workers": 2}, {"adaptive": {"minimum": 0, "maximum": 2}}])
def test_the_jobs_of_dask_jobqueue(tmp_path: Path, size: dict[str, Any]) -> None:
    """Its jobs are processes of this machine here, with all that its other classes share."""
    arguments = {"cores": 1, "processes": 1, "memory": "4GB", "scheduler_options": HIDDEN}
    profile = {"type": "dask", "cluster": "dask_jobqueue.local.LocalCluster", "arguments": arguments, **size}
    generate_elsewhere(profile, tmp_path)


def test_a_class_of_the_ecosystem_runs_with_its_own_arguments(tmp_path: Path) -> None:
    arguments = {
        "processes": False, "host": "127.0.0.1", "protocol": "tcp://", "threads_per_worker": 1, "n_workers": 0,
        "dashboard_address": None, "scheduler_kwargs": {"dashboard_address": "127.0.0.1:0"}, "silence_logs": 50,
    }  # fmt: skip
    profile = {"type": "dask", "cluster": "distributed.LocalCluster", "arguments": arguments, "workers": 2}
    datagen.generate(DOCUMENT, tmp_path, cluster=profile)
    assert (tmp_path / "_SUCCESS").exists()
    assert Dask(**profile).waits_for == "the cluster of distributed.LocalCluster"
