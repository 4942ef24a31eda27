import io
from pathlib import Path

import pytest
from rich.console import Console

from datagen.byte_sizes import format_size, parse_size
from datagen.cli.progress import RunSummary
from datagen.cli.progress_bar import Progress
from datagen.runtime.events import Counting, Finished, PartitionDone, PartitionRetried, Started

EVENTS = [
    Started("shop", 1000, 2, 200, 1),
    PartitionDone(0, 500, 2_000_000),
    PartitionRetried(1, 2, "a worker was lost"),
    PartitionDone(1, 300, 1_000_000),
    Finished(1000, 4_000_000, 4),
]


def shown(terminal: bool) -> tuple[str, Progress]:
    stream = io.StringIO()
    progress = Progress(Path("data"), Console(file=stream, force_terminal=terminal, width=120))
    with progress:
        for event in EVENTS:
            progress.on_event(event)
    return stream.getvalue(), progress


def test_a_terminal_sees_rows_bytes_and_what_was_made_again() -> None:
    text, _ = shown(terminal=True)
    assert "1,000 of 1,000 rows" in text
    assert "3 MB" in text
    assert "partition 1 is generated again (attempt 2): a worker was lost" in text


def test_where_nobody_watches_nothing_moves(capsys: pytest.CaptureFixture[str]) -> None:
    text, progress = shown(terminal=False)
    assert "rows" not in text
    progress.summarize()
    reported = capsys.readouterr().out
    assert reported.startswith("1,000 rows, 4 MB in 4 files at data, 200 of them from an earlier run (")


def test_counting_that_takes_long_is_said_once(capsys: pytest.CaptureFixture[str]) -> None:
    summary = RunSummary(Path("data"))
    for done in range(3):
        summary.on_event(Counting(done, 1200))
    assert capsys.readouterr().err == "counting the rows of 1,200 partitions; then they are generated\n"


def test_a_run_that_did_not_finish_is_not_summarized(capsys: pytest.CaptureFixture[str]) -> None:
    Progress(Path("data")).summarize()
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    "text, size",
    [("1000", 1000), ("64MB", 64_000_000), ("2GiB", 2**31), ("1.5 gb", 1_500_000_000), ("7b", 7), ("3K", 3000)],
)
def test_sizes_are_read_in_every_usual_spelling(text: str, size: int) -> None:
    assert parse_size(text) == size


@pytest.mark.parametrize(
    "count, text",
    [(0, "0 B"), (999, "999 B"), (1500, "1.5 kB"), (999_600, "1 MB"), (4e21, "4,000 EB")],
)
def test_sizes_are_shown_in_the_unit_that_fits(count: float, text: str) -> None:
    assert format_size(count) == text
