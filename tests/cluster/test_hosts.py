"""A run over three hosts: network namespaces with addresses of their own, joined by a bridge. Workers are killed,
stopped and cut off; the driver and the scheduler are killed.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq
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
PATIENCE = 900
"""Seconds for a run, also on a machine with much else to do."""
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
    pytest.mark.integration,
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

    def start(self, host: int, *words: str, hidden: Path | None = None, **environment: str) -> subprocess.Popen[bytes]:
        """A Python process on a host. It sees an empty folder in place of `hidden`, which is of another host."""
        command = ["ip", "netns", "exec", self.names[host - 1], sys.executable, *words]  # exec: the process itself
        if hidden is not None:
            hide = f'mount -t tmpfs none {hidden} && exec "$@"'
            command = ["ip", "netns", "exec", self.names[host - 1], "sh", "-c", hide, "sh", sys.executable, *words]
        silent = subprocess.DEVNULL
        process = subprocess.Popen(command, env={**ENVIRONMENT, **environment}, stdout=silent, stderr=silent)
        self.running.append(process)
        return process

    def link(self, host: int, state: str) -> None:
        ip("-n", self.switch, "link", "set", f"v{host}", state)

    def end(self) -> None:
        for process in self.running:
            process.kill()
            process.wait()
        for name in (*self.names, self.switch):
            subprocess.run(["ip", "netns", "del", name], check=False, capture_output=True)


@pytest.fixture
def hosts() -> Iterator[Hosts]:
    made = Hosts()
    try:
        yield made
    finally:
        made.end()


ADDRESS = "tcp://10.213.0.1:8786"
MAIN = "from datagen.cli import main; main()"


def scheduler(hosts: Hosts) -> subprocess.Popen[bytes]:
    where = ["--host=10.213.0.1", "--port=8786", "--no-dashboard"]
    return hosts.start(1, "-m", "distributed.cli.dask_scheduler", *where)


def worker(hosts: Hosts, host: int, hidden: Path | None = None, **environment: str) -> subprocess.Popen[bytes]:
    """A worker that outlives its scheduler."""
    return hosts.start(host, "-c", MAIN, "worker", ADDRESS, "--wait", str(PATIENCE), hidden=hidden, **environment)


def generate(hosts: Hosts, out: Path, *words: str) -> subprocess.Popen[bytes]:
    place = ["--out", str(out), "--cluster", ADDRESS, "--partition-rows", "20000"]
    return hosts.start(1, "-c", MAIN, "generate", str(SHOP), *place, *words)


def wait_for_receipts(run: subprocess.Popen[bytes], out: Path, number: int) -> None:
    receipts, until = out / "_run" / "receipts", time.monotonic() + PATIENCE
    while len(list(receipts.glob("*"))) < number and time.monotonic() < until:
        assert run.poll() is None
        time.sleep(0.02)


def assert_undisturbed(out: Path) -> None:
    """The data is that of a run that was left alone, and no file is there twice or in part."""
    assert datagen.fingerprint(out) == datagen.fingerprint(SHOP)
    parts = sorted(path.name for path in (out / "orders").iterdir())
    assert len(parts) == len(datagen.Dataset(out)["orders"].files)
    assert not list(out.glob("_run/tmp/*"))


@pytest.mark.parametrize("disturbance", ["killed", "stopped", "cut off", "cut off and back"])
def test_a_disturbed_worker_changes_no_byte_of_the_data(hosts: Hosts, tmp_path: Path, disturbance: str) -> None:
    scheduler(hosts)
    victim, _ = worker(hosts, 2), worker(hosts, 3)
    out = tmp_path / "out"
    run = generate(hosts, out)
    wait_for_receipts(run, out, 3)
    if disturbance == "killed":
        victim.send_signal(signal.SIGKILL)
    elif disturbance == "stopped":
        victim.send_signal(signal.SIGSTOP)
    else:
        hosts.link(2, "down")
    if disturbance == "cut off and back":
        time.sleep(10)
        hosts.link(2, "up")
    assert run.wait(PATIENCE) == 0
    assert_undisturbed(out)


@pytest.mark.parametrize("part", ["scheduler", "driver"])
def test_a_run_that_lost_its_scheduler_or_its_driver_is_resumed_to_the_same_data(
    hosts: Hosts, tmp_path: Path, part: str
) -> None:
    lost = scheduler(hosts)
    worker(hosts, 2), worker(hosts, 3)
    out = tmp_path / "out"
    run = generate(hosts, out)
    wait_for_receipts(run, out, 3)
    (lost if part == "scheduler" else run).send_signal(signal.SIGKILL)
    if part == "scheduler":
        lost.wait()
        scheduler(hosts)
    assert run.wait(PATIENCE) == (1 if part == "scheduler" else -signal.SIGKILL)
    assert not (out / "_SUCCESS").exists()
    assert generate(hosts, out, "--resume").wait(PATIENCE) == 0
    assert_undisturbed(out)


SMALL_SLICES = """
from datagen.validation.slicing import external
external.is_large.__defaults__ = external.shared.__defaults__ = (50_000,)
"""


def test_a_validation_reads_data_of_others_where_it_lies_and_every_host_takes_part(
    hosts: Hosts, tmp_path: Path
) -> None:
    """The workers see an empty folder in place of the driver's temporary folder. Each divides the data into a folder
    of its own, which is removed in the end.
    """
    made, data, own = datagen.generate(SHOP, tmp_path / "out"), tmp_path / "data", tmp_path / "driver"
    for folder in (data, own, tmp_path / "2", tmp_path / "3"):
        folder.mkdir()
    for name in made.manifest.tables:
        pq.write_table(made[name].to_arrow(), data / f"{name}.parquet")
    scheduler(hosts)
    for host in (2, 3):
        worker(hosts, host, hidden=own, TMPDIR=str(tmp_path / str(host)))
    words = ["validate", str(SHOP), "--data", str(data), "--cluster", ADDRESS, "--json", str(tmp_path / "report.json")]
    run = hosts.start(1, "-c", SMALL_SLICES + MAIN, *words, TMPDIR=str(own))
    divided = set[str]()
    while run.poll() is None:
        divided |= {path.parent.name for path in tmp_path.glob("[23]/datagen-validate-*")}
        time.sleep(0.02)
    assert run.returncode == 0
    assert json.loads((tmp_path / "report.json").read_text())["rows"] == {
        name: made[name].rows for name in made.manifest.tables
    }
    assert divided == {"2", "3"}
    assert not list(tmp_path.glob("*/datagen-validate-*"))
