"""Work that takes too long or too much is ended; the next request is answered as if nothing had been."""

from __future__ import annotations

import json
import os
import signal
from multiprocessing import Pipe
from typing import Any

import pytest

from datagen.authoring.playground import worker
from datagen.authoring.playground.worker import Worker
from tests.authoring.playground.conftest import SMALL


@pytest.fixture
def one() -> Any:
    made = Worker(None)
    yield made
    made.close()


def test_what_takes_too_long_is_ended_and_the_next_request_is_answered(one: Worker) -> None:
    late = one.ask("check", {"text": SMALL}, 0.001)
    assert late["error"]["code"] == "time"
    assert one.ask("check", {"text": SMALL}, 60) == {"problems": []}


def test_work_that_nobody_waits_for_is_not_begun_or_is_ended(one: Worker) -> None:
    assert one.ask("check", {"text": SMALL}, 60, lambda: True)["error"]["code"] == "cancelled"
    assert one._process is None
    assert one.ask("check", {"text": SMALL}, 60) == {"problems": []}
    assert one._process is not None and one._process.pid is not None
    os.kill(one._process.pid, signal.SIGSTOP)  # it never answers
    waits = iter([False])
    assert one.ask("check", {"text": SMALL}, 3600, lambda: next(waits, True))["error"]["code"] == "cancelled"
    assert one.ask("check", {"text": SMALL}, 60) == {"problems": []}


def test_a_pasted_answer_is_repaired(one: Worker) -> None:
    pasted = SMALL.replace("basic: 70, pro: 30", "basic: 70%, pro: 30%")
    made = one.ask("repair", {"text": f"Here it is:\n\n```yaml\n{pasted}```\n"}, 60)
    assert one.ask("check", {"text": made["text"]}, 60) == {"problems": []}
    assert len(made["changes"]) >= 2


def test_a_process_that_ends_is_replaced(one: Worker) -> None:
    assert one.ask("check", {"text": SMALL}, 60) == {"problems": []}
    assert one._process is not None and one._process.pid is not None
    os.kill(one._process.pid, 9)
    one._process.join()
    assert one.ask("check", {"text": SMALL}, 60) == {"problems": []}


def test_an_error_of_any_kind_is_an_answer() -> None:
    class Broken:
        def __init__(self, error: BaseException) -> None:
            self.error = error

        def answer(self, name: str, request: Any) -> Any:
            raise self.error

    assert worker._answer(Broken(MemoryError()), "live", {})["error"]["code"] == "memory"
    assert worker._answer(Broken(KeyError("a")), "live", {})["error"]["code"] == "internal"


def test_it_ends_when_the_other_end_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    """In this process, without its signal and its bound of memory."""
    monkeypatch.setattr(worker.signal, "signal", lambda *_: None)
    monkeypatch.setattr(worker, "_bound_memory", lambda: None)
    ours, theirs = Pipe()
    ours.send_bytes(json.dumps(["format", {"text": "a:   1\n"}]).encode())
    ours.send_bytes(json.dumps(["starter", {}]).encode())
    worker_end = ours
    answers = []

    class Ending:
        def recv_bytes(self) -> bytes:
            if theirs.poll(0):
                return theirs.recv_bytes()
            raise EOFError

        def send_bytes(self, data: bytes) -> None:
            answers.append(json.loads(data))

    worker._serve(Ending(), None)  # type: ignore[arg-type]
    worker_end.close()
    ready, formatted, known = answers
    assert ready == "ready"
    assert formatted["text"].startswith("a: 1")
    assert ["shop", "A web shop"] in [[name, title[:10]] for name, title in known["starters"]]
