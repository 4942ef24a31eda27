"""Arrivals are held against their process in exact time: even distances and clusters are both found out, chance never
is.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml

import datagen
from datagen.validation.metrics.base import Finding
from datagen.validation.report.report import Report

CASES = Path(__file__).parents[2] / "cases"
Times = np.ndarray
R = np.random.default_rng(1)


def document(rows: dict[str, Any], *behaviors: Any, start: str = "2023-01-01", end: str = "2025-01-01") -> Any:
    columns = {"k": {"type": "key"}, "t": {"type": "arrival_time"}}
    table = {"rows": {"type": "arrivals", **rows}, "columns": columns, "behaviors": list(behaviors)}
    return {"datagen": 1, "name": "x", "window": {"start": start, "end": end}, "tables": {"a": table}}


def validated(made: Any, folder: Path, change: Callable[[Times], Times] | None = None) -> Report:
    """The report on a document's dataset, whose arrivals are changed before."""
    datagen.generate(made, out=folder, overwrite=True)
    if change is not None:
        (file,) = (folder / "a").glob("*.parquet")
        table = pq.read_table(file)
        times = np.sort(change(table["t"].to_numpy().astype("datetime64[us]").astype(np.int64)))
        pq.write_table(table.set_column(1, "t", pa.array(times).cast(table.schema.field("t").type)), file)
    return datagen.validate(made, folder)


def one(report: Report, subject: str) -> Finding:
    (finding,) = (f for f in report.findings if f.subject.startswith(subject))
    return finding


def ruler(times: Times) -> Times:
    """Row r at (r + u) / N of the window."""
    low, high = (np.datetime64(day, "us").astype(np.int64) for day in ("2023-01-01", "2025-01-01"))
    share = (np.arange(len(times)) + R.random(len(times))) / len(times)
    return (low + share * (high - low)).astype(np.int64)


def pairs(times: Times) -> Times:
    """Every second one comes with the one before."""
    return np.repeat(R.permutation(times)[::2], 2)[: len(times)]


def half_even(times: Times) -> Times:
    """Half of them by a ruler, half by chance."""
    return np.concatenate([R.permutation(times)[::2], ruler(times[1::2])])


@pytest.mark.parametrize(
    "change, count", [(ruler, 150), (ruler, 2000), (ruler, 40_000), (pairs, 400), (pairs, 2000), (pairs, 40_000)]
)
def test_even_distances_and_clusters_are_reported(change: Callable[[Times], Times], count: int, tmp_path: Path) -> None:
    finding = one(validated(document({"count": count}), tmp_path, change), "variance of counts")
    assert finding.verdict == "not recovered" and finding.score is not None and finding.score < 0.8


def test_even_spacing_of_half_of_them_is_detected(tmp_path: Path) -> None:
    finding = one(validated(document({"count": 5000}), tmp_path, half_even), "variance of counts")
    assert finding.verdict == "not recovered" and finding.found == pytest.approx(0.5, abs=0.1)


@pytest.mark.parametrize(
    "made",
    [
        document({"count": 150}),
        document({"count": 20_000, "before_window": 0.3}),
        document({"mean_per_day": 5}, {"type": "seasonality", "weekday": {"sat": 3, "sun": 0}}),
        document({"count": 3000, "before_window": 0.2}, {"type": "noise", "sd": 0.3, "rho": 0.5}),
        document({"count": 2000, "end": "2023-06-06T06:06:06", "curve": {"type": "exponential", "growth_per_year": 5}}),
    ],
    ids=["few", "past", "season", "noise", "until"],
)
def test_random_variation_is_never_reported(made: Any, tmp_path: Path) -> None:
    found = [one(validated({**made, "seed": seed}, tmp_path), "variance of counts") for seed in range(8)]
    assert {finding.verdict for finding in found} == {"recovered"}
    assert max(abs(finding.z or 0.0) for finding in found) < 3.5
    assert np.mean([finding.z for finding in found]) == pytest.approx(0.0, abs=4 / len(found) ** 0.5)


