from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from functools import partial
from pathlib import Path

import pytest
from distributed import Client, LocalCluster, get_worker
from distributed.comm import CommClosedError

import datagen
from datagen.errors import RunError
from datagen.kinds.clusters import local
from datagen.kinds.clusters.address import Address
from datagen.kinds.clusters.local import Local
from datagen.kinds.clusters.support import local_processes
from datagen.kinds.stores.local import LocalStore
from datagen.runtime.dataset import Dataset
from datagen.runtime.events import Counting, Event, PartitionDone, PartitionRetried
from datagen.runtime.executors import dask_plugin
from datagen.runtime.executors.dask import DaskExecutor
from datagen.runtime.executors.dask_task import write_partitions
from datagen.runtime.executors.local import LocalExecutor
from datagen.runtime.run import execute
from datagen.runtime.task import OutputSite, Work
from tests.promises.documents import staff
from tests.runtime import fakes
from tests.runtime.folders import hashes

pytestmark = pytest.mark.integration

ALONE = {
    "threads_per_worker": 1,
    "host": "127.0.0.1",
    "dashboard_address": None,
    "scheduler_kwargs": {"dashboard_address": "127.0.0.1:0"},
    "silence_logs": 50,
}


def work(**options):
    return Work(fakes.plan(**options), fakes.make)


@pytest.fixture(scope="module")
def cluster():
    with LocalCluster(n_workers=2, **{**ALONE, "threads_per_worker": 2}) as cluster:
        yield cluster


@pytest.fixture
def client(cluster):
    with Client(cluster, set_as_default=False) as client:
        yield client


@pytest.fixture
def whole(tmp_path):
    execute(work(), tmp_path / "whole")
    return hashes(tmp_path / "whole")


def test_a_worker_whose_threads_do_not_fit_is_refused(tmp_path):
    """A task takes the memory of the plan, and each thread of a worker carries out one."""
    options = {**ALONE, "threads_per_worker": 2}
    with (
        LocalCluster(n_workers=1, memory_limit=10**9, **options) as cluster,
        Client(cluster, set_as_default=False) as client,
    ):
        runner = DaskExecutor(client=client)
        with pytest.raises(RunError, match=r"has 2 threads and .* runs a task of .*: start it with --nthreads 1"):
            execute(work(memory=6 * 10**8), tmp_path / "much", runner)
        with pytest.raises(RunError, match=r"start it with at least"):
            execute(work(memory=2 * 10**9), tmp_path / "more", runner)
        execute(work(memory=5 * 10**8), tmp_path / "out", runner)
    assert (tmp_path / "out" / "_SUCCESS").exists()


def test_the_number_of_workers_changes_no_byte(tmp_path, whole):
    execute(work(), tmp_path / "out", DaskExecutor(Local(workers=3)))
    assert hashes(tmp_path / "out") == whole


def test_a_running_cluster_is_used_by_address_and_left_running(tmp_path, whole, cluster, client):
    execute(work(), tmp_path / "out", DaskExecutor(Address(address=cluster.scheduler_address)))
    assert hashes(tmp_path / "out") == whole
    assert len(client.nthreads()) == 2


def test_a_client_is_used_and_left_open_with_nothing_of_ours_in_it(tmp_path, whole, client):
    execute(work(), tmp_path / "out", DaskExecutor(client=client))
    assert hashes(tmp_path / "out") == whole
    assert client.status == "running"
    assert not any(client.run(lambda dask_worker: [n for n in dask_worker.plugins if n.startswith("datagen")]).values())


def test_more_partitions_than_the_window_holds(tmp_path, client):
    execute(work(users=20_000, size=200), tmp_path / "out", DaskExecutor(client=client))
    assert len(Dataset(tmp_path / "out").manifest.tables["users"].files) == 100


def test_partitions_that_a_task_has_no_time_for_are_made_by_others(tmp_path, monkeypatch):
    """Tasks of several partitions make the first one only."""
    monkeypatch.setattr("datagen.runtime.executors.dask_plugin.MAX_TASK_SECONDS", -1.0)
    options, done = {"users": 4000, "size": 100, "id": "same"}, []
    with (
        LocalCluster(n_workers=2, processes=False, protocol="tcp://", **ALONE) as cluster,
        Client(cluster, set_as_default=False) as client,
    ):
        execute(work(**options), tmp_path / "out", DaskExecutor(client=client), on_event=done.append)
    assert sorted(event.index for event in done if isinstance(event, PartitionDone)) == list(range(41))
    assert not any(isinstance(event, PartitionRetried) for event in done)
    execute(work(**options), tmp_path / "whole")
    assert hashes(tmp_path / "out") == hashes(tmp_path / "whole")


