"""Metrics of a run, as Prometheus reads them: from a file, and over HTTP while it runs."""

from __future__ import annotations

import threading
import time
import urllib.error
import urllib.request
from contextlib import suppress
from pathlib import Path

import pytest

from datagen.cli.metrics import MetricsFile, RunMetrics
from datagen.cli.metrics_server import CONTENT, served
from datagen.cli.options import metrics_target
from datagen.runtime.events import (
    Finished,
    NoWorkers,
    PartitionDamaged,
    PartitionDone,
    PartitionRetried,
    Started,
    WorkersChanged,
)
from tests.cli.terminal import Run
from tests.ports import free_port


def values_of(text: str) -> dict[str, float]:
    lines = [line.split() for line in text.splitlines() if not line.startswith("#")]
    return {name.removeprefix("datagen_"): float(value) for name, value in lines}


def scraped(port: int, page: str = "/metrics") -> str:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{page}", timeout=60) as answer:
        assert answer.headers["Content-Type"] == CONTENT
        return str(answer.read().decode())


@pytest.mark.parametrize(
    ("text", "target"),
    [
        (":9200", ("127.0.0.1", 9200)),
        ("localhost:9200", ("localhost", 9200)),
        ("0.0.0.0:0", ("0.0.0.0", 0)),
        ("[::1]:9200", ("::1", 9200)),
        ("datagen.prom", Path("datagen.prom")),
        ("./a:9200", Path("a:9200")),
    ],
)
def test_an_address_without_a_host_is_that_of_this_machine_and_all_else_is_a_file(text: str, target: object) -> None:
    assert metrics_target(text) == target


def test_every_event_is_counted() -> None:
    metrics = RunMetrics()
    for event in (
        Started("x", 100, 5, kept_rows=20, kept=1), WorkersChanged(4), PartitionDone(1, 30, 700), NoWorkers(60.0),
        WorkersChanged(3), PartitionRetried(2, 2, "lost"), PartitionDamaged(3, "size"), Finished(100, 900, 5),
    ):  # fmt: skip
        metrics.on_event(event)
    metrics.fail()
    found = values_of(metrics.text())
    assert 0 <= found.pop("seconds") < 60
    assert abs(found.pop("last_event_timestamp_seconds") - time.time()) < 60
    assert found == {
        "rows": 100, "rows_done": 50, "bytes_done": 700, "partitions": 5, "partitions_done": 2, "workers": 3,
        "retries_total": 1, "damaged_total": 1, "without_workers_total": 1, "finished": 1, "failed": 1,
    }  # fmt: skip


def test_every_metric_has_its_help_and_its_type_before_it() -> None:
    lines = RunMetrics().text().splitlines()
    for help_line, type_line, value in zip(lines[::3], lines[1::3], lines[2::3], strict=True):
        name = value.split()[0]
        assert help_line.startswith(f"# HELP {name} ")
        assert type_line in (f"# TYPE {name} gauge", f"# TYPE {name} counter")
        assert name.endswith("_total") == type_line.endswith("counter")


def test_metrics_are_scraped_while_a_run_writes(run: Run, shop: Path, tmp_path: Path) -> None:
    port, seen, over = free_port(), list[dict[str, float]](), threading.Event()

    def scrape() -> None:
        while not over.wait(0.01):
            with suppress(OSError):
                seen.append(values_of(scraped(port)))

    scraper = threading.Thread(target=scrape)
    scraper.start()
    try:
        words = ("--metrics", f":{port}", "--partition-rows", 50, "--scale", 3)
        reported = run("generate", shop, "--out", tmp_path / "data", *words)
    finally:
        over.set()
        scraper.join()
    assert reported.code == 0
    done = [found["rows_done"] for found in seen]
    assert done == sorted(done) and 0 < max(done) <= max(found["rows"] for found in seen)
    assert max(found["workers"] for found in seen) == 1
    with pytest.raises(OSError, match=r"refused|reset"):
        scraped(port)


def test_other_pages_are_not_found() -> None:
    port, metrics = free_port(), RunMetrics()
    metrics.on_event(WorkersChanged(2))
    with served("127.0.0.1", port, metrics.text):
        assert values_of(scraped(port, "/metrics?name=x"))["workers"] == 2
        with pytest.raises(urllib.error.HTTPError, match="404"):
            scraped(port, "/")


def test_an_address_that_is_taken_is_told_before_anything_is_written(run: Run, shop: Path, tmp_path: Path) -> None:
    port = free_port()
    with served("127.0.0.1", port, str):
        reported = run("generate", shop, "--out", tmp_path / "data", "--metrics", f"127.0.0.1:{port}")
    assert reported.code == 1
    assert f"cannot serve metrics at 127.0.0.1:{port}: address already in use" in reported.err
    assert not (tmp_path / "data").exists()


def test_a_failed_run_is_seen_in_the_file(run: Run, shop: Path, tmp_path: Path) -> None:
    file = tmp_path / "datagen.prom"
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "other.txt").write_text("kept")
    assert run("generate", shop, "--out", tmp_path / "data", "--metrics", file).code == 1
    found = values_of(file.read_text())
    assert (found["failed"], found["finished"]) == (1, 0)


def test_a_file_is_replaced_as_a_whole(tmp_path: Path) -> None:
    metrics = MetricsFile(tmp_path / "datagen.prom")
    for rows in (10, 20):
        metrics.on_event(Started("x", rows, 1))
        assert values_of((tmp_path / "datagen.prom").read_text())["rows"] == rows
    assert [path.name for path in tmp_path.iterdir()] == ["datagen.prom"]