def test_noise_is_found_beside_chance_and_even_spacing_within_it(tmp_path: Path) -> None:
    made = document({"count": 40_000}, {"type": "noise", "sd": 0.2, "rho": 0.3})
    report = validated(made, tmp_path)
    assert one(report, "noise sd").verdict == "recovered" and one(report, "variance of counts").verdict == "recovered"

    def even_days(times: Times) -> Times:
        """As many on each day as there were, at even distances."""
        day, first, counts = np.unique(times // 86_400_000_000, return_index=True, return_counts=True)
        rank = np.arange(len(times)) - np.repeat(first, counts) + 0.5
        return np.repeat(day, counts) * 86_400_000_000 + (rank / np.repeat(counts, counts) * 86_400e6).astype(np.int64)

    report = validated(made, tmp_path, even_days)
    assert one(report, "variance of counts").verdict == "not recovered"


def test_noise_that_is_not_declared_is_reported(tmp_path: Path) -> None:
    noisy = document({"count": 40_000}, {"type": "noise", "sd": 0.2, "rho": 0.3})
    datagen.generate(noisy, out=tmp_path)
    assert one(datagen.validate(document({"count": 40_000}), tmp_path), "variance of counts").verdict == "not recovered"


WINDOWS = {
    "case": yaml.safe_load((CASES / "window-at-one-o-clock.yaml").read_text()),
    "36 hours from noon": document(
        {"count": 4000, "before_window": 0.25, "history": "36h"}, start="2024-02-28T12:00:00", end="2024-03-01T00:00:00"
    ),
    "90 minutes": document(
        {"count": 2000, "before_window": 0.4, "history": "100min"},
        start="2024-01-01T10:20:30",
        end="2024-01-01T11:50:30",
    ),
    "three days": document(
        {"count": 500, "before_window": 0.9}, start="2024-05-05T23:59:00", end="2024-05-08T00:01:00"
    ),
}


@pytest.mark.parametrize("window", WINDOWS)
def test_a_window_is_judged_at_its_own_edges(window: str, tmp_path: Path) -> None:
    made = WINDOWS[window]
    report = validated(made, tmp_path)
    before = one(report, "share that came before")
    assert before.found == pytest.approx(made["tables"]["a"]["rows"]["before_window"])
    assert before.verdict == "recovered" and one(report, "curve").verdict == "pass"
    assert one(report, "variance of counts").verdict == "recovered"
    assert [f for f in report.findings if f.verdict in ("fail", "not recovered") and f.group != "realism"] == []


def test_hours_that_are_moved_show_in_a_window_of_36_hours(tmp_path: Path) -> None:
    """In the share before the window, though whole days could not tell."""
    made = WINDOWS["36 hours from noon"]
    start = np.datetime64("2024-02-28T12:00:00", "us").astype(np.int64)

    def later(times: Times) -> Times:
        return np.where((times < start) & (times > start - 6 * 3_600_000_000), times + 7 * 3_600_000_000, times)

    report = validated(made, tmp_path, later)
    assert one(report, "share that came before").verdict == "not recovered"


def test_too_few_rows_are_inconclusive(tmp_path: Path) -> None:
    report = validated(document({"count": 60}), tmp_path)
    assert one(report, "curve").verdict == "not identifiable"


EVERY = np.arange(4000)
KEYS = {
    "as generated": (EVERY, "pass"),
    "two parts exchanged": (np.r_[:500, 2500:3500, 1500:2500, 500:1500, 3500:4000], "fail"),
    "keys of another origin": (np.random.default_rng(1).permutation(4000), "not applicable"),
    "keys that begin elsewhere": (EVERY + 10**6, "not applicable"),
}


@pytest.mark.parametrize("case", KEYS)
def test_keys_grow_with_the_time_of_arrival(case: str, tmp_path: Path) -> None:
    """An exchange of parts of a table that no other table refers to shows in nothing else."""
    order, verdict = KEYS[case]
    made = document({"count": 4000, "before_window": 0.2})
    table = datagen.generate(made, out=tmp_path / "made").table("a").to_arrow()
    (tmp_path / "changed").mkdir()
    changed = table.set_column(0, table.schema.field("k"), pa.array(order + 1))
    pq.write_table(changed, tmp_path / "changed" / "a.parquet")
    report = datagen.validate(made, tmp_path / "changed")
    assert [f.verdict for f in report.findings if f.measure == "KeyOrder"] == [verdict]
    assert (report.score < 100) == (verdict == "fail")