BEGUN = threading.Event()


def second_begins(plan, partition):
    if partition.index == 1:
        BEGUN.set()
    yield from fakes.make(plan, partition)


def test_a_worker_generates_the_next_partition_while_it_publishes_one(tmp_path, monkeypatch, whole):
    BEGUN.clear()
    put, waited = LocalStore.put, []

    def waits(store, key, file):
        if "part-00000" in key:
            waited.append(BEGUN.wait(10))
        put(store, key, file)

    monkeypatch.setattr(LocalStore, "put", waits)
    with (
        LocalCluster(n_workers=1, processes=False, protocol="tcp://", **ALONE) as cluster,
        Client(cluster, set_as_default=False) as client,
    ):
        execute(Work(fakes.plan(), second_begins), tmp_path / "out", DaskExecutor(client=client))
    assert waited and all(waited)
    assert hashes(tmp_path / "out") == whole


def ends_when_its_worker_leaves(plan, partition):
    executor = get_worker().executors["default"]
    BEGUN.set()
    while not executor._shutdown:
        time.sleep(0.01)
    yield from fakes.make(plan, partition)


def test_a_worker_that_leaves_does_not_wait_for_a_thread_that_waits_for_it(tmp_path):
    """Its task is published, and the worker is gone long before Dask would give up its thread."""
    BEGUN.clear()
    with (
        LocalCluster(n_workers=1, processes=False, protocol="tcp://", **ALONE) as cluster,
        Client(cluster, set_as_default=False) as client,
    ):
        store = LocalStore(tmp_path)
        store.begin("one")
        store.make_folders(["_run/receipts", "shops", "_truth", "users", "_truth/users", "visits"])
        plan, (worker,) = fakes.plan(), cluster.workers.values()
        task = partial(write_partitions, Work(plan, ends_when_its_worker_leaves), OutputSite(store, "one"))
        future = client.submit(task, plan.partitions[:1])
        assert BEGUN.wait(60)
        began = time.monotonic()
        client.sync(worker.close, timeout=60)
        assert time.monotonic() - began < 60
        assert store.entry("_run/receipts/part-00000.json")
        future.cancel()


def test_a_worker_that_joins_late_is_given_the_plan(tmp_path):
    """The only worker is sent away after the first partition: all others are made by one that came later."""
    with LocalCluster(n_workers=1, **ALONE) as cluster, Client(cluster, set_as_default=False) as client:
        reported = []

        def relieve(event):
            reported.append(event)
            if len(reported) == 2:
                first = list(client.nthreads())
                cluster.scale(2)
                client.wait_for_workers(2, timeout=240)
                client.retire_workers(first)

        finished = execute(work(users=30_000), tmp_path / "out", DaskExecutor(client=client), on_event=relieve)
    assert finished.rows == 59_010


def test_a_scheduler_that_goes_away_ends_the_run_with_a_word(tmp_path):
    with LocalCluster(n_workers=1, **ALONE) as cluster:

        def pull_the_plug(event):
            if isinstance(event, PartitionDone):
                cluster.close()

        with pytest.raises(RunError, match="the Dask cluster was lost; continue with --resume"):
            execute(
                work(),
                tmp_path / "out",
                DaskExecutor(Address(address=cluster.scheduler_address)),
                on_event=pull_the_plug,
            )
    execute(work(), tmp_path / "out", existing="resume")


def test_a_partition_that_fails_once_is_retried_and_reported(tmp_path, whole, client):
    trap, reported = tmp_path / "trap", []
    trap.write_text("fail 2")
    execute(work(trap=str(trap)), tmp_path / "out", DaskExecutor(client=client), on_event=reported.append)
    assert [(e.index, e.attempt, e.reason) for e in reported if isinstance(e, PartitionRetried)] == [
        (2, 2, "ValueError('a defect')")
    ]
    assert hashes(tmp_path / "out") == whole


