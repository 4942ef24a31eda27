"""The memory of driver, scheduler and workers over a run of many partitions, as a table and as an SVG.

    .venv/bin/python benchmarks/long_run.py --partitions 10000 --svg long_run.svg

Resident memory of each process is sampled while two local workers make many small partitions. After the first third,
when caches are full, it must stay where it is: the growth is the difference between the medians of the middle third and
the last third, in MB and for 10,000 partitions.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import psutil

ROWS = 100
"""Rows of a partition: as few as make the driver's work per partition the larger part."""
DOCUMENT = {
    "datagen": 1,
    "name": "long_run",
    "seed": 1,
    "tables": {
        "readings": {
            "rows": ROWS,
            "columns": {
                "reading_id": {"type": "key"},
                "sensor": {"type": "choice", "values": {"a": 5, "b": 3, "c": 2}},
                "value": {"type": "normal", "mean": 20, "sd": 4, "decimals": 2},
            },
        }
    },
}
COLORS = ("#1f6feb", "#8250df", "#1a7f37", "#bf8700", "#cf222e")


@dataclass(frozen=True)
class Sample:
    """What a process held at a moment: seconds since the start, partitions done, resident MB."""

    seconds: float
    partitions: int
    megabytes: float


@dataclass
class Measurement:
    """The samples of each process, by what it does."""

    samples: dict[str, list[Sample]] = field(default_factory=dict)

    def growth(self, role: str) -> float:
        """MB for 10,000 partitions, from the middle third of the run to its last."""
        found = self.samples[role]
        total = found[-1].partitions
        middle = [one for one in found if total / 3 <= one.partitions < 2 * total / 3]
        last = [one for one in found if one.partitions >= 2 * total / 3]
        if not middle or not last:
            raise SystemExit("the run was too short to be sampled")
        risen = statistics.median(one.megabytes for one in last) - statistics.median(one.megabytes for one in middle)
        passed = statistics.fmean(one.partitions for one in last) - statistics.fmean(one.partitions for one in middle)
        return risen / passed * 10_000


def measured(partitions: int, workers: int, every: float) -> Measurement:
    """One run with so many partitions; `every` is the number of seconds between two samples."""
    found = Measurement()
    with tempfile.TemporaryDirectory() as scratch:
        document, out = Path(scratch) / "long_run.json", Path(scratch) / "out"
        document.write_text(json.dumps(DOCUMENT))
        call = [sys.executable, "-c", "from datagen.cli import main; main()", "generate", str(document)]
        options = ["--scale", partitions, "--partition-rows", ROWS, "--workers", workers, "--out", out]
        process = subprocess.Popen([*call, *map(str, options)], stdout=subprocess.DEVNULL)
        began = time.monotonic()
        while process.poll() is None:
            time.sleep(every)
            done = _receipts(out)
            for role, resident in _resident(process.pid).items():
                sample = Sample(time.monotonic() - began, done, resident / 1e6)
                if done:
                    found.samples.setdefault(role, []).append(sample)
        if process.returncode:
            raise SystemExit("the run failed")
    return found


def _receipts(out: Path) -> int:
    folder = out / "_run" / "receipts"
    return sum(1 for _ in folder.iterdir()) if folder.is_dir() else 0


def _resident(driver: int) -> dict[str, int]:
    """Resident bytes by what a process does. Below the driver is one that starts the others: the scheduler first."""
    try:
        process = psutil.Process(driver)
        below = sorted(process.children(recursive=True), key=psutil.Process.create_time)
        roles = ["starter", "scheduler", *(f"worker {number}" for number in range(1, len(below)))]
        named = {"driver": process, **dict(zip(roles, below, strict=False))}
        return {role: one.memory_info().rss for role, one in named.items()}
    except psutil.NoSuchProcess:  # it has just ended
        return {}


def svg(found: Measurement, width: int = 720, height: int = 320) -> str:
    """Resident memory of each process over the partitions that are done."""
    most = max(one.megabytes for samples in found.samples.values() for one in samples) * 1.1
    total = max(samples[-1].partitions for samples in found.samples.values())
    lines = []
    for number, (role, samples) in enumerate(found.samples.items()):
        color = COLORS[number % len(COLORS)]
        across = [50 + one.partitions / total * (width - 170) for one in samples]
        up = [height - 30 - one.megabytes / most * (height - 50) for one in samples]
        points = " ".join(f"{x:.1f},{y:.1f}" for x, y in zip(across, up, strict=True))
        lines.append(f'<polyline fill="none" stroke="{color}" stroke-width="1.5" points="{points}"/>')
        lines.append(f'<text x="{width - 114}" y="{up[-1] + 4:.1f}" fill="{color}">{role}</text>')
    for part in range(5):
        y = height - 30 - part / 4 * (height - 50)
        lines.append(f'<text x="4" y="{y + 4:.1f}">{most * part / 4:.0f} MB</text>')
        lines.append(f'<text x="{50 + part / 4 * (width - 170):.0f}" y="{height - 8}">{total * part // 4:,}</text>')
    style = '<style>text{font:11px sans-serif}</style><rect width="100%" height="100%" fill="white"/>'
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}">{style}{"".join(lines)}</svg>\n'


def table(found: Measurement) -> list[str]:
    """Markdown: the median of each fifth of the run, and the growth."""
    lines = [
        "| process | 1st fifth | 2nd | 3rd | 4th | last | growth for 10,000 |",
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    for role, samples in found.samples.items():
        fifths = [statistics.median(one.megabytes for one in part) for part in _fifths(samples)]
        cells = " | ".join(f"{size:.1f} MB" for size in fifths)
        lines.append(f"| {role} | {cells} | {found.growth(role):+.1f} MB |")
    return lines


def _fifths(samples: Sequence[Sample]) -> list[Sequence[Sample]]:
    bounds = [len(samples) * part // 5 for part in range(6)]
    return [samples[a : max(b, a + 1)] for a, b in pairwise(bounds)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--partitions", type=int, default=10_000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--every", type=float, default=0.5, help="seconds between two samples")
    parser.add_argument("--svg", type=Path, help="a file for the plot")
    parser.add_argument("--json", action="store_true", help="print the growth of each process as JSON")
    asked = parser.parse_args()
    found = measured(asked.partitions, asked.workers, asked.every)
    if asked.svg:
        asked.svg.write_text(svg(found))
    print(json.dumps({r: found.growth(r) for r in found.samples}) if asked.json else "\n".join(table(found)))


if __name__ == "__main__":
    main()
