"""A deterministic simulation of runs in one object store: drivers and workers that take turns, one operation at a time.

The code that runs is the real one (`execute`, `run_partition`, `ObjectStore`); only the service and the clock are
simulated. Each actor is a greenlet that stops before every request. `Simulation.step` lets one of them go on and
decides what becomes of its request: it is carried out, refused, carried out with its answer lost, or its process dies
before or after it. An upload may also have no answer and be carried out later, whatever became of its process.
"""

from __future__ import annotations

import atexit
import io
import os
import shutil
import tempfile
import threading
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path
from typing import Any, ClassVar, Literal

import pyarrow as pa
import pyarrow.compute as pc
from greenlet import getcurrent, greenlet

from datagen.errors import DatagenError, RunError
from datagen.kinds.formats.jsonl import JsonLines
from datagen.kinds.stores.support.object_store import ObjectStore
from datagen.runtime.run import execute
from datagen.runtime.task import Work, run_partition
from tests.runtime import fakes

Outcome = Literal["done", "refused", "answer lost", "dies before", "dies after", "comes late"]
OUTCOMES: tuple[Outcome, ...] = ("refused", "answer lost", "dies before", "dies after")
ROOT = "sim/run"
LARGE = 3
_HERE = threading.local()


class DiedError(BaseException):
    """The process is gone: nothing that it would have done happens."""


class Actor:
    """A driver or a worker; it runs only while `Simulation.step` waits for it."""

    def __init__(self, name: str, work: Callable[[], Any]) -> None:
        self.name, self._work = name, work
        self._outcome: Outcome = "done"
        self.dead = self.over = False
        self.result: Any = None
        self.error: BaseException | None = None
        self._fiber = greenlet(self._run)
        self.resume()

    def _run(self) -> None:
        try:
            self._pause()
            self.result = self._work()
        except (DatagenError, DiedError) as error:
            self.error = error
        except BaseException as error:  # noqa: BLE001 - a defect, told by the simulation
            self.error = error
        finally:
            self.over = True

    def _pause(self) -> None:
        self._fiber.parent.switch()
        if self._outcome == "dies before":
            self.dead = True
        if self.dead:
            raise DiedError

    def resume(self, outcome: Outcome = "done") -> None:
        """Let the actor go on until its next request, or its end."""
        self._outcome = outcome
        self._fiber.parent = getcurrent()
        before, _HERE.actor = getattr(_HERE, "actor", None), self
        self._fiber.switch()
        _HERE.actor = before

    def wait(self) -> None:
        """Let others go on; there is no request that could fail."""
        if self.dead:
            raise DiedError
        self._pause()
        if self._outcome == "dies after":
            self.dead = True
            raise DiedError

    def request(self, operation: Callable[[], Any], late: Callable[[], Any] | None = None) -> Any:
        """Wait for the turn, then do what was decided about this request. `late` is an operation that may be carried
        out later.
        """
        if self.dead:
            raise DiedError
        self._pause()
        if self._outcome == "comes late" and late is not None:
            OBJECTS.late.append(late)
            raise OSError(5, "no answer yet")
        if self._outcome in ("refused", "comes late"):
            raise OSError(5, "refused")
        result = operation()
        if self._outcome == "dies after":
            self.dead = True
            raise DiedError
        if self._outcome == "answer lost":
            raise OSError(5, "no answer")
        return result


@dataclass
class Objects:
    """The service: the part of fsspec's file system that `ObjectStore` uses."""

    data: dict[str, bytes] = field(default_factory=dict)
    marks: dict[str, str] = field(default_factory=dict)
    late: list[Callable[[], Any]] = field(default_factory=list)
    """Uploads on their way."""

    def cat_file(self, path: str) -> bytes:
        return self._do(lambda: self._get(path))

    def put_file(self, local: str, path: str, mode: str = "overwrite") -> None:
        content = Path(local).read_bytes()
        if mode == "create":
            create = partial(self._create, path, content, "")
            self._do(create, late=create)
        else:
            self._do(lambda: self.data.__setitem__(path, content))

    def pipe_file(self, path: str, content: bytes) -> None:
        self._do(lambda: self.data.__setitem__(path, content))

    def create(self, path: str, content: bytes, mark: str) -> None:
        self._do(lambda: self._create(path, content, mark))

    def mark(self, path: str) -> str:
        return self._do(lambda: self.marks[path])

    def ls(self, path: str, detail: bool = True) -> list[dict[str, Any]]:
        return self._do(lambda: self._ls(path))

    def info(self, path: str) -> dict[str, Any]:
        return self._do(lambda: self._info(path))

    def rm_file(self, path: str) -> None:
        self._do(lambda: self.data.pop(path, None))

    def open(self, path: str, mode: str) -> io.BytesIO:
        return io.BytesIO(self._do(lambda: self._get(path)))

    def invalidate_cache(self) -> None:
        """There is none."""

    def _do(self, operation: Callable[[], Any], late: Callable[[], Any] | None = None) -> Any:
        actor = getattr(_HERE, "actor", None)
        return operation() if actor is None else actor.request(operation, late)

    def _get(self, path: str) -> bytes:
        if path not in self.data:
            raise FileNotFoundError(2, "no such object", path)
        return self.data[path]

    def _create(self, path: str, content: bytes, mark: str) -> None:
        if path in self.data:
            raise FileExistsError(17, "it exists", path)
        self.data[path], self.marks[path] = content, mark

    def _ls(self, path: str) -> list[dict[str, Any]]:
        found: dict[str, dict[str, Any]] = {}
        for key, content in self.data.items():
            if key.startswith(path + "/"):
                name, _, below = key[len(path) + 1 :].partition("/")
                kind = "directory" if below else "file"
                found[name] = {"name": f"{path}/{name}", "type": kind, "size": 0 if below else len(content)}
        if not found:
            raise FileNotFoundError(2, "no such folder", path)
        return list(found.values())

    def _info(self, path: str) -> dict[str, Any]:
        if path in self.data:
            return {"name": path, "type": "file", "size": len(self.data[path])}
        if any(key.startswith(path + "/") for key in self.data):
            return {"name": path, "type": "directory", "size": 0}
        raise FileNotFoundError(2, "no such object", path)


