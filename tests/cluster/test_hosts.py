"""A run over three hosts: network namespaces with addresses of their own, joined by a bridge; workers are killed,
stopped and cut off.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import datagen

ROOT = Path(__file__).parents[2]
SHOP = ROOT / "examples" / "shop.json"
ENVIRONMENT = {
    **os.environ,
    "PYTHONPATH": str(ROOT),
    "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "10",
    "DASK_DISTRIBUTED__COMM__TIMEOUTS__TCP": "12s",
}
PREFIX = f"dg{os.getpid() % 10_000}"


def ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True)


def namespaces_work() -> bool:
    if shutil.which("ip") is None or os.getuid() != 0:
        return False
    try:
        ip("netns", "add", f"{PREFIX}probe")
        ip("netns", "del", f"{PREFIX}probe")
    except subprocess.CalledProcessError:
        return False
    return True


pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not namespaces_work(), reason="network namespaces need root and iproute2"),
]


class Hosts:
    """Three namespaces, 10.213.0.1 to 10.213.0.3, joined by a bridge in a fourth; nothing leads out of them."""

    def __init__(self) -> None:
        self.running: list[subprocess.Popen[bytes]] = []
        self.switch = f"{PREFIX}sw"
        self.names = [f"{PREFIX}h{number}" for number in (1, 2, 3)]
        ip("netns", "add", self.switch)
        ip("-n", self.switch, "link", "add", "br0", "type", "bridge")
        ip("-n", self.switch, "link", "set", "br0", "up")
        for number, name in enumerate(self.names, 1):
            ip("netns", "add", name)
            ip("-n", self.switch, "link", "add", f"v{number}", "type", "veth", "peer", "name", "eth0", "netns", name)
            ip("-n", self.switch, "link", "set", f"v{number}", "master", "br0", "up")
            ip("-n", name, "addr", "add", f"10.213.0.{number}/24", "dev", "eth0")
            ip("-n", name, "link", "set", "eth0", "up")
            ip("-n", name, "link", "set", "lo", "up")

    def start(self, host: int, *words: str) -> subprocess.Popen[bytes]:
        command = ["ip", "netns", "exec", self.names[host - 1], sys.executable, *words]  # exec: the process itself
        silent = subprocess.DEVNULL
        process = subprocess.Popen(command, env=ENVIRONMENT, stdout=silent, stderr=silent)
        self.running.append(process)
        return process

    def link(self, host: int, state: str) -> None:
        ip("-n", self.switch, "link", "set", f"v{host}", state)

    def end(self) -> None:
        for process in self.running:
            process.kill()
            process.wait(10)
        for name in (*self.names, self.switch):
            subprocess.run(["ip", "netns", "del", name], check=False, capture_output=True)


@pytest.fixture
def hosts() -> Iterator[Hosts]:
    made = Hosts()
    try:
        yield made
    finally:
        made.end()


def worker(hosts: Hosts, host: int, folder: Path) -> subprocess.Popen[bytes]:
    where = ["tcp://10.213.0.1:8786", f"--host=10.213.0.{host}", "--nthreads=1", "--no-nanny", "--no-dashboard"]
    return hosts.start(host, "-m", "distributed.cli.dask_worker", *where, f"--local-directory={folder}")


@pytest.mark.parametrize("disturbance", ["killed", "stopped", "cut off", "cut off and back"])
def test_a_disturbed_worker_changes_no_byte_of_the_data(hosts: Hosts, tmp_path: Path, disturbance: str) -> None:
    hosts.start(1, "-m", "distributed.cli.dask_scheduler", "--host=10.213.0.1", "--port=8786", "--no-dashboard")
    time.sleep(2)
    victim, _ = worker(hosts, 2, tmp_path), worker(hosts, 3, tmp_path)
    out = tmp_path / "out"
    words = [
        "generate",
        str(SHOP),
        "--out",
        str(out),
        "--cluster",
        "tcp://10.213.0.1:8786",
        "--partition-rows",
        "20000",
    ]
    run = hosts.start(1, "-c", "from datagen.cli import main; main()", *words)
    receipts, until = out / "_run" / "receipts", time.monotonic() + 90
    while len(list(receipts.glob("*"))) < 3 and time.monotonic() < until:
        assert run.poll() is None
        time.sleep(0.02)
    if disturbance == "killed":
        victim.send_signal(signal.SIGKILL)
    elif disturbance == "stopped":
        victim.send_signal(signal.SIGSTOP)
    else:
        hosts.link(2, "down")
    if disturbance == "cut off and back":
        time.sleep(10)
        hosts.link(2, "up")
    assert run.wait(240) == 0
    assert datagen.fingerprint(out) == datagen.fingerprint(SHOP)
    parts = sorted(path.name for path in (out / "orders").iterdir())
    assert len(parts) == len(datagen.Dataset(out)["orders"].files)
