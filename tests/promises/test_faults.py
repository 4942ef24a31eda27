"""Faults on real processes at random moments of a run: its bytes are those of a run that was left alone.

A seed draws what is hit (a worker, the driver, the scheduler, the object store), where the run writes (a folder or an
object store) and when the fault comes (at some moment, or after some partitions).
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from tests.promises.faults import BUCKET, Cluster, alive, cluster, kill, wait_for
from tests.runtime.folders import hashes

pytestmark = pytest.mark.integration

pytest.importorskip("s3fs")
boto3 = pytest.importorskip("boto3")

DOCUMENT = {
    "datagen": 1,
    "name": "faults",
    "seed": 11,
    "window": {"start": "2024-01-01", "end": "2024-07-01"},
    "tables": {
        "users": {
            "rows": {"type": "arrivals", "count": 220},
            "columns": {
                "user_id": {"type": "key"},
                "joined_at": {"type": "arrival_time"},
                "plan": {"type": "choice", "values": {"free": 7, "paid": 3}},
            },
        },
        "events": {
            "parent": "users",
            "rows": {"type": "events", "mean_per_month": 4},
            "columns": {
                "event_id": {"type": "key"},
                "user_id": {"type": "parent_key"},
                "at": {"type": "event_time"},
                "amount": {"type": "lognormal", "median": 10, "sigma": 1, "decimals": 2},
            },
        },
    },
}
ATTEMPTS = 6
"""How often a run is started, at most, until it is complete."""


class Suite:
    """Runs with a fault each, on one cluster, with the counts of what was done to them.

    `shared` counts the faults at whose time a worker made a task of several partitions.
    """

    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster
        self.document = cluster.folder / "faults.json"
        self.document.write_text(json.dumps(DOCUMENT))
        self.counts = Counter[str]()
        self.resumed = self.too_late = self.shared = 0
        self.whole: dict[bool, dict[str, str]] = {}
        self.seconds: dict[bool, float] = {}
        self._s3 = boto3.client(
            "s3",
            endpoint_url=cluster.store.url,
            aws_access_key_id="x",
            aws_secret_access_key="x",
            region_name="us-east-1",
        )
        self._s3.create_bucket(Bucket=BUCKET)
        for remote in (False, True):
            self._undisturbed(remote)

    def _undisturbed(self, remote: bool) -> None:
        out = self._place("whole", remote)
        began = time.monotonic()
        driver = self.cluster.generate(self.document, out)
        driver.join(240)
        assert driver.exitcode == 0, driver.log.read_text()
        self.seconds[remote] = time.monotonic() - began
        self.whole[remote] = self.contents(out)
        self.partitions = sum(name.startswith("_run/receipts/") for name in self.whole[remote])

    def _place(self, name: str, remote: bool) -> Path | str:
        return f"s3://{BUCKET}/{name}" if remote else self.cluster.folder / name

    def contents(self, out: Path | str) -> dict[str, str]:
        """The SHA-256 of every file below an output, whatever it is."""
        if isinstance(out, Path):
            return hashes(out)
        prefix = out.removeprefix(f"s3://{BUCKET}/") + "/"
        pages = self._s3.get_paginator("list_objects_v2").paginate(Bucket=BUCKET, Prefix=prefix)
        keys = [one["Key"] for page in pages for one in page.get("Contents", ())]
        read = {key: self._s3.get_object(Bucket=BUCKET, Key=key)["Body"].read() for key in keys}
        return {key.removeprefix(prefix): hashlib.sha256(text).hexdigest() for key, text in read.items()}

    def receipts(self, out: Path | str) -> int:
        if isinstance(out, Path):
            return len(list((out / "_run" / "receipts").glob("*.json")))
        path = f"/{out.removeprefix('s3://')}/_run/receipts/"
        return len({key for method, key in list(self.cluster.store.seen) if method == "PUT" and key.startswith(path)})

    def run(self, seed: int, name: str = "") -> None:
        """One run with one fault, drawn unless it is named, and as many starts as the run needs."""
        draw = random.Random(seed)
        name = name or draw.choices(list(FAULTS), WEIGHTS)[0]
        remote = name.startswith("store") or draw.random() < 0.3
        out = self._place(f"run-{seed}", remote)
        self.cluster.mend()
        self.cluster.store.seen.clear()
        driver = self.cluster.generate(self.document, out)
        self._moment(draw, driver, out, remote)
        shared = self.cluster.largest_task() > 1
        in_time = FAULTS[name](self.cluster, driver, draw)
        codes = self._finish(driver, out)
        self.counts[name] += in_time
        self.shared += in_time and shared
        self.too_late += not in_time
        self.resumed += len(codes) > 1
        assert codes[-1] == 0 and set(codes[:-1]) <= CODES[name], (seed, name, codes, driver.log.read_text())
        self.cluster.store.until = 0.0
        assert self.contents(out) == self.whole[remote], (seed, name)
        self.cluster.store.forget(f"/{BUCKET}/")
        print(self.summary(), flush=True)

    def summary(self) -> str:
        counts = ", ".join(f"{name} {self.counts[name]}" for name in FAULTS)
        ends = f"{self.resumed} runs resumed, {self.too_late} ended before"
        return f"{self.counts.total()} faults ({counts}), {self.shared} in tasks of several partitions; {ends}"

    def _moment(self, draw: random.Random, driver: Any, out: Path | str, remote: bool) -> None:
        """Wait for the moment of the fault: uniform over the time that a run takes, or after some partitions."""
        if draw.random() < 0.5:
            time.sleep(draw.uniform(0, self.seconds[remote]))
        else:
            partitions = draw.randrange(self.partitions - 1)
            wait_for(lambda: self.receipts(out) >= partitions or not alive(driver), 30)

    def _finish(self, driver: Any, out: Path | str) -> list[int]:
        """Start the run again until it is complete; the exit codes of its drivers."""
        codes: list[int] = []
        while True:
            driver.join(240)
            assert not alive(driver), "the driver hangs"
            codes.append(driver.exitcode)
            assert "Traceback" not in driver.log.read_text(), driver.log.read_text()
            if codes[-1] == 0 or len(codes) == ATTEMPTS:
                return codes
            self.cluster.mend()
            driver = self.cluster.generate(self.document, out)


def worker_killed(cluster: Cluster, driver: Any, draw: random.Random) -> bool:
    in_time = alive(driver)
    kill(draw.choice(cluster.workers))
    time.sleep(draw.uniform(0, 0.3))
    cluster.mend()
    return in_time


def worker_stopped(cluster: Cluster, driver: Any, draw: random.Random) -> bool:
    worker, in_time = draw.choice(cluster.workers), alive(driver)
    os.kill(worker.pid, signal.SIGSTOP)
    time.sleep(draw.uniform(0.1, 1.0))
    os.kill(worker.pid, signal.SIGCONT)
    return in_time


def driver_killed(_cluster: Cluster, driver: Any, _draw: random.Random) -> bool:
    in_time = alive(driver)
    kill(driver)
    return in_time


def driver_terminated(_cluster: Cluster, driver: Any, _draw: random.Random) -> bool:
    in_time = alive(driver)
    driver.terminate()
    return in_time


def scheduler_killed(cluster: Cluster, driver: Any, draw: random.Random) -> bool:
    in_time = alive(driver)
    kill(cluster.scheduler)
    time.sleep(draw.uniform(0, 0.5))
    cluster.mend()
    return in_time


def store_cuts(cluster: Cluster, driver: Any, draw: random.Random) -> bool:
    return _broken_store(cluster, driver, draw, "cut")


def store_throttles(cluster: Cluster, driver: Any, draw: random.Random) -> bool:
    return _broken_store(cluster, driver, draw, "slow")


def store_loses_answers(cluster: Cluster, driver: Any, draw: random.Random) -> bool:
    return _broken_store(cluster, driver, draw, "lost")


def _broken_store(cluster: Cluster, driver: Any, draw: random.Random, kind: str) -> bool:
    before = cluster.store.failed
    cluster.store.break_for(draw.uniform(0.1, 0.5), kind, draw.uniform(0.3, 1.0))
    wait_for(lambda: cluster.store.failed > before or not alive(driver), 2)
    return cluster.store.failed > before


def store_killed(cluster: Cluster, driver: Any, draw: random.Random) -> bool:
    """In the middle of an upload; a new one has what was written before."""
    before = cluster.store.failed
    cluster.store.in_upload = partial(kill, cluster.moto)
    wait_for(lambda: cluster.store.failed > before or not alive(driver), 10)
    cluster.store.in_upload = None
    time.sleep(draw.uniform(0, 0.3))
    cluster.mend()
    return cluster.store.failed > before


FAULTS = {
    "worker killed": worker_killed,
    "worker stopped": worker_stopped,
    "driver killed": driver_killed,
    "driver terminated": driver_terminated,
    "scheduler killed": scheduler_killed,
    "store cuts": store_cuts,
    "store throttles": store_throttles,
    "store loses answers": store_loses_answers,
    "store killed": store_killed,
}
WEIGHTS = (5, 3, 5, 3, 3, 2, 2, 2, 2)
CODES: dict[str, set[int]] = {
    **{name: set() for name in FAULTS},
    "driver killed": {-signal.SIGKILL},
    "driver terminated": {-signal.SIGTERM, 128 + signal.SIGTERM},
    "scheduler killed": {1},
}
"""The exit codes that a fault may give a run before it is resumed: only the loss of the driver or the scheduler ends
one.
"""


@pytest.fixture
def suite(tmp_path: Path) -> Iterator[Suite]:
    with cluster(tmp_path) as made:
        yield Suite(made)


def strike(suite: Suite, faults: int, names: Sequence[str], seed: int) -> None:
    """Runs with a fault each, until so many came in time. The names of the faults are taken in turn, "" is drawn."""
    for number in count():
        if suite.counts.total() >= faults:
            break
        suite.run(seed + number, names[number % len(names)])


def test_ten_random_faults_change_no_byte(suite: Suite) -> None:
    strike(suite, 10, [*FAULTS, ""], seed=0)
    assert suite.resumed >= 1 and suite.shared >= 1


@pytest.mark.slow
def test_two_hundred_random_faults_change_no_byte(suite: Suite) -> None:
    strike(suite, 200, [""], seed=1000)
    assert set(suite.counts) == set(FAULTS)
    assert suite.shared >= 50