@pytest.mark.parametrize("what, attempts", [("fail", 2), ("always-fail", 3)])
def test_a_partition_that_fails_with_others_in_its_task_is_tried_alone(tmp_path, client, monkeypatch, what, attempts):
    monkeypatch.setattr("datagen.runtime.executors.chunks.CHUNK_SECONDS", 60)  # also on a busy machine
    trap, reported = tmp_path / "trap", []
    trap.write_text(f"{what} 25")
    options = {"users": 4000, "size": 100, "id": "same"}

    def run():
        execute(
            work(trap=str(trap), **options), tmp_path / "out", DaskExecutor(client=client), on_event=reported.append
        )

    if what == "fail":
        run()
        execute(work(**options), tmp_path / "whole")
        assert hashes(tmp_path / "out") == hashes(tmp_path / "whole")
    else:
        with pytest.raises(RunError, match="partition 25 failed 3 times, the last time with ValueError"):
            run()
    retried = [event for event in reported if isinstance(event, PartitionRetried)]
    assert max(event.attempt for event in retried if event.index == 25) == attempts
    assert {event.attempt for event in retried if event.index != 25} == {2}


def test_a_partition_that_always_fails_ends_the_run_with_the_reason(tmp_path, client):
    trap = tmp_path / "trap"
    trap.write_text("always-fail 2")
    with pytest.raises(RunError, match="partition 2 failed 3 times, the last time with ValueError"):
        execute(work(trap=str(trap)), tmp_path / "out", DaskExecutor(client=client))
    assert not (tmp_path / "out" / "_SUCCESS").exists()


def test_a_full_disk_is_reported_at_once_with_the_path(tmp_path, client):
    trap, reported = tmp_path / "trap", []
    trap.write_text("always-full 2")
    with pytest.raises(RunError, match="cannot write some/file: No space left"):
        execute(work(trap=str(trap)), tmp_path / "out", DaskExecutor(client=client), on_event=reported.append)
    assert not any(isinstance(event, PartitionRetried) for event in reported)


def test_a_partition_that_always_kills_its_worker_ends_the_run(tmp_path, monkeypatch):
    monkeypatch.setattr(local, "ALLOWED_FAILURES", 1)
    trap = tmp_path / "trap"
    trap.write_text("always-die 1")
    with pytest.raises(RunError, match=r"partition \d was on a worker that died, repeatedly, probably out of memory"):
        execute(work(trap=str(trap)), tmp_path / "out", DaskExecutor(Local(workers=1)))


def test_a_cluster_with_another_version_is_refused_naming_both(tmp_path, client, monkeypatch):
    here = {"datagen": "9", "numpy": "9.9", "pyarrow": "9", "python": "3.9"}
    monkeypatch.setattr(dask_plugin, "versions", lambda *_: here)
    with pytest.raises(RunError, match=r"worker tcp://127.0.0.1:\d+ has .*numpy 2.*, this run has .*numpy 9\.9"):
        execute(work(), tmp_path / "out", DaskExecutor(client=client))


class Questions:
    """A client whose workers are asked; the first questions fail."""

    status = "running"

    def __init__(self, *failures):
        self.failures, self.asked = list(failures), []

    def run(self, *_arguments):
        return self._ask("versions", {})

    def register_plugin(self, _plugin, name):
        return self._ask(name, {})

    def unregister_worker_plugin(self, name):
        self.asked.append(name)

    def _ask(self, question, answer):
        self.asked.append(question)
        if self.failures:
            self.failures.pop(0)()
        return answer


def worker_dies():
    raise CommClosedError("in <TCP (closed) Scheduler Broadcast>: Connection reset by peer")


def test_a_worker_that_dies_while_all_are_asked_does_not_end_the_run(monkeypatch):
    """Dask raises the error of its connection, as if the scheduler were gone."""
    monkeypatch.setattr(dask_plugin, "RETRY_PAUSES", (0.0, 0.0))
    client = Questions(worker_dies, worker_dies)
    with dask_plugin.send_to_workers(client, "plan", len) as name:
        assert client.asked == ["versions", "versions", "versions", name]
    client = Questions(*[worker_dies] * 3)
    with pytest.raises(CommClosedError), dask_plugin.send_to_workers(client, "plan", len):
        pass


