"""Who can reach the processes of a local cluster, and how a scheduler elsewhere is reached."""

from __future__ import annotations

import os
import subprocess
import sys
import time

import psutil
import pytest
from distributed import LocalCluster
from distributed.security import Security

from datagen.errors import RunError
from datagen.kinds.clusters.address import Address
from datagen.kinds.clusters.local import Local
from datagen.kinds.clusters.support.connect import connected
from datagen.runtime.events import NoWorkers
from datagen.runtime.executors.dask import DaskExecutor
from datagen.runtime.run import execute
from datagen.runtime.task import Work
from tests.runtime import fakes

pytestmark = pytest.mark.integration

NOBODY = 65534
STRANGER = """
import os, sys
from distributed import Client
from distributed.security import Security
security = Security.temporary() if sys.argv[2] == "own" else None
if os.getuid() == 0:
    os.setgroups([]); os.setgid({nobody}); os.setuid({nobody})
try:
    client = Client(sys.argv[1], security=security, timeout="3s", set_as_default=False)
    print("connected", client.submit(lambda: 1).result(timeout=5))
except (OSError, TypeError, RuntimeError) as error:
    print("refused", type(error).__name__)
"""


@pytest.fixture(scope="module")
def client():
    with Local(workers=1).connected() as client:
        yield client


def stranger(address: str, certificate: str) -> str:
    """What another user of the machine is told by a scheduler or a worker."""
    script = STRANGER.format(nobody=NOBODY)
    command = [sys.executable, "-W", "ignore", "-c", script, address, certificate]
    return subprocess.run(command, check=False, capture_output=True, text=True, timeout=240, cwd="/").stdout


@pytest.mark.parametrize("certificate", ["none", "own"])
@pytest.mark.parametrize("scheme", ["tls", "tcp"])
def test_another_user_is_refused_by_the_scheduler(client, scheme, certificate):
    address = client.scheduler.address.replace("tls://", f"{scheme}://")
    assert stranger(address, certificate).startswith("refused")


def test_another_user_is_refused_by_a_worker(client):
    (worker,) = client.scheduler_info()["workers"]
    assert worker.startswith("tls://")
    assert stranger(worker.replace("tls://", "tcp://"), "none").startswith("refused")
    assert stranger(worker, "own").startswith("refused")


def test_nothing_listens_beyond_this_machine(client):
    family = [psutil.Process(), *psutil.Process().children(recursive=True)]
    ports = [c.laddr for process in family for c in process.net_connections("inet") if c.status == psutil.CONN_LISTEN]
    assert len(ports) >= 3
    assert {ip for ip, _ in ports} == {"127.0.0.1"}


def test_workers_and_scheduler_serve_no_pages(client):
    import urllib.error
    import urllib.request

    pages = [worker["services"].get("dashboard") for worker in client.scheduler_info()["workers"].values()]
    pages.append(client.scheduler_info()["services"].get("dashboard"))
    for port in filter(None, pages):
        for page in ("", "info/main/workers.html", "metrics", "json/counts.json"):
            with pytest.raises(urllib.error.HTTPError):
                urllib.request.urlopen(f"http://127.0.0.1:{port}/{page}", timeout=60)


@pytest.mark.parametrize("dashboard", [False, True])
def test_the_link_to_a_dashboard_is_told_only_where_there_is_one(dashboard):
    """A scheduler without one serves other pages at the same port."""
    options, reported = {"dashboard_address": "127.0.0.1:0", "dashboard": dashboard}, []
    with (
        LocalCluster(
            n_workers=0,
            host="127.0.0.1",
            dashboard_address=None,
            silence_logs=50,
            processes=False,
            protocol="tcp://",
            scheduler_kwargs=options,
        ) as cluster,
        DaskExecutor(Address(address=cluster.scheduler_address)).session(reported.append),
    ):
        pass  # fmt: skip
    assert [bool(event.dashboard) for event in reported] == [dashboard]


@pytest.fixture(scope="module")
def secured(tmp_path_factory):
    """A cluster that asks for certificates, and the files of those."""
    security, folder = Security.temporary(), tmp_path_factory.mktemp("tls")
    files = {
        "tls_ca": security.tls_ca_file,
        "tls_cert": security.tls_client_cert,
        "tls_key": security.tls_client_key,
    }
    for name, text in files.items():
        (folder / f"{name}.pem").write_text(text)
    with LocalCluster(
        n_workers=1, threads_per_worker=1, host="127.0.0.1", dashboard_address=None, security=security,
        scheduler_kwargs={"dashboard_address": "127.0.0.1:0"}, silence_logs=50,
    ) as cluster:  # fmt: skip
        yield cluster.scheduler_address, {name: str(folder / f"{name}.pem") for name in files}


def test_a_cluster_behind_certificates_is_used_with_its_files(secured, tmp_path):
    address, files = secured
    assert address.startswith("tls://")
    execute(
        Work(fakes.plan(), fakes.make),
        tmp_path / "out",
        DaskExecutor(Address(address=address, **files)),
    )
    assert (tmp_path / "out" / "_SUCCESS").exists()


