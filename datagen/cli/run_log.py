"""The listeners of a run: events as JSON lines, a progress bar, or the line at the end."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from datagen.cli.progress import RunSummary
from datagen.runtime.events import Event


class JsonLog(RunSummary):
    """Every event as one JSON object on standard error, with its time; the line at the end stays."""

    def on_event(self, event: Event) -> None:
        super().on_event(event)
        fields = {name: value for name, value in asdict(event).items() if name != "seen"}
        when = datetime.now(UTC).isoformat(timespec="milliseconds")
        print(json.dumps({"time": when, "event": type(event).__name__, **fields}), file=sys.stderr, flush=True)

    def say(self, line: str) -> None:
        """The event says it."""


def run_listener(out: Path | str, *, log_json: bool) -> RunSummary:
    """The listener that shows progress: JSON lines, a progress bar, or the line at the end."""
    return JsonLog(out) if log_json else event_listener(out)


def event_listener(folder: Path | str) -> RunSummary:
    """The event listener of a run: a progress bar on a terminal, else a summary only."""
    if not sys.stderr.isatty():
        return RunSummary(folder)
    from datagen.cli.progress_bar import Progress  # start-up: rich

    return Progress(folder)