def test_a_worker_that_hangs_while_all_are_asked_does_not_hold_up_the_run(monkeypatch):
    monkeypatch.setattr(dask_plugin, "ANSWER_SECONDS", 0.1)
    awake = threading.Event()
    client = Questions(awake.wait, awake.wait)
    with dask_plugin.send_to_workers(client, "plan", len) as name:
        assert client.asked == ["versions", name]
    awake.set()


def test_a_worker_that_hangs_when_all_are_asked_for_the_last_time_does_not_end_the_run(monkeypatch):
    monkeypatch.setattr(dask_plugin, "ANSWER_SECONDS", 0.1)
    monkeypatch.setattr(dask_plugin, "RETRY_PAUSES", (0.0,))
    awake = threading.Event()
    client = Questions(worker_dies, awake.wait)
    with dask_plugin.send_to_workers(client, "plan", len) as name:
        assert client.asked == ["versions", "versions", name]
    awake.set()


def test_a_late_worker_with_another_version_is_refused_by_its_first_task(tmp_path, client, monkeypatch):
    """As if both workers had joined after the check, with a newer numpy."""
    monkeypatch.setattr(dask_plugin, "versions", lambda *_: {"numpy": "9.9"})
    monkeypatch.setattr(dask_plugin, "_check_workers", lambda client: None)
    with pytest.raises(RunError, match=r"worker tcp://127.0.0.1:\d+ has numpy 2.*, this run has numpy 9\.9"):
        execute(work(), tmp_path / "out", DaskExecutor(client=client))


def test_no_scheduler_at_the_address_is_reported(tmp_path, monkeypatch):
    monkeypatch.setattr("datagen.kinds.clusters.support.connect.PATIENCE", "1s")
    with pytest.raises(RunError, match=r"no Dask scheduler answers at tcp://127.0.0.1:9.*is tls://127.0.0.1:9"):
        execute(work(), tmp_path / "out", DaskExecutor(Address(address="tcp://127.0.0.1:9")))


def test_a_script_needs_no_main_guard(tmp_path):
    """Workers do not run the script that started them, neither at the start nor when one is replaced."""
    script = tmp_path / "script.py"
    (tmp_path / "trap").write_text("die 2")
    script.write_text(
        f"""
from pathlib import Path
from datagen.kinds.clusters.local import Local
from datagen.runtime.executors.dask import DaskExecutor
from datagen.runtime.executors.local import LocalExecutor
from datagen.runtime.run import execute
from datagen.runtime.task import OutputSite, Work
from tests.runtime import fakes

print("begun", flush=True)
work = Work(fakes.plan(trap={str(tmp_path / "trap")!r}), fakes.make)
execute(work, {str(tmp_path / "out")!r}, DaskExecutor(Local(workers=2)))
print(Path(__file__).name)
"""
    )
    root = Path(__file__).parents[3]
    environment = os.environ | {"PYTHONPATH": str(root)}
    assert subprocess.check_output([sys.executable, script], env=environment, text=True) == "begun\nscript.py\n"
    assert (tmp_path / "out" / "_SUCCESS").exists()


def test_rows_counted_on_workers_are_the_rows_counted_here(client, monkeypatch):
    window = {"start": "2024-01-01", "end": "2025-01-01"}
    children = {
        "parent": "a",
        "rows": {"type": "per_parent", "count": {"type": "poisson", "mean": 2}},
        "columns": {"b_id": {"type": "key"}, "a_id": {"type": "parent_key"}},
    }
    tables = {"a": {"rows": 5000, "columns": {"a_id": {"type": "key"}}}, "b": children}
    document = {"datagen": 1, "name": "x", "seed": 1, "window": window, "tables": tables}
    plan = datagen.plan(document, partition_rows=1000)
    monkeypatch.setattr("datagen.runtime.executors.dask.LOCAL_COUNT_SECONDS", 0)
    assert len(plan.partitions) > 10
    monkeypatch.setattr("datagen.runtime.events.COUNTING_SECONDS", 0)
    events = {executor: list[Event]() for executor in (DaskExecutor(client=client), LocalExecutor())}
    there, here = (one.counts(plan, plan.partitions, heard.append) for one, heard in events.items())
    assert there == here
    for heard in events.values():
        assert heard == [Counting(n, len(plan.partitions)) for n in range(len(plan.partitions))]


