"""The progress bar of a run, and the line at its end."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Task, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bars
from rich.text import Text

from datagen.byte_sizes import show_size
from datagen.cli.writing import printable
from datagen.runtime.events import (
    ClusterReady,
    Event,
    Finished,
    NoWorkers,
    PartitionDamaged,
    PartitionDone,
    PartitionRetried,
    Started,
)


class RunSummary:
    """Receives the events of a run and prints one line about the result."""

    def __init__(self, out: Path | str) -> None:
        self.out = out
        self.began = time.monotonic()
        self.finished: Finished | None = None
        self.kept = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Nothing to release."""

    def hear(self, event: Event) -> None:
        """Record one event."""
        if isinstance(event, Started):
            self.kept = event.kept_rows
        elif isinstance(event, Finished):
            self.finished = event
        elif isinstance(event, PartitionDamaged):
            self.say(f"partition {event.index} is generated again: {event.reason}")
        elif isinstance(event, NoWorkers):
            self.say(f"no worker yet: waiting for {event.cluster}, at most {event.patience:g} s")
        elif isinstance(event, ClusterReady) and event.dashboard:
            self.say(f"dashboard of {event.name}: {event.dashboard}")

    def say(self, line: str) -> None:
        """Print a notice about the run to standard error."""
        print(printable(line), file=sys.stderr, flush=True)

    def summarize(self) -> None:
        """Print one line about what was written."""
        if self.finished is None:
            return
        done, seconds = self.finished, time.monotonic() - self.began
        made = done.rows - self.kept
        kept = f", {self.kept:,} of them kept from before" if self.kept else ""
        print(
            f"{done.rows:,} rows, {show_size(done.bytes)} in {done.files:,} files at {printable(str(self.out))}{kept} "
            f"({seconds:.1f} s, {made / max(seconds, 1e-3):,.0f} rows/s)"
        )


class _Speed(TextColumn):
    """Rows per second."""

    def __init__(self) -> None:
        super().__init__("")

    def render(self, task: Task) -> Text:
        return Text("" if not task.speed else f"{task.speed:,.0f} rows/s", "cyan")


class Progress(RunSummary):
    """A summary with a progress bar: rows, rows per second, bytes and time left."""

    def __init__(self, out: Path | str, console: Console | None = None) -> None:
        super().__init__(out)
        self.console = console or Console(stderr=True)
        self.bytes = 0
        self.bars = Bars(
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.completed:,.0f} of {task.total:,.0f} rows"),
            _Speed(),
            TextColumn("{task.fields[size]}"),
            TimeRemainingColumn(),
            console=self.console,
            disable=not self.console.is_terminal,
            transient=True,
        )

    def __enter__(self) -> Self:
        self.bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.bars.stop()

    def hear(self, event: Event) -> None:
        """Show one event."""
        super().hear(event)
        if isinstance(event, Started):
            self.bars.add_task(event.name, total=event.rows, completed=event.kept_rows, size="")
        elif isinstance(event, PartitionDone):
            self.bytes += event.bytes
            self.bars.update(self.bars.task_ids[0], advance=event.rows, size=show_size(self.bytes))
        elif isinstance(event, PartitionRetried):
            self.say(f"partition {event.index} is generated again (attempt {event.attempt}): {event.reason}")

    def say(self, line: str) -> None:
        """Print a notice above the bar."""
        if self.console.is_terminal:
            self.console.print(Text(printable(line)))


def event_listener(folder: Path | str) -> RunSummary:
    """The event listener of a run: a progress bar on a terminal, else a summary only."""
    return Progress(folder) if sys.stderr.isatty() else RunSummary(folder)
