from __future__ import annotations

import pickle
from types import SimpleNamespace

import pytest

from datagen.errors import RunError
from datagen.runtime.executors import dask_plugin
from datagen.runtime.executors.dask_plugin import PlanPlugin, run_on_worker


class Unreadable:
    """A task function that no worker can unpickle."""

    def __reduce__(self):
        return int, ("no number",)


@pytest.fixture
def worker(monkeypatch):
    """The worker of this process."""
    memory = SimpleNamespace(memory_limit=1000)
    made = SimpleNamespace(address="tcp://w", state=SimpleNamespace(nthreads=2), memory_manager=memory, plugins={})
    monkeypatch.setattr(dask_plugin, "get_worker", lambda: made)
    return made


def received(worker, function, memory=0):
    """The plugin as a worker that joins has it."""
    plugin = pickle.loads(pickle.dumps(PlanPlugin("plan", function, memory)))
    plugin.setup(worker)
    worker.plugins["plan"] = plugin
    return plugin


def test_the_plan_is_loaded_once_and_not_before_the_first_task(worker, monkeypatch):
    """Imports take seconds, and a worker that joins has a limited time for its start."""
    loaded = []
    load = dask_plugin.loads
    monkeypatch.setattr(dask_plugin, "loads", lambda text: loaded.append(text) or load(text))
    received(worker, sorted)
    assert not loaded
    assert [run_on_worker("plan", part)[0] for part in ([2, 1], [4, 3])] == [[1, 2], [3, 4]]
    assert len(loaded) == 1


@pytest.mark.parametrize(
    "function, memory, message",
    [
        (Unreadable(), 0, "worker tcp://w cannot read the plan: ValueError"),
        (sorted, 600, "worker tcp://w has 2 threads and 1 kB of memory"),
    ],
)
def test_every_task_tells_why_a_worker_takes_no_part(worker, function, memory, message):
    received(worker, function, memory)
    for _ in range(2):
        with pytest.raises(RunError, match=message):
            run_on_worker("plan", [1])


def test_a_task_that_comes_after_its_run_finds_no_plan(worker):
    with pytest.raises(LookupError, match="was given no plan: its run is over"):
        run_on_worker("plan", [1])
