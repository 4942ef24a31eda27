"""A coordinator and workers in processes of their own, with mutual TLS: what is lost comes back, and the data is the
same.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from distributed import Client
from distributed.security import Security

import datagen
from datagen.errors import PlanError, RunError
from datagen.kinds.clusters.base import cluster_of
from datagen.kinds.clusters.listen import Listen
from datagen.kinds.clusters.support.connect import connected
from tests.ports import free_port
from tests.promises.documents import busy

pytestmark = pytest.mark.integration

PATIENCE = 240.0


@dataclass
class Site:
    """The files of a run, and the processes that take part in it."""

    folder: Path
    port: int = field(default_factory=free_port)
    processes: list[subprocess.Popen[str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        made = Security.temporary()
        for name in ("ca", "cert", "key"):
            text = made.tls_ca_file if name == "ca" else getattr(made, f"tls_client_{name}")
            (self.folder / f"{name}.pem").write_text(text)
        self.schema = self.folder / "busy.json"
        self.schema.write_text(json.dumps(busy()))
        self.out = self.folder / "out"
        profile = {"type": "listen", "address": self.address, **self.files}
        (self.folder / "listen.yaml").write_text(json.dumps(profile))

    @property
    def address(self) -> str:
        return f"tls://127.0.0.1:{self.port}"

    @property
    def files(self) -> dict[str, str]:
        return {f"tls_{name}": str(self.folder / f"{name}.pem") for name in ("ca", "cert", "key")}

    @property
    def security(self) -> Security:
        """The certificates of a client."""
        mine = {"tls_client_cert": self.files["tls_cert"], "tls_client_key": self.files["tls_key"]}
        return Security(tls_ca_file=self.files["tls_ca"], require_encryption=True, **mine)

    def start(self, *command: str, variables: Mapping[str, str] | None = None) -> subprocess.Popen[str]:
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), **(variables or {})}
        call = [sys.executable, "-m", "datagen", *command]
        self.processes.append(
            subprocess.Popen(call, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment)
        )
        return self.processes[-1]

    def worker(self, wait: float = PATIENCE, variables: Mapping[str, str] | None = None) -> subprocess.Popen[str]:
        tls = [f"--{name.replace('_', '-')}={path}" for name, path in self.files.items()]
        return self.start("worker", self.address, f"--wait={wait}", *tls, variables=variables)

    def coordinator(self, scale: int) -> subprocess.Popen[str]:
        return self.start(
            "generate", str(self.schema), f"--out={self.out}", f"--cluster={self.folder / 'listen.yaml'}",
            "--resume=auto", f"--scale={scale}", "--partition-rows=10000",
        )  # fmt: skip

    def receipts(self) -> int:
        return len(list(self.out.glob("_run/receipts/*.json")))

    def end(self) -> None:
        for process in self.processes:
            if process.poll() is None:
                process.kill()
            process.wait(60)
            if process.stdout is not None:
                process.stdout.close()


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with ExitStack() as stack:
        made = Site(tmp_path)
        stack.callback(made.end)
        yield made


def ended(process: subprocess.Popen[str]) -> tuple[int, str]:
    message, _ = process.communicate(timeout=PATIENCE)
    return process.returncode, message


def test_a_coordinator_that_is_killed_resumes_with_the_workers_that_waited_for_it(site: Site, tmp_path: Path) -> None:
    workers = [site.worker(), site.worker()]
    first = site.coordinator(scale=15)
    give_up = time.monotonic() + PATIENCE
    while site.receipts() < 2 and time.monotonic() < give_up and first.poll() is None:
        time.sleep(0.02)
    first.send_signal(signal.SIGKILL)
    first.wait(60)
    workers[1].kill()  # and one worker does not come back
    code, message = ended(site.coordinator(scale=15))
    assert code == 0, message
    assert ended(workers[0])[0] == 0, "a worker whose run is complete ends"
    datagen.generate(site.schema, tmp_path / "alone", scale=15, partition_rows=10_000)
    assert datagen.fingerprint(site.out) == datagen.fingerprint(tmp_path / "alone")


def test_a_worker_that_dask_retires_ends_and_the_run_goes_on(site: Site, tmp_path: Path) -> None:
    """As adaptive scaling and `Client.retire_workers` do: the process ends instead of joining again."""
    coordinator = site.coordinator(scale=40)
    with Client(site.address, security=site.security, timeout=PATIENCE) as client:
        workers = {process.pid: process for process in (site.worker(), site.worker())}  # both join at about this time
        client.wait_for_workers(2, timeout=PATIENCE)
        give_up = time.monotonic() + PATIENCE
        while site.receipts() < 2 and time.monotonic() < give_up and coordinator.poll() is None:
            time.sleep(0.02)
        address, pid = next(iter(client.run(os.getpid).items()))
        client.retire_workers([address])
        assert ended(workers.pop(pid)) == (0, "")
    assert ended(coordinator)[0] == 0
    assert ended(workers.popitem()[1])[0] == 0
    datagen.generate(site.schema, tmp_path / "alone", scale=40, partition_rows=10_000)
    assert datagen.fingerprint(site.out) == datagen.fingerprint(tmp_path / "alone")


def joined_again(client: Client, first: set[str]) -> bool:
    """Whether a worker comes with another address than the first one."""
    give_up = time.monotonic() + PATIENCE
    while set(client.nthreads()) in (first, set()) and time.monotonic() < give_up:
        time.sleep(0.1)
    return set(client.nthreads()) not in (first, set())


def test_a_worker_whose_scheduler_ends_or_starts_it_again_joins_the_next_one(site: Site) -> None:
    """It was not retired: the run has failed and will be continued."""
    cluster = Listen(address=site.address, **site.files)
    worker = site.worker()

    def fail() -> None:
        with cluster.connected() as client:
            client.wait_for_workers(1, timeout=PATIENCE)
            first = set(client.nthreads())
            client.restart(wait_for_workers=False)
            assert joined_again(client, first)
            raise RunError("failed")

    with pytest.raises(RunError, match="failed"):
        fail()
    with cluster.connected() as client:
        client.wait_for_workers(1, timeout=PATIENCE)
        assert worker.poll() is None
    assert ended(worker) == (0, "")


@pytest.mark.parametrize("again", [False, True])
def test_the_lifetime_of_dasks_configuration_ends_a_worker_or_starts_it_again(site: Site, again: bool) -> None:
    lifetime = {"DURATION": "2s", "RESTART": str(again)}
    variables = {f"DASK_DISTRIBUTED__WORKER__LIFETIME__{name}": value for name, value in lifetime.items()}
    with Listen(address=site.address, **site.files).connected() as client:
        worker = site.worker(variables=variables)
        client.wait_for_workers(1, timeout=PATIENCE)
        first = set(client.nthreads())
        if again:
            assert joined_again(client, first)
        else:
            assert ended(worker) == (0, "")


def test_nobody_without_a_certificate_reaches_the_scheduler(site: Site) -> None:
    cluster = Listen(address=site.address, **site.files)
    with cluster.connected() as client:
        with pytest.raises(RunError, match="no Dask scheduler answers"):
            connected(site.address, Security.temporary())
        assert client.scheduler_info()["workers"] == {}


def test_a_worker_without_a_scheduler_gives_up_and_says_so(site: Site) -> None:
    code, message = ended(site.worker(wait=1))
    assert code == 1
    assert f"no scheduler answered at {site.address} for 1 seconds" in message


def test_a_worker_that_is_stopped_ends_in_order_and_is_not_complete(site: Site) -> None:
    """A Job of Kubernetes does not start a pod again that ends with 0, as when a node is drained."""
    with Listen(address=site.address, **site.files).connected() as client:
        worker = site.worker()
        client.wait_for_workers(1, timeout=PATIENCE)
        worker.send_signal(signal.SIGTERM)
        assert ended(worker) == (128 + signal.SIGTERM, "")


@pytest.mark.parametrize("address", ["0.0.0.0", "tls://0.0.0.0", "http://0.0.0.0:80", "tls://:8786"])
def test_an_address_that_nobody_can_listen_on_is_refused(address: str) -> None:
    with pytest.raises(PlanError, match="is not tls://host:port"):
        cluster_of({"type": "listen", "address": address}, "the profile")


def test_a_port_that_is_taken_is_reported_in_one_line() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        address = f"tcp://127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(RunError, match=f"cannot listen on {address}"), Listen(address=address).connected():
            pass
