"""A run as on a cluster: scheduler and workers as processes of Dask's own commands, with mutual TLS, on this machine's
loopback.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from distributed.security import Security

import datagen
from datagen.errors import RunError
from datagen.kinds.clusters.address import Address
from datagen.kinds.clusters.base import Adaptive
from datagen.kinds.clusters.dask import Dask
from datagen.runtime.events import Event, PartitionDone, WorkersChanged
from datagen.runtime.executors.dask import DaskExecutor
from datagen.runtime.run import execute
from datagen.runtime.task import Work
from tests.runtime import fakes
from tests.runtime.folders import hashes

pytestmark = pytest.mark.integration

ROOT = Path(__file__).parents[2]
SHOP = ROOT / "examples" / "shop.json"
PATIENCE = 900
"""Seconds for a run, also on a machine with much else to do."""
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT), "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "10"}


class Processes:
    """What a test started; ended by their numbers."""

    def __init__(self, folder: Path, files: dict[str, Path]) -> None:
        self.folder, self.running = folder, list[subprocess.Popen[bytes]]()
        self.tls = [f"--tls-ca-file={files['ca']}", f"--tls-cert={files['cert']}", f"--tls-key={files['key']}"]
        self.address = ""

    def start(self, *words: str) -> subprocess.Popen[bytes]:
        silent = subprocess.DEVNULL
        started = subprocess.Popen(
            [sys.executable, *words], env=ENVIRONMENT, stdout=silent, stderr=silent, cwd=self.folder
        )
        self.running.append(started)
        return started

    def scheduler(self) -> None:
        file = self.folder / "scheduler.json"
        where = ["--protocol=tls", "--host=tls://127.0.0.1:0", "--no-dashboard", f"--scheduler-file={file}"]
        self.start("-m", "distributed.cli.dask_scheduler", *where, *self.tls)
        until = time.monotonic() + PATIENCE
        while not self.address and time.monotonic() < until:
            time.sleep(0.1)
            if file.exists() and file.stat().st_size:
                import json

                self.address = json.loads(file.read_text())["address"]

    def worker(self, *options: str) -> subprocess.Popen[bytes]:
        where = [
            self.address,
            *options,
            "--host=127.0.0.1",
            "--nthreads=1",
            "--no-nanny",
            "--no-dashboard",
            f"--local-directory={self.folder}",
        ]
        return self.start("-m", "distributed.cli.dask_worker", *where, *self.tls)

    def end(self) -> None:
        for process in self.running:
            process.kill()  # a stopped one, too
            process.wait()


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[tuple[Processes, dict[str, Path]]]:
    security = Security.temporary()
    texts = {"ca": security.tls_ca_file, "cert": security.tls_client_cert, "key": security.tls_client_key}
    files = {name: tmp_path / f"{name}.pem" for name in texts}
    for name, file in files.items():
        file.write_text(str(texts[name]))
        file.chmod(0o600)
    processes = Processes(tmp_path, files)
    try:
        processes.scheduler()
        yield processes, files
    finally:
        processes.end()


def test_a_run_over_tls_survives_a_worker_that_dies_and_one_that_joins_late(
    cluster: tuple[Processes, dict[str, Path]], tmp_path: Path
) -> None:
    processes, files = cluster
    first = processes.worker()
    out = tmp_path / "out"
    words = ["generate", str(SHOP), "--out", str(out), "--cluster", processes.address, "--partition-rows", "30000"]
    tls = [word for name in files for word in (f"--tls-{name}", str(files[name]))]
    run = processes.start("-c", "from datagen.cli import main; main()", *words, *tls)
    receipts, until = out / "_run" / "receipts", time.monotonic() + PATIENCE
    while len(list(receipts.glob("*"))) < 3 and time.monotonic() < until:
        assert run.poll() is None
        time.sleep(0.05)
    first.send_signal(signal.SIGKILL)
    processes.worker()
    assert run.wait(PATIENCE) == 0
    assert datagen.fingerprint(out) == datagen.fingerprint(SHOP)
    assert not list(out.glob("_run/tmp/*"))


def work(wait: float = 0, users: int = 30_000) -> Work:
    return Work(fakes.plan(users=users, wait=wait), fakes.make)


def whole(folder: Path, users: int = 30_000) -> dict[str, str]:
    """The files of a run that nothing disturbs."""
    execute(work(users=users), folder)
    return hashes(folder)


def test_workers_with_a_lifetime_and_preempted_ones_leave_a_run_that_loses_nothing(
    cluster: tuple[Processes, dict[str, Path]], tmp_path: Path
) -> None:
    """While one worker stays, one leaves at the end of its lifetime and one is told to go, in the middle of the run."""
    processes, files = cluster
    processes.worker()
    leaving = [processes.worker("--lifetime=1s", "--lifetime-stagger=0s")]
    done = list[int]()

    def replace(event: Event) -> None:
        if isinstance(event, PartitionDone):
            done.append(event.index)
            if len(done) == 2:
                assert leaving[-1].wait(PATIENCE) == 0
                leaving.append(processes.worker())
            if len(done) == 8:
                leaving[-1].terminate()  # as when a spot node is taken back
                leaving[-1].wait(PATIENCE)
                processes.worker()

    place = Address(address=processes.address, **{f"tls_{name}": str(file) for name, file in files.items()})
    execute(work(wait=0.1), tmp_path / "out", DaskExecutor(place), on_event=replace)
    assert len(leaving) == 2 and sorted(done) == list(range(31))
    assert hashes(tmp_path / "out") == whole(tmp_path / "whole")


@pytest.mark.slow
def test_a_run_on_workers_that_all_come_and_go_is_the_same(
    cluster: tuple[Processes, dict[str, Path]], tmp_path: Path
) -> None:
    """Two workers are replaced at the end of their lifetimes, until the run is over. Each lives twice as long as its
    predecessor, so that the run gets on however slow the machine is.
    """
    processes, files = cluster
    over, started = threading.Event(), list[subprocess.Popen[bytes]]()

    def keep() -> None:
        seconds = 2
        while not over.is_set():
            worker = processes.worker(f"--lifetime={seconds}s", "--lifetime-stagger=0s")
            started.append(worker)
            worker.wait()
            seconds *= 2

    keepers = [threading.Thread(target=keep) for _ in range(2)]
    for keeper in keepers:
        keeper.start()
    place = Address(address=processes.address, **{f"tls_{name}": str(file) for name, file in files.items()})
    try:
        execute(work(wait=0.1, users=100_000), tmp_path / "out", DaskExecutor(place))
    finally:
        over.set()
        for worker in started:
            worker.kill()
        for keeper in keepers:
            keeper.join()
    assert len(started) >= 4
    assert hashes(tmp_path / "out") == whole(tmp_path / "whole", users=100_000)


@pytest.mark.slow
def test_adaptive_scaling_of_a_cluster_class_by_name_loses_nothing(tmp_path: Path) -> None:
    """From one worker to four and back: tasks look long to the scheduler first, and end with the run."""
    arguments = {"n_workers": 0, "threads_per_worker": 1, "host": "127.0.0.1", "dashboard_address": None}
    place = Dask(cluster="distributed.LocalCluster", arguments=arguments, adaptive=Adaptive(minimum=1, maximum=4))
    numbers = set[int]()

    def count(event: Event) -> None:
        if isinstance(event, WorkersChanged):
            numbers.add(event.workers)

    execute(work(wait=0.5, users=60_000), tmp_path / "out", DaskExecutor(place), on_event=count)
    assert max(numbers) >= 2
    assert hashes(tmp_path / "out") == whole(tmp_path / "whole", users=60_000)


def test_a_client_without_the_certificate_is_refused(
    cluster: tuple[Processes, dict[str, Path]], monkeypatch: pytest.MonkeyPatch
) -> None:
    processes, _ = cluster
    monkeypatch.setattr("datagen.kinds.clusters.support.connect.PATIENCE", "3s")
    assert processes.address.startswith("tls://127.0.0.1:")
    for address in (processes.address, processes.address.replace("tls://", "tcp://")):
        with pytest.raises(RunError, match="no Dask scheduler answers at"):
            Address(address=address).reach()
