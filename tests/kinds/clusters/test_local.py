"""The processes of a local cluster: the process that starts them is left as it was, and none of them outlives it."""

from __future__ import annotations

import http.client
import importlib
import json
import logging
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
import warnings
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import dask.config
import psutil
import pytest
from distributed import Worker

from datagen.errors import PlanError, RunError
from datagen.forking import forked
from datagen.kinds.clusters.base import cluster_of
from datagen.kinds.clusters.local import Local
from datagen.kinds.clusters.support import local_processes
from datagen.runtime.events import ClusterReady
from datagen.runtime.executors.dask import DaskExecutor

pytestmark = pytest.mark.integration

HOST = """
import os, sys, time
from contextlib import nullcontext
from datagen.kinds.clusters.local import Local
from datagen.forking import forked
with forked() if sys.argv[1] == "busy" else nullcontext(), Local(workers=2).connected() as client:
    client.wait_for_workers(2)
    print("up", flush=True)
    if sys.argv[1] == "busy":
        futures = client.map(time.sleep, [100, 101])
    time.sleep(100)
"""


def family(pid: int) -> list[psutil.Process]:
    return psutil.Process(pid).children(recursive=True)


def all_gone(processes: list[psutil.Process]) -> bool:
    return not psutil.wait_procs(processes, timeout=240)[1]


def host(what: str) -> subprocess.Popen[str]:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    process = subprocess.Popen([sys.executable, "-c", HOST, what], stdout=subprocess.PIPE, text=True, env=environment)
    assert process.stdout is not None
    assert process.stdout.readline() == "up\n"
    return process


def state() -> dict[str, object]:
    """What a library must leave alone in the process that uses it."""
    names = ("distributed", "distributed.client", "distributed.worker", "tornado", "tornado.application", "asyncio")
    return {
        "main": (sys.modules["__main__"].__dict__.get("__file__"), sys.modules["__main__"].__spec__),
        "mask": signal.pthread_sigmask(signal.SIG_BLOCK, []),
        "signals": {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGCHLD)},
        "levels": [logging.getLogger(name).level for name in names],
        "configuration": dask.config.config.copy(),
        "environment": dict(os.environ),
        "warnings": list(warnings.filters),
        "path": list(sys.path),
    }


def _threads_of_ours() -> set[threading.Thread]:
    """The threads of this process without those that Dask keeps."""
    kept = ("IO loop", "Dask-Offload", "asyncio", "Profile")
    return {thread for thread in threading.enumerate() if not thread.name.startswith(kept)}


def test_nothing_of_the_host_process_is_changed_while_they_run_and_afterwards() -> None:
    importlib.import_module("distributed")  # sets the levels of its logs, and adds to the configuration
    before, threads = state(), _threads_of_ours()
    with Local(workers=1).connected() as client:
        assert state() == before
        assert client.submit(os.getpid).result() != os.getpid()
    assert state() == before
    late = time.monotonic() + 60
    while (left := _threads_of_ours() - threads) and time.monotonic() < late:
        time.sleep(0.05)
    assert not left


def test_they_are_gone_when_the_block_ends() -> None:
    before = set(family(os.getpid()))
    with Local(workers=2).connected() as client:
        client.wait_for_workers(2, timeout=240)
        processes = [process for process in family(os.getpid()) if process not in before]
        assert len(processes) == 4
    assert all_gone(processes)


@pytest.mark.parametrize("what", ["idle", "busy"])
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_none_outlives_the_process_that_started_them(what: str, number: int) -> None:
    process = host(what)
    processes = family(process.pid)
    assert len(processes) == 4
    process.send_signal(number)
    process.communicate(timeout=240)
    assert all_gone(processes)


@pytest.mark.parametrize("which", ["first", "scheduler"])
def test_the_cluster_ends_as_a_whole(which: str) -> None:
    process = host("busy")
    root = psutil.Process(process.pid).children()[0]
    below = root.children()
    (root if which == "first" else below[0]).kill()
    assert all_gone(below)
    process.kill()
    process.communicate(timeout=240)


def test_a_worker_that_dies_is_replaced() -> None:
    with Local(workers=1).connected() as client:
        first = client.submit(os.getpid, pure=False).result()
        os.kill(first, signal.SIGKILL)
        until = time.monotonic() + 240
        second = first
        while second == first and time.monotonic() < until:
            second = client.submit(os.getpid, pure=False).result(timeout=240)
        assert second != first


def _frequent(dask_worker: Worker) -> bool:
    return dask_worker.periodic_callbacks["heartbeat"].is_running()


@pytest.mark.parametrize("dashboard", [False, True])
def test_workers_send_what_a_dashboard_shows_only_if_there_is_one(dashboard: bool) -> None:
    with Local(workers=1, dashboard=dashboard).connected() as client:
        assert list(client.run(_frequent).values()) == [dashboard]


def hoard() -> int:
    held = [bytearray(b"x" * 10**7) for _ in range(100)]
    time.sleep(300)
    return len(held)


def test_a_worker_over_its_memory_is_ended_before_the_machine_runs_out() -> None:
    with Local(workers=1, memory=500_000_000).connected() as client:
        pid = client.submit(os.getpid, pure=False).result()
        future = client.submit(hoard)
        assert all_gone([psutil.Process(pid)])
        future.cancel()


def test_temporary_files_of_processes_that_are_ended_go_with_them() -> None:
    """Unfinished files for an object store are there when a run is stopped."""
    with Local(workers=1).connected() as client:
        left = [*client.run(tempfile.mkdtemp).values(), client.run_on_scheduler(tempfile.mkdtemp)]
    assert [path for path in left if Path(path).exists()] == []