def test_counts_that_depend_on_those_before_are_the_same_with_workers(client, monkeypatch):
    plan = datagen.plan(staff(), partition_rows=200)
    monkeypatch.setattr("datagen.runtime.executors.dask.LOCAL_COUNT_SECONDS", 0)
    found = DaskExecutor(client=client).counts(plan, plan.partitions)
    assert [counts.rows for counts in found] == [partition.rows for partition in plan.partitions]


@pytest.mark.parametrize("times", [1, 99])
def test_processes_that_die_while_they_start_are_started_again(tmp_path, monkeypatch, whole, times):
    """They can be killed at any moment, the first one too; where none ever starts, the run says so."""
    failures, start = iter(range(times)), local_processes._start

    def failing(settings):
        if next(failures, None) is None:
            return start(settings)
        monkeypatch.setattr(local_processes, "_ROOT", tmp_path / "absent.py")
        found = start(settings)
        monkeypatch.undo()
        monkeypatch.setattr(local_processes, "_start", failing)
        return found

    monkeypatch.setattr(local_processes, "_start", failing)
    if times == 99:
        with pytest.raises(RunError, match="did not start: no answer; ask for fewer --workers"):
            execute(work(), tmp_path / "out", DaskExecutor(Local(workers=1)))
    else:
        execute(work(), tmp_path / "out", DaskExecutor(Local(workers=1)))
        assert hashes(tmp_path / "out") == whole


def test_an_address_that_is_none_is_reported_once_and_leaves_nothing_to_close():
    script = (
        "from datagen.kinds.clusters.support.connect import connected\n"
        "try:\n    connected('nonsense://x')\nexcept Exception as error:\n    print(error)\n"
    )
    reported = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=240)
    assert reported.stdout.startswith("no Dask scheduler answers at nonsense://x: unknown address scheme")
    assert reported.stderr == ""


def test_a_scheduler_that_does_not_answer_leaves_the_folder_free(tmp_path, monkeypatch):
    """The corrected command is the same command: nothing was begun that would have to be resumed."""
    monkeypatch.setattr("datagen.kinds.clusters.support.connect.PATIENCE", 0.5)
    tables = {"a": {"rows": 5, "columns": {"a_id": {"type": "key"}}}}
    document = {"datagen": 1, "name": "x", "seed": 1, "tables": tables}
    with pytest.raises(RunError, match=r"no Dask scheduler answers at tcp://127.0.0.1:9"):
        datagen.generate(document, tmp_path / "out", cluster="tcp://127.0.0.1:9")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("other", ["stays", "dies"])
def test_a_partition_on_a_worker_that_hangs_is_made_elsewhere(tmp_path, monkeypatch, other):
    """A worker is stopped, not killed: its connection stays, and nobody else notices. The other one, which is given its
    partitions, may die and be replaced.
    """
    monkeypatch.setattr("datagen.runtime.executors.dask_window.BACKUP_SECONDS", 1.0)
    monkeypatch.setattr("datagen.runtime.executors.dask_window.RESULT_SECONDS", 1.0)
    monkeypatch.setattr("datagen.runtime.executors.dask_window.BACKUP_SAMPLE", 1)
    monkeypatch.setattr("datagen.runtime.executors.dask_watchdog.POLL_SECONDS", 0.2)
    reported = []
    with Local(workers=2).connected() as client:
        client.wait_for_workers(2)
        pids = client.run(os.getpid)
        stopped, runs = sorted(pids.values())
        dies = [runs] if other == "dies" else []

        def on_event(event):
            reported.append(event)
            if isinstance(event, PartitionRetried) and dies:
                os.kill(dies.pop(), signal.SIGKILL)
            if sum(isinstance(one, PartitionDone) for one in reported) == 1 and isinstance(event, PartitionDone):
                os.kill(stopped, signal.SIGSTOP)

        try:
            execute(work(users=8000, wait=0.05), tmp_path / "out", DaskExecutor(client=client), on_event=on_event)
        finally:
            os.kill(stopped, signal.SIGCONT)
    # what the stopped worker held may also be asked for in vain
    assert "it takes far longer than others" in {one.reason for one in reported if isinstance(one, PartitionRetried)}
    execute(work(users=8000), tmp_path / "undisturbed")
    assert hashes(tmp_path / "out") == hashes(tmp_path / "undisturbed")
