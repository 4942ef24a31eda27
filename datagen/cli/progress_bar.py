"""The progress bar of a run on a terminal."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, Task, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bars
from rich.text import Text

from datagen.byte_sizes import format_size
from datagen.cli.progress import RunSummary
from datagen.cli.text_output import printable
from datagen.runtime.events import Event, PartitionDone, PartitionRetried, Started


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

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.bars.stop()

    def on_event(self, event: Event) -> None:
        """Show one event."""
        super().on_event(event)
        if isinstance(event, Started):
            self.bars.start()  # its thread must not exist when the workers' processes are forked
            self.bars.add_task(event.name, total=event.rows, completed=event.kept_rows, size="")
        elif isinstance(event, PartitionDone):
            self.bytes += event.bytes
            self.bars.update(self.bars.task_ids[0], advance=event.rows, size=format_size(self.bytes))
        elif isinstance(event, PartitionRetried):
            self.say(f"partition {event.index} is generated again (attempt {event.attempt}): {event.reason}")

    def say(self, line: str) -> None:
        """Print a notice above the bar."""
        if self.console.is_terminal:
            self.console.print(Text(printable(line)))