OBJECTS = Objects()
_MEMORY = Path("/dev/shm")
SCRATCH = Path(tempfile.mkdtemp(prefix="datagen-simulated-", dir=_MEMORY if os.access(_MEMORY, os.W_OK) else None))
"""Unfinished files (a few kB) have names of their own. One folder for all, in memory, saves three quarters of the time.
"""
atexit.register(shutil.rmtree, SCRATCH, ignore_errors=True)


@dataclass(frozen=True, slots=True)
class SimulatedStore(ObjectStore):
    """An object store whose service is simulated."""

    schemes: ClassVar[tuple[str, ...]] = ()
    package: ClassVar[str] = "json"
    extra: ClassVar[str] = "none"

    def files(self) -> Any:
        return OBJECTS

    @contextmanager
    def scratch(self, attempt: str) -> Iterator[Path]:
        yield SCRATCH

    def create(self, data: bytes, mark: str, files: Any, path: str) -> None:
        files.create(path, data, mark)

    def mark_of(self, files: Any, path: str) -> str:
        return str(files.mark(path))


class SimulatedExecutor:
    """Each partition is a worker of its own; one that dies is replaced, up to three times. Its tasks may outlive the
    driver.
    """

    def __init__(self, simulation: Simulation) -> None:
        self._simulation = simulation

    def run(self, batch: Any, on_event: Any) -> Generator[Any, None, None]:
        for partition in batch.partitions:
            yield self._result(batch, partition)

    def _result(self, batch: Any, partition: Any) -> Any:
        for _ in range(3):
            worker = self._simulation.start("worker", lambda: run_partition(batch.work, partition, batch.site))
            while not worker.over:
                _HERE.actor.wait()
            if not isinstance(worker.error, DiedError):
                if worker.error is not None:
                    raise worker.error
                return worker.result
        raise RunError("worker after worker died")


class Simulation:
    """The actors of one schedule."""

    def __init__(self) -> None:
        OBJECTS.data.clear()
        OBJECTS.late.clear()
        self.actors: list[Actor] = []
        self.store = SimulatedStore(f"sim://{ROOT}")
        self.requests = 0

    def start(self, name: str, work: Callable[[], Any]) -> Actor:
        actor = Actor(name, work)
        self.actors.append(actor)
        return actor

    def driver(self, seed: int, existing: str) -> Actor:
        """A driver that writes the plan with this seed."""
        run = Work(plan_of(seed), make)
        return self.start(
            "driver",
            lambda: execute(run, self.store, SimulatedExecutor(self), existing=existing),  # type: ignore[arg-type]
        )

    @property
    def running(self) -> list[Actor]:
        return [actor for actor in self.actors if not actor.over]

    def step(self, choice: int, outcome: Outcome = "done") -> None:
        """Let one of the running actors take a turn."""
        running = self.running
        if running:
            self.requests += 1
            running[choice % len(running)].resume(outcome)

    def finish(self, actor: Actor, requests: int = 10_000, waiting: list[Actor] | None = None) -> None:
        """Let a driver run to the end, or for so many turns, without faults. Others wait: those that are running, or
        the given ones.
        """
        before = self.running if waiting is None else waiting
        while not actor.over and requests > 0:
            requests -= 1
            for one in self.running:
                if one is actor or one not in before:
                    one.resume()

    def land(self, choice: int = 0) -> None:
        """Carry out one of the uploads that are on their way."""
        if OBJECTS.late:
            with suppress(FileExistsError):
                OBJECTS.late.pop(choice % len(OBJECTS.late))()

    def end(self) -> None:
        """Kill everybody."""
        for actor in self.running:
            while not actor.over:
                actor.resume("dies before")

    def defects(self) -> list[BaseException]:
        """What no actor may end with."""
        errors = [actor.error for actor in self.actors if actor.error is not None]
        return [error for error in errors if not isinstance(error, DatagenError | DiedError)]

    def remove(self, key: str) -> None:
        """A person deletes an object."""
        OBJECTS.data.pop(f"{ROOT}/{key}", None)

    def files(self) -> dict[str, bytes]:
        """Key -> bytes of what lies in the store."""
        return {key.removeprefix(ROOT + "/"): content for key, content in OBJECTS.data.items()}


def make(plan: Any, partition: Any) -> Iterator[dict[str, pa.Table]]:
    """The rows of the fakes, whose numbers depend on the seed."""
    for tables in fakes.make(plan, partition):
        yield {
            name: table.set_column(0, table.schema.field(0), pc.add(table.column(0), 100 * plan.seed))
            for name, table in tables.items()
        }


@cache
def plan_of(seed: int) -> Any:
    """Two users and a shop: three partitions. The plan with seed LARGE has five."""
    return fakes.plan(
        users=4 if seed == LARGE else 2,
        shops=1,
        size=1,
        seed=seed,
        output=JsonLines(),
        id=f"plan{seed}",
        document={"name": f"fake{seed}"},
    )


def undisturbed(seed: int) -> dict[str, bytes]:
    """The files of a run that nothing disturbs."""
    simulation = Simulation()
    simulation.finish(simulation.driver(seed, "refuse"))
    assert not simulation.defects()
    return simulation.files()