def test_a_dashboard_needs_bokeh(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(PlanError, match="pip install bokeh"), Local(dashboard=True).connected():
        pass


def upgrade(port: int, origin: str) -> int:
    """The status with which a dashboard answers a page of this origin that asks for the data."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    headers = {"Upgrade": "websocket", "Connection": "Upgrade", "Origin": origin, "Sec-WebSocket-Version": "13"}
    connection.request("GET", "/status/ws", headers={**headers, "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ=="})
    with closing(connection):
        return connection.getresponse().status


@pytest.mark.parametrize("fixed", [False, True])
def test_a_dashboard_shows_its_data_to_its_own_pages_on_this_machine(fixed: bool) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    reported: list[Any] = []
    executor = DaskExecutor(Local(workers=1, dashboard=port if fixed else True))
    with executor.session(reported.append):
        [link] = [event.dashboard for event in reported if isinstance(event, ClusterReady)]
        parts = urlsplit(link)
        assert parts.port == port if fixed else parts.port
        with urllib.request.urlopen(link, timeout=60) as page:
            assert b"Dask" in page.read()
        assert upgrade(parts.port, f"http://{parts.netloc}") == 101
        assert upgrade(parts.port, "http://example.com") == 403
        listening = [
            one.laddr.ip
            for process in family(os.getpid())
            for one in process.net_connections("inet")
            if one.status == psutil.CONN_LISTEN
        ]
        assert set(listening) == {"127.0.0.1"}


def test_a_dashboard_at_a_port_that_is_taken_is_not_silently_elsewhere() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(RunError, match=f"Port {port} is already in use"), Local(dashboard=port).connected():
            pass


@pytest.mark.parametrize(
    "dashboard, address, origins",
    [
        (True, "127.0.0.1:0", []),
        (8787, "127.0.0.1:8787", ["localhost:8787", "127.0.0.1:8787"]),
        (":8787", "127.0.0.1:8787", ["localhost:8787", "127.0.0.1:8787"]),
        ("0.0.0.0:8787", "0.0.0.0:8787", ["*:8787"]),
    ],
)
def test_a_dashboard_listens_on_this_machine_unless_asked(dashboard: Any, address: str, origins: list[str]) -> None:
    settings = Local(dashboard=dashboard)._settings()
    assert (settings["dashboard"], settings["dashboard_shown"]) == (address, True)
    assert settings["config"]["distributed.scheduler.dashboard.bokeh-application.allow_websocket_origin"] == origins
    assert json.dumps(settings)


@pytest.mark.parametrize("dashboard", [0, 65_536, "here", "host:", "a:b:1", "[::1]:8787"])
def test_a_dashboard_at_no_port_is_refused(dashboard: Any) -> None:
    with pytest.raises(PlanError, match="neither true nor a port such as 8787 nor host:port"):
        cluster_of({"type": "local", "dashboard": dashboard}, "the profile")


FORKED = """
import os, sys
from datagen.kinds.clusters.local import Local
from datagen.forking import forked
sys.copied = True
with forked(), Local(workers=1).connected() as client:
    def look():
        return client.submit(lambda: (os.getpid(), hasattr(sys, "copied")), pure=False).result(timeout=240)
    first = second = look()
    os.kill(first[0], 9)
    while second[0] == first[0]:
        second = look()
    print(first[1], second[1])
"""


def test_forked_processes_and_those_that_replace_them_have_what_was_loaded() -> None:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", FORKED], capture_output=True, text=True, env=environment, check=False)
    assert (done.stdout, done.stderr) == ("True True\n", "")


LOCKED = """
import fcntl, os
from datagen.kinds.clusters.local import Local
from datagen.forking import forked
held, free = os.open(".", os.O_RDONLY), os.open(".", os.O_RDONLY)
fcntl.flock(held, fcntl.LOCK_EX)
with forked(), Local(workers=1).connected() as client:
    os.close(held)
    fcntl.flock(free, fcntl.LOCK_EX | fcntl.LOCK_NB)
"""


def test_forked_processes_do_not_keep_the_locks_of_the_run(tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    call = [sys.executable, "-c", LOCKED]
    done = subprocess.run(call, capture_output=True, text=True, env=environment, check=False, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_process_with_threads_is_not_forked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local_processes, "_fork", None)
    over = threading.Event()
    thread = threading.Thread(target=over.wait)
    thread.start()
    try:
        with forked(), Local(workers=1).connected() as client:
            assert client.submit(os.getpid).result() != os.getpid()
    finally:
        over.set()
        thread.join()


def test_the_script_of_the_processes_imports_nothing_that_is_not_there() -> None:
    """It is run by its path, before the path of modules is known."""
    script = Path(sys.modules[Local.__module__].__file__ or "").parent / "support" / "process_tree.py"
    code = f"import runpy; runpy.run_path({str(script)!r}, run_name='x'); import sys; print('datagen' in sys.modules)"
    done = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def test_a_scheduler_that_ends_before_it_is_reached_is_told_without_advice_about_certificates(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("datagen.kinds.clusters.support.connect.PATIENCE", "1s")
    started = local_processes._start

    def start_and_kill(settings: Any) -> Any:
        child, message = started(settings)
        scheduler = min(psutil.Process(child.pid).children(), key=lambda one: one.pid)
        scheduler.kill()
        return child, message

    monkeypatch.setattr(local_processes, "_start", start_and_kill)
    with pytest.raises(RunError, match=r"the scheduler of the local cluster has ended: start again$") as told:
        Local(workers=1).connected().__enter__()
    assert "--tls-ca" not in str(told.value)
