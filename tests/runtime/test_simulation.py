"""The commit protocol under any schedule: no lost, torn or duplicated partition, whatever fails, dies or comes late."""

from __future__ import annotations

import itertools
import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from datagen.errors import OutputError
from datagen.kinds.stores.support import object_store
from datagen.kinds.stores.support.object_store import DRIVER, ERASING
from tests.runtime.simulated import OUTCOMES, Actor, Simulation, undisturbed

WHOLE: dict[int, dict[str, bytes]] = {}
SEED = 1


class Serial(ThreadPoolExecutor):
    """Maps in the thread of its caller, so that an actor is one greenlet."""

    def map(self, function, *values, **options):  # type: ignore[no-untyped-def, override]
        return map(function, *values)


@pytest.fixture(autouse=True)
def one_thread_and_no_pauses(monkeypatch):
    monkeypatch.setattr(object_store, "PAUSES", ())
    monkeypatch.setattr("concurrent.futures.ThreadPoolExecutor", Serial)  # receipts import it when they are read
    WHOLE[SEED] = undisturbed(SEED)
    WHOLE[2] = undisturbed(2)


def seed_of(files: dict[str, bytes]) -> int:
    """The seed of the run that owns the store."""
    record = files.get("_run/run.json")
    return int(json.loads(record)["seed"]) if record else SEED


class Commit(RuleBasedStateMachine):
    """Drivers begin, resume and overwrite in one place; any of them, and any worker, fails or dies at any request."""

    @initialize(seeds=st.lists(st.sampled_from([SEED, 2]), min_size=1, max_size=3), retries=st.integers(0, 1))
    def begin(self, seeds: list[int], retries: int) -> None:
        """One run, or several at once; their requests are tried once or twice."""
        object_store.PAUSES = (0.0,) * retries
        self.simulation = Simulation()
        self.overwriting: Actor | None = None
        for seed in seeds:
            self.simulation.driver(seed, "refuse")

    @rule(existing=st.sampled_from(["refuse", "resume", "continue"]))
    def another_driver(self, existing: str) -> None:
        if sum(actor.name == "driver" for actor in self.simulation.running) < 3:
            self.simulation.driver(SEED, existing)

    @rule(existing=st.sampled_from(["refuse", "resume", "continue"]))
    def a_driver_of_another_plan(self, existing: str) -> None:
        """It is refused, or it was first."""
        if sum(actor.name == "driver" for actor in self.simulation.running) < 3:
            self.simulation.driver(2, existing)

    @precondition(lambda self: not self.simulation.running)
    @rule(seed=st.sampled_from([SEED, 2]))
    def overwrite(self, seed: int) -> None:
        """Other runs have ended. Others begin at any moment after this one has taken over."""
        before = self.simulation.files().get(DRIVER)
        driver = self.overwriting = self.simulation.driver(seed, "overwrite")
        while not driver.over and self.simulation.files().get(DRIVER) == before:
            driver.resume()

    @precondition(lambda self: self.overwriting is not None and self.overwriting.over)
    @rule()
    def remove_the_lock_of_a_dead_driver(self) -> None:
        """As the message asks for."""
        self.simulation.remove(ERASING)

    @rule(turns=st.integers(0, 2**32), times=st.integers(1, 60))
    def go_on(self, turns: int, times: int) -> None:
        """So many requests; whose turn it is follows from a linear congruential generator."""
        for _ in range(times):
            turns = (turns * 6364136223846793005 + 1442695040888963407) % 2**64
            self.simulation.step(turns >> 40)

    @rule(choice=st.integers(0, 5), outcome=st.sampled_from(OUTCOMES))
    def fault(self, choice: int, outcome: str) -> None:
        self.simulation.step(choice, outcome)  # type: ignore[arg-type]

    @invariant()
    def what_is_seen_is_whole(self) -> None:
        files = self.simulation.files()
        for key, content in files.items():
            known = [whole[key] for whole in WHOLE.values() if key in whole]
            assert key in (DRIVER, ERASING) or content in known, f"{key} is torn or foreign"
        whole = WHOLE[seed_of(files)] if "_run/run.json" in files else {}
        others = [key for key in files if key.startswith("_run/receipts/") and files[key] != whole.get(key)]
        assert not others, f"{others} belong to another run than _run/run.json"
        if "_SUCCESS" in files:
            missing = [key for key in whole if files.get(key) != whole[key]]
            assert not missing, f"_SUCCESS over {missing}"

    @invariant()
    def no_actor_ends_with_a_defect(self) -> None:
        assert not self.simulation.defects()

    def teardown(self) -> None:
        """Whatever was left is finished by one more run, to the bytes of a run that was not disturbed."""
        if not hasattr(self, "simulation"):
            return
        self.simulation.end()
        self.simulation.remove(ERASING)
        seed = seed_of(self.simulation.files())
        last = self.simulation.driver(seed, "continue")
        self.simulation.finish(last)
        assert last.error is None, last.error
        assert self.simulation.files() == WHOLE[seed]


