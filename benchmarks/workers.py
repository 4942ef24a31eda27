"""Time the shop workload in one process and on local workers, in turn, and print what the workers gain and what they
cost.

    .venv/bin/python benchmarks/workers.py --scale 10 --workers 2

The speed-up is the wall time of one process over that of the workers: on an idle machine with a CPU for each it should
be near their number. The overhead is the CPU time of all processes over that of one process; it holds on a busy
machine, too.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Times:
    """Seconds of one run, of all its processes together."""

    wall: float
    cpu: float


def timed(workers: int, scale: float, out: Path) -> Times:
    """One run with so many workers; 1 is this process without Dask."""
    call = [sys.executable, "-c", "from datagen.cli import main; main()", "generate", str(HERE / "shop_workload.json")]
    options = ["--scale", str(scale), "--workers", str(workers), "--out", str(out), "--overwrite"]
    began = time.monotonic()
    process = subprocess.Popen([*call, *options], stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"the run with {workers} workers failed")
    return Times(time.monotonic() - began, used.ru_utime + used.ru_stime)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scale", type=float, default=10.0, help="1 is 11 million rows")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--repeat", type=int, default=3, help="rounds; medians are shown")
    asked = parser.parse_args()
    found: dict[int, list[Times]] = {1: [], asked.workers: []}
    with tempfile.TemporaryDirectory() as scratch:
        for _ in range(asked.repeat):
            for workers, times in found.items():
                times.append(timed(workers, asked.scale, Path(scratch) / "out"))
    wall = {workers: statistics.median(t.wall for t in times) for workers, times in found.items()}
    cpu = {workers: statistics.median(t.cpu for t in times) for workers, times in found.items()}
    print("| processes | wall | CPU-seconds | speed-up | overhead |\n|---:|---:|---:|---:|---:|")
    for workers in found:
        speed_up, overhead = wall[1] / wall[workers], cpu[workers] / cpu[1] - 1
        print(f"| {workers} | {wall[workers]:.1f} s | {cpu[workers]:.1f} | {speed_up:.2f}x | {overhead:+.0%} |")


if __name__ == "__main__":
    main()
