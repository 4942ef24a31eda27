from __future__ import annotations

import threading

import pytest

from datagen.runtime.executors import dask_watchdog


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dask_watchdog, "POLL_SECONDS", 0.01)


def test_missing_workers_are_reported_once_and_work_is_called_off_once_nobody_is_left() -> None:
    called = threading.Event()
    reported: list[int] = []
    with dask_watchdog.WorkerWatch(lambda: 0, 0.05, lambda: reported.append(1), called.set).polling() as deserted:
        assert called.wait(60)
        assert deserted.is_set()
    assert reported == [1]


def test_workers_that_come_back_in_time_go_on() -> None:
    answers = iter([0, 0, 1] * 20)
    called, looked = threading.Event(), threading.Event()

    def workers() -> int:
        left = next(answers, None)
        if left is None:
            looked.set()
        return 1 if left is None else left

    with dask_watchdog.WorkerWatch(workers, 0.045, lambda: None, called.set).polling() as deserted:
        assert looked.wait(60)
    assert not called.is_set() and not deserted.is_set()


def test_a_cluster_that_does_not_answer_is_not_taken_for_an_empty_one() -> None:
    def workers() -> int:
        raise OSError("no answer")

    called = threading.Event()
    with dask_watchdog.WorkerWatch(workers, 0.02, called.set, called.set).polling():
        assert not called.wait(0.2)
