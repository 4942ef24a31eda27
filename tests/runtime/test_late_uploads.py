"""Runs that go on while another one overwrites them: their late requests do not change its finished data."""

from __future__ import annotations

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from datagen.kinds.stores.support import object_store
from datagen.kinds.stores.support.object_store import DRIVER, ERASING
from tests.runtime.simulated import LARGE, OUTCOMES, Actor, Simulation, undisturbed
from tests.runtime.test_simulation import SEED, Serial, check_schedules, seed_of

WHOLE: dict[int, dict[str, bytes]] = {}
SEEDS = (SEED, 2, LARGE)
_MARKS = (DRIVER, ERASING, "_SUCCESS")


@pytest.fixture(autouse=True)
def one_thread_and_no_pauses(monkeypatch):
    monkeypatch.setattr(object_store, "PAUSES", ())
    monkeypatch.setattr("concurrent.futures.ThreadPoolExecutor", Serial)
    WHOLE.update({seed: undisturbed(seed) for seed in SEEDS})


class Overwriting(RuleBasedStateMachine):
    """One overwrite of a run whose drivers and workers go on, one operation at a time, with any faults."""

    @initialize(old=st.sampled_from(SEEDS), retries=st.integers(0, 1), requests=st.integers(0, 80))
    def begin(self, old: int, retries: int, requests: int) -> None:
        object_store.PAUSES = (0.0,) * retries
        self.simulation = Simulation()
        self.counted: list[tuple[int, Actor]] = []
        self.finished: int | None = None
        self.overwriting: Actor | None = None
        self._start(old, "refuse")
        for turn in range(requests):
            self.simulation.step(turn)

    def _start(self, seed: int, existing: str) -> Actor:
        driver = self.simulation.driver(seed, existing)
        if self.overwriting is None or self.overwriting.over:
            self.counted.append((seed, driver))
        return driver

    @precondition(lambda self: sum(actor.name == "driver" for actor in self.simulation.running) < 3)
    @rule(seed=st.sampled_from(SEEDS), existing=st.sampled_from(["resume", "continue"]))
    def another_driver(self, seed: int, existing: str) -> None:
        self._start(seed, existing)

    @precondition(lambda self: self.overwriting is None)
    @rule(seed=st.sampled_from(SEEDS))
    def overwrite(self, seed: int) -> None:
        """Everybody else goes on. What they finish meanwhile is overwritten."""
        self.counted, self.finished = [], None
        self.overwriting = self._start(seed, "overwrite")

    @rule(turns=st.integers(0, 2**32), times=st.integers(1, 60))
    def go_on(self, turns: int, times: int) -> None:
        for _ in range(times):
            turns = (turns * 6364136223846793005 + 1442695040888963407) % 2**64
            self.simulation.step(turns >> 40)
            self._see()

    @precondition(lambda self: self.simulation.running)
    @rule(choice=st.integers(0, 5), times=st.integers(1, 80))
    def one_goes_on(self, choice: int, times: int) -> None:
        """With the workers that it starts, while all others wait."""
        running = self.simulation.running
        self.simulation.finish(running[choice % len(running)], times)
        self._see()

    @precondition(lambda self: self.simulation.running)
    @rule(choice=st.integers(0, 5))
    def one_ends(self, choice: int) -> None:
        """While all that were there before wait."""
        running = self.simulation.running
        self.simulation.finish(running[choice % len(running)])
        self._see()

    @rule(choice=st.integers(0, 5), outcome=st.sampled_from((*OUTCOMES, "comes late")))
    def fault(self, choice: int, outcome: str) -> None:
        self.simulation.step(choice, outcome)  # type: ignore[arg-type]

    @rule(choice=st.integers(0, 5))
    def a_late_upload_lands(self, choice: int) -> None:
        self.simulation.land(choice)

    def _see(self) -> None:
        """The run that has ended without an error."""
        for seed, driver in self.counted:
            if driver.over and driver.error is None:
                self.finished = seed

    @invariant()
    def finished_data_is_whole_and_its_own(self) -> None:
        if not hasattr(self, "simulation"):
            return
        self._see()
        files = self.simulation.files()
        for key, content in files.items():
            known = [whole[key] for whole in WHOLE.values() if key in whole]
            assert key in (DRIVER, ERASING) or content in known, f"{key} is torn or foreign"
        if self.finished is not None:
            whole = WHOLE[self.finished]
            changed = [key for key in whole if key not in _MARKS and files.get(key) != whole[key]]
            assert not changed, f"{changed} of a finished run changed"

    @invariant()
    def no_actor_ends_with_a_defect(self) -> None:
        if hasattr(self, "simulation"):
            assert not self.simulation.defects()

    def teardown(self) -> None:
        if not hasattr(self, "simulation"):
            return
        self.simulation.end()
        self.simulation.remove(ERASING)
        seed = seed_of(self.simulation.files())
        for key in set(self.simulation.files()) - set(WHOLE[seed]):
            self.simulation.remove(key)  # as the refusal of foreign files asks for
        last = self.simulation.driver(seed, "continue")
        self.simulation.finish(last)
        assert last.error is None, last.error
        assert self.simulation.files() == WHOLE[seed]