def test_a_cluster_behind_certificates_is_used_with_dasks_own_configuration(secured, tmp_path):
    import dask

    address, files = secured
    names = {"ca-file": "tls_ca", "client.cert": "tls_cert", "client.key": "tls_key"}
    with dask.config.set({f"distributed.comm.tls.{name}": files[file] for name, file in names.items()}):
        execute(Work(fakes.plan(), fakes.make), tmp_path / "out", DaskExecutor(Address(address=address)))
    assert (tmp_path / "out" / "_SUCCESS").exists()


@pytest.mark.parametrize(
    "address, message",
    [
        ("", "missing port number"),
        ("abc", "missing port number"),
        ("tls://127.0.0.1:9", "--tls-ca, --tls-cert and --tls-key"),
        ("ucx://127.0.0.1:9", ""),
        ("inproc://x", ""),
        ("tcp://[::1", "ipv6 needs brackets"),
        ("nonsense://x", "unknown address scheme"),
    ],
)
def test_an_address_that_dask_refuses_is_one_line(address, message, recwarn):
    with pytest.raises(RunError, match="no Dask scheduler answers at") as refused:
        DaskExecutor(Address(address=address)).reach()
    assert message in str(refused.value) and "\n" not in str(refused.value)


@pytest.mark.parametrize("name", ["tls_ca", "tls_cert", "tls_key"])
def test_a_certificate_that_is_not_there_or_none_is_one_line(tmp_path, name):
    with pytest.raises(RunError, match=r"cannot read .*absent\.pem': no such file"):
        Address(address="x", **{name: str(tmp_path / "absent.pem")}).security()
    files = {other: str(tmp_path / "empty.pem") for other in ("tls_ca", "tls_cert", "tls_key")}
    (tmp_path / "empty.pem").write_text("nothing")
    with pytest.raises(RunError, match=r"no Dask scheduler answers at tls://127\.0\.0\.1:9") as refused:
        connected("tls://127.0.0.1:9", Address(address="x", **files).security())
    assert "\n" not in str(refused.value)


def test_missing_workers_are_reported_within_seconds(tmp_path, monkeypatch):
    monkeypatch.setattr("datagen.runtime.executors.dask_watchdog.POLL_SECONDS", 0.1)
    reported = []
    with LocalCluster(
        n_workers=0, threads_per_worker=1, host="127.0.0.1", dashboard_address=None,
        scheduler_kwargs={"dashboard_address": "127.0.0.1:0"}, silence_logs=50,
    ) as cluster:  # fmt: skip

        def on_event(event):
            reported.append(event)
            if isinstance(event, NoWorkers):
                cluster.scale(1)

        execute(
            Work(fakes.plan(), fakes.make),
            tmp_path / "out",
            DaskExecutor(Address(address=cluster.scheduler_address)),
            on_event=on_event,
        )
    assert [event for event in reported if isinstance(event, NoWorkers)] == [
        NoWorkers(600.0, f"the cluster at {cluster.scheduler_address}")
    ]
    assert (tmp_path / "out" / "_SUCCESS").exists()


CLUSTER = """
from distributed import LocalCluster
if __name__ == "__main__":
    cluster = LocalCluster(n_workers=1, threads_per_worker=1, host="127.0.0.1", dashboard_address=None, silence_logs=50,
                           scheduler_kwargs={"dashboard_address": "127.0.0.1:0"}, processes=False, protocol="tcp://")
    print(cluster.scheduler_address, flush=True)
    input()
"""
RUN = """
import sys
import datagen.kinds.clusters.support.connect
datagen.kinds.clusters.support.connect.PATIENCE = sys.argv.pop(1)
from datagen.cli import main
main()
"""


@pytest.mark.parametrize("receipts", [0, 3])
def test_a_lost_scheduler_is_one_line_and_the_run_can_be_resumed(tmp_path, receipts):
    """Killed before and while partitions are made: one line, exit code 1, no traceback of a library."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    (tmp_path / "a.json").write_text(
        '{"datagen": 1, "name": "x", "tables": {"a": {"rows": 400000, "columns": {"a_id": {"type": "key"}, '
        '"email": {"type": "email"}}}}}'
    )
    cluster = subprocess.Popen([sys.executable, "-W", "ignore", "-c", CLUSTER], env=environment, **pipes)
    address = cluster.stdout.readline().strip()
    patience = "30s" if receipts else "3s"
    words = ["generate", str(tmp_path / "a.json"), "--out", str(tmp_path / "out"), "--cluster", address]
    command = [sys.executable, "-c", RUN, patience, *words, "--partition-rows", "2000"]
    run = subprocess.Popen(command, env=environment, **pipes)
    folder, until = tmp_path / "out" / "_run" / "receipts", time.monotonic() + 240
    while time.monotonic() < until and len(list(folder.glob("*"))) < receipts:
        time.sleep(0.02)
    cluster.kill()
    reported = run.communicate(timeout=240)
    cluster.communicate()
    assert run.returncode == 1
    lines = [line for line in reported[1].splitlines() if not line.startswith("dashboard of the cluster at ")]
    assert len(lines) == 1 and lines[0].startswith("error: ") and "Dask" in lines[0], reported[1]
    if receipts:
        assert "--resume" in reported[1]