def check_schedules(schedules: int, steps: int, machine: type[RuleBasedStateMachine] = Commit) -> None:
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=schedules, stateful_step_count=steps, deadline=None, derandomize=True, database=None,
            suppress_health_check=list(HealthCheck), phases=[Phase.generate, Phase.shrink],
        ),
    )  # fmt: skip


def test_no_schedule_loses_tears_or_doubles_a_partition():
    check_schedules(1000, 5)


@pytest.mark.parametrize("outcome", ["refused", "answer lost"])
def test_any_one_request_may_fail_where_requests_are_tried_twice(monkeypatch, outcome):
    """A creation whose answer is lost is not taken for that of another driver."""
    monkeypatch.setattr(object_store, "PAUSES", (0.0,))
    for failed in range(1000):
        simulation = Simulation()
        driver = simulation.driver(SEED, "refuse")
        turns = itertools.count()
        while simulation.running:
            simulation.step(turn := next(turns), outcome if turn == failed else "done")
        assert driver.error is None, f"request {failed}: {driver.error}"
        assert simulation.files() == WHOLE[SEED]
        if turn < failed:
            break
    assert 20 < failed < 999


def overwritten_until(requests: int, seed: int) -> tuple[Simulation, Actor, bool]:
    """A simulation in which an overwrite has made so many requests, and whether its erasure has not ended."""
    simulation = Simulation()
    simulation.finish(simulation.driver(SEED, "refuse"))
    overwriting = simulation.driver(seed, "overwrite")
    for _ in range(requests):
        overwriting.resume()
    return simulation, overwriting, ERASING in simulation.files() or "_SUCCESS" in simulation.files()


@pytest.mark.parametrize("seed", [SEED, 2])
def test_no_deletion_of_an_overwrite_hits_a_file_of_another_driver(seed):
    """One that joins at any request is refused, or the overwrite stops. Afterwards no file of a dataset is missing."""
    refused, requests, erasing = 0, 0, True
    while erasing:
        simulation, _overwriting, erasing = overwritten_until(requests, seed)
        joining = simulation.driver(SEED, "continue")
        simulation.finish(joining)
        refused += isinstance(joining.error, OutputError)
        for turn in itertools.count():
            if not simulation.running:
                break
            simulation.step(turn)
        assert not simulation.defects()
        files = simulation.files()
        if "_SUCCESS" in files:
            assert files == WHOLE[seed_of(files)], f"joined after {requests} requests"
        last = simulation.driver(seed_of(files), "continue")
        simulation.finish(last)
        assert last.error is None, f"joined after {requests} requests: {last.error}"
        assert simulation.files() == WHOLE[seed_of(files)]
        requests += 1
    assert refused > 20


def test_an_overwrite_that_died_while_it_erased_keeps_others_out_until_its_lock_is_removed():
    locked, requests, erasing = 0, 0, True
    while erasing:
        simulation, _overwriting, erasing = overwritten_until(requests, SEED)
        simulation.end()
        if ERASING in simulation.files():
            locked += 1
            again = simulation.driver(SEED, "continue")
            simulation.finish(again)
            assert "was killed while it did" in str(again.error)
            simulation.remove(ERASING)
        last = simulation.driver(SEED, "continue")
        simulation.finish(last)
        assert last.error is None, f"after {requests} requests: {last.error}"
        assert simulation.files() == WHOLE[SEED]
        requests += 1
    assert locked > 20


def test_a_service_that_refuses_everything_from_any_request_on_ends_the_run_with_an_error_of_datagen():
    for requests in range(1000):
        simulation = Simulation()
        driver = simulation.driver(SEED, "refuse")
        turns = itertools.count()
        while simulation.running and (turn := next(turns)) < 1000:
            simulation.step(turn, "done" if turn < requests else "refused")
        assert driver.over and not simulation.defects(), f"after {requests} requests"
        if driver.error is None:
            break
    assert 20 < requests < 999


@pytest.mark.slow
@pytest.mark.parametrize("schedules, steps", [(100_000, 6), (3_000, 20)])
def test_no_schedule_of_very_many_does(schedules, steps):
    check_schedules(schedules, steps)


def test_a_service_that_takes_long_to_fail_is_not_asked_for_many_minutes(monkeypatch):
    """Client libraries retry by themselves, for a minute and more."""
    now = [0.0]

    def slow(_files, _path):
        now[0] += 31.0
        raise OSError(5, "no answer")

    monkeypatch.setattr(object_store, "PAUSES", (0.2,) * 7)
    monkeypatch.setattr(object_store.time, "monotonic", lambda: now[0])
    monkeypatch.setattr(object_store.time, "sleep", lambda _seconds: None)
    with pytest.raises(OSError, match="no answer"):
        Simulation().store._try("key", slow)
    assert 2 * 31.0 <= now[0] < 100.0
