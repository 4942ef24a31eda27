"""The outcome of a document: refused with places, or generated, validated and generated again with other partitions."""

from __future__ import annotations

import ctypes
import gc
import signal
import tempfile
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import Any

import pyarrow as pa

import datagen
from datagen.engine.memory_budget import BASE_MEMORY
from datagen.errors import PlanError, SchemaError

Json = dict[str, Any]
MOST_ROWS = 3_000
SECONDS = 60
SLACK = 80_000_000
"""Bytes that a process may take beyond what is planned: what the allocator keeps, and modules that are imported late.
"""
LEAST_SCORE = 95
WITHOUT_PLACE = frozenset(
    {
        "unreadable",
        "syntax",
        "encoding",
        "empty",
        "type",
        "missing",
        "unknown-key",
        "truncated",
        "too-large",
        "unplannable",
    }
)
"""Codes of problems that may be of the document as a whole."""


class Wrong(AssertionError):
    """A promise that was not kept."""


def outcome(document: Json) -> str:
    """`refused`, `large` or `made`. Raises Wrong where anything else happens."""
    with _said(), _in_time():
        problems = datagen.check(document)
    if problems:
        return _refused(document, problems)
    with _said(), _in_time():
        try:
            plan = datagen.plan(document, memory=2_000_000_000)
        except PlanError as error:
            raise Wrong(f"passes check, cannot be planned: {error}") from None
    if plan.total_rows > MOST_ROWS:
        return "large"
    with tempfile.TemporaryDirectory() as scratch:
        _made(document, plan, Path(scratch) / "out")
    return "made"


def _refused(document: Json, problems: tuple[datagen.Problem, ...]) -> str:
    for problem in problems:
        if not problem.keys and problem.code not in WITHOUT_PLACE:
            raise Wrong(f"a problem without a place: {problem}")
        if not problem.message or "Traceback" in problem.message:
            raise Wrong(f"a problem that says nothing: {problem}")
    with _said(), _in_time():
        try:
            datagen.plan(document)
        except (SchemaError, PlanError):
            return "refused"
    raise Wrong(f"check refuses what can be planned: {problems[0]}")


def _made(document: Json, plan: datagen.Plan, out: Path) -> None:
    before = _at_rest()
    with _said(), _in_time():
        pieces = max(plan.total_rows // 3, 1)
        dataset = datagen.generate(document, out, partition_rows=pieces, memory=2_000_000_000)
        written = datagen.fingerprint(out)
    taken = _status("VmHWM") - before
    if taken > max(plan.memory - BASE_MEMORY, 0) + SLACK:
        raise Wrong(f"took {taken / 1e6:.0f} MB more, the plan says {plan.memory / 1e6:.0f} MB in all")
    rows = {name: dataset.table(name).rows for name in dataset.tables}
    shown = {name: table.rows for name, table in plan.tables.items() if not document["tables"][name].get("hidden")}
    faulty = document.get("faults", {})  # faults copy rows beyond those of the plan
    if rows.keys() != shown.keys() or any(rows[n] < m or (rows[n] > m and n not in faulty) for n, m in shown.items()):
        raise Wrong(f"the plan says {shown} rows, the files hold {rows}")
    with _said(), _in_time():
        whole = datagen.fingerprint(document)
    if whole != written:
        raise Wrong(f"made otherwise in other pieces: {[name for name in whole if whole[name] != written[name]]}")
    with _said(), _in_time():
        report = datagen.validate(document, out)
    failed = [one for one in report.failed if one.measure != "Expectation"]
    if failed:
        raise Wrong(f"does not validate: {[(f.table, f.column, f.measure, f.message) for f in failed][:3]}")
    if not report.failed and report.score < LEAST_SCORE:
        lost = [report.findings[loss.finding] for loss in report.losses[:3]]
        raise Wrong(f"score {report.score:.0f}: {[(f.table, f.column, f.measure, f.message) for f in lost]}")


def _at_rest() -> int:
    """Bytes of the process when it does nothing; what it has taken at most is counted anew from here."""
    gc.collect()
    pa.default_memory_pool().release_unused()
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)
    with suppress(OSError), Path("/proc/self/clear_refs").open("w") as counters:
        counters.write("5")
    return _status("VmRSS")


def _status(name: str) -> int:
    """A size that the system tells of this process, in bytes; 0 where it tells none."""
    with suppress(OSError), Path("/proc/self/status").open() as lines:
        return next((int(line.split()[1]) * 1024 for line in lines if line.startswith(f"{name}:")), 0)
    return 0


@contextmanager
def _said() -> Iterator[None]:
    """Any exception that was not meant for people becomes a Wrong with the place where it came from."""
    try:
        yield
    except (Wrong, SchemaError, PlanError):
        raise
    except Exception as error:
        frames = [f"{Path(f.filename).name}:{f.lineno}" for f in traceback.extract_tb(error.__traceback__)]
        raise Wrong(f"{type(error).__name__}: {str(error)[:200]} ({' < '.join(frames[:-5:-1])})") from error


@contextmanager
def _in_time() -> Iterator[None]:
    def stop(_number: int, _frame: FrameType | None) -> None:
        raise TimeoutError(f"takes more than {SECONDS} s of processor time")

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, SECONDS)  # processor time: other processes may be busy
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
