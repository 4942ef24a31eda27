"""A run as on a cluster: scheduler and workers as processes of Dask's own commands, with mutual TLS, on this machine's
loopback.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from distributed.security import Security

import datagen
from datagen.errors import RunError
from datagen.kinds.clusters.address import Address

ROOT = Path(__file__).parents[2]
SHOP = ROOT / "examples" / "shop.json"
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
        until = time.monotonic() + 240
        while not self.address and time.monotonic() < until:
            time.sleep(0.1)
            if file.exists() and file.stat().st_size:
                import json

                self.address = json.loads(file.read_text())["address"]

    def worker(self) -> subprocess.Popen[bytes]:
        where = [
            self.address,
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
            process.wait(60)


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
    receipts, until = out / "_run" / "receipts", time.monotonic() + 240
    while len(list(receipts.glob("*"))) < 3 and time.monotonic() < until:
        assert run.poll() is None
        time.sleep(0.05)
    first.send_signal(signal.SIGKILL)
    processes.worker()
    assert run.wait(240) == 0
    assert datagen.fingerprint(out) == datagen.fingerprint(SHOP)
    assert not list(out.glob("_run/tmp/*"))


def test_a_client_without_the_certificate_is_refused(
    cluster: tuple[Processes, dict[str, Path]], monkeypatch: pytest.MonkeyPatch
) -> None:
    processes, _ = cluster
    monkeypatch.setattr("datagen.kinds.clusters.support.connect.PATIENCE", "3s")
    assert processes.address.startswith("tls://127.0.0.1:")
    for address in (processes.address, processes.address.replace("tls://", "tcp://")):
        with pytest.raises(RunError, match="no Dask scheduler answers at"):
            Address(address=address).reach()
