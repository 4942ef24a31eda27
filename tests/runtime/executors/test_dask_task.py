from __future__ import annotations

import threading
from contextlib import nullcontext
from types import SimpleNamespace

import pytest
from distributed import Status

from datagen.kinds.stores.local import LocalStore
from datagen.runtime.executors import dask_plugin, dask_task
from datagen.runtime.task import OutputSite, Work
from tests.runtime import fakes


@pytest.fixture
def worker(monkeypatch):
    worker = SimpleNamespace(status=Status.running)
    monkeypatch.setattr(dask_plugin, "get_worker", lambda: worker)
    return worker


@pytest.fixture
def site(tmp_path, monkeypatch, worker):
    monkeypatch.setattr(dask_task, "_secede", nullcontext)
    store = LocalStore(tmp_path)
    store.begin("one")
    store.make_folders(["_run/receipts", "shops", "_truth", "users", "_truth/users", "visits"])
    return OutputSite(store, "one")


class Log:
    """What happens to partitions, in order."""

    def __init__(self, monkeypatch):
        self.entries, self.seen = [], threading.Condition()
        put = LocalStore.put

        def publishes(store, key, file):
            if "receipts" in key:
                self.note("done", int(key[-10:-5]))
            put(store, key, file)

        monkeypatch.setattr(LocalStore, "put", publishes)

    def note(self, what, index):
        with self.seen:
            self.entries.append((what, index))
            self.seen.notify_all()

    def wait(self, what, index):
        with self.seen:
            assert self.seen.wait_for(lambda: (what, index) in self.entries, timeout=60)


def made(log, effect=lambda index: None):
    def make(plan, partition):
        log.note("begins", partition.index)
        yield from fakes.make(plan, partition)
        effect(partition.index)
        log.note("generated", partition.index)

    return make


@pytest.mark.parametrize("number", [1, 2, 5])
def test_partitions_are_generated_one_after_another_and_their_receipts_are_in_their_order(site, monkeypatch, number):
    log, plan = Log(monkeypatch), fakes.plan(users=5000)
    receipts = dask_task.write_partitions(Work(plan, made(log)), site, plan.partitions[:number])
    assert [receipt.partition for receipt in receipts] == list(range(number))
    generation = [entry for entry in log.entries if entry[0] != "done"]
    assert generation == [(what, index) for index in range(number) for what in ("begins", "generated")]


def test_a_partition_is_published_while_the_next_one_is_generated(site, monkeypatch):
    log, plan = Log(monkeypatch), fakes.plan()
    put = LocalStore.put

    def waits(store, key, file):
        index = int(key.rpartition("part-")[2][:5])
        if "receipts" not in key and index < 2:
            log.wait("begins", index + 1)
        put(store, key, file)

    monkeypatch.setattr(LocalStore, "put", waits)
    assert len(dask_task.write_partitions(Work(plan, made(log)), site, plan.partitions[:3])) == 3


@pytest.mark.parametrize("where", [0, 1, 3])
def test_the_first_error_is_raised_and_no_further_partition_is_begun(site, monkeypatch, where):
    def defect(index):
        if index == where:
            raise ValueError("a defect")

    log, plan = Log(monkeypatch), fakes.plan()
    with pytest.raises(ValueError, match="a defect"):
        dask_task.write_partitions(Work(plan, made(log, defect)), site, plan.partitions[:4])
    assert ("begins", where + 1) not in log.entries
    assert [index for what, index in sorted(log.entries) if what == "done"] == list(range(where))
    assert not list(site.store.entries("_run/scratch"))


def test_a_task_whose_worker_leaves_begins_no_further_partition(site, monkeypatch, worker):
    def leaves(index):
        if index == 2:
            worker.status = Status.closing_gracefully

    log, plan = Log(monkeypatch), fakes.plan(users=8000)
    receipts = dask_task.write_partitions(Work(plan, made(log, leaves)), site, plan.partitions[:7])
    assert [receipt.partition for receipt in receipts] == [0, 1, 2]
    assert {index for what, index in log.entries if what == "begins"} == {0, 1, 2}


@pytest.mark.parametrize("number", [1, 2, 5])
def test_a_task_that_takes_too_long_makes_one_partition_at_least(site, monkeypatch, number):
    monkeypatch.setattr(dask_plugin, "MAX_TASK_SECONDS", -1.0)
    log, plan = Log(monkeypatch), fakes.plan(users=5000)
    receipts = dask_task.write_partitions(Work(plan, made(log)), site, plan.partitions[:number])
    assert [receipt.partition for receipt in receipts] == [0]
    assert dask_plugin.MapPartitions(str)(range(number)) == ["0"]


def test_a_worker_that_ends_waits_for_no_thread_of_a_task(site, monkeypatch):
    """The store may never answer."""
    others, here = [], threading.current_thread()

    def note(_index):
        if threading.current_thread() is not here:
            others.append(threading.current_thread().daemon)

    log, plan = Log(monkeypatch), fakes.plan(users=5000)
    dask_task.write_partitions(Work(plan, made(log, note)), site, plan.partitions[:5])
    assert others == [True] * 4