def test_no_late_request_of_an_overwritten_run_changes_the_finished_data():
    check_schedules(500, 8, Overwriting)


def end(simulation: Simulation) -> None:
    """Everybody goes on in turn, to the end."""
    for turn in range(10_000):
        simulation.step(turn)
        if not simulation.running:
            break
    assert not simulation.running
    assert not simulation.defects()


def stalled_after(requests: int, old: int) -> Simulation:
    """An old run that waits after so many requests."""
    simulation = Simulation()
    simulation.driver(old, "refuse")
    for turn in range(requests):
        simulation.step(turn)
    return simulation


@pytest.mark.parametrize("old, new", [(SEED, 2), (LARGE, 2), (2, LARGE)])
def test_whatever_request_of_an_old_run_comes_after_the_end_of_the_new_one_changes_none_of_its_files(old, new):
    """Its uploads that come late under names that the new run does not write are those of one partition."""
    tried = late = 0
    for requests in range(1000):
        simulation = stalled_after(requests, old)
        if not simulation.running:
            break
        overwriting = simulation.driver(new, "overwrite")
        simulation.finish(overwriting)
        if overwriting.error is None:
            tried += 1
            end(simulation)
            files = simulation.files()
            assert {key: files.get(key) for key in WHOLE[new]} == WHOLE[new], f"after {requests} requests"
            others = {key.rpartition("/")[2].partition(".")[0] for key in files.keys() - WHOLE[new].keys()}
            assert len(others) <= 1, f"after {requests} requests"
            late += len(others)
    assert tried > 30 and (late > 0) == (old != SEED)


@pytest.mark.parametrize("first", range(0, 80, 3))
def test_whatever_request_of_an_old_run_comes_during_the_new_one_changes_none_of_its_files(first):
    """What came under names that the new run does not write is removed at its end."""
    for requests in range(first % 7, 200, 7):
        simulation = stalled_after(first, LARGE)
        old = simulation.actors[0]
        overwriting = simulation.driver(2, "overwrite")
        simulation.finish(overwriting, requests)
        if overwriting.over or (requests > 40 and "_SUCCESS" in simulation.files()):  # it looks for them only once more
            break
        before = simulation.actors[: simulation.actors.index(overwriting)]
        simulation.finish(old, waiting=[actor for actor in simulation.running if actor not in before])
        end(simulation)
        if overwriting.error is None:
            assert simulation.files() == WHOLE[2], f"{first} and {requests} requests"


@pytest.mark.slow
@pytest.mark.parametrize("schedules, steps", [(20_000, 8), (2_000, 20)])
def test_no_late_request_of_very_many_schedules_does(schedules, steps):
    check_schedules(schedules, steps, Overwriting)
