"""What a run came to, in one line; all that is told where nobody watches."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from datagen.byte_sizes import show_size
from datagen.cli.writing import printable
from datagen.runtime.events import Event, Finished, NoWorkers, PartitionDamaged, Started


class RunSummary:
    """Listens to the events of a run and says in one line what came of it."""

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
        """Nothing to take down."""

    def hear(self, event: Event) -> None:
        """Take note of one event."""
        if isinstance(event, Started):
            self.kept = event.kept_rows
        elif isinstance(event, Finished):
            self.finished = event
        elif isinstance(event, PartitionDamaged):
            self.say(f"partition {event.index} is made again: {event.reason}")
        elif isinstance(event, NoWorkers):
            self.say(f"the cluster has no worker yet; waiting for one, at most {event.patience:g} s")

    def say(self, line: str) -> None:
        """Tell something that happens on the way, on standard error."""
        print(printable(line), file=sys.stderr, flush=True)

    def summarize(self) -> None:
        """Say in one line what was written."""
        if self.finished is None:
            return
        done, seconds = self.finished, time.monotonic() - self.began
        made = done.rows - self.kept
        kept = f", {self.kept:,} of them kept from before" if self.kept else ""
        print(
            f"{done.rows:,} rows, {show_size(done.bytes)} in {done.files:,} files at {printable(str(self.out))}{kept} "
            f"({seconds:.1f} s, {made / max(seconds, 1e-3):,.0f} rows/s)"
        )


def listening(folder: Path | str) -> RunSummary:
    """Who hears how far the work on a folder is: a progress bar where somebody watches."""
    if not sys.stderr.isatty():
        return RunSummary(folder)
    from datagen.cli.progress import Progress  # start-up: rich's bars, for those who watch

    return Progress(folder)
