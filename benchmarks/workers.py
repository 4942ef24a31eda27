"""Time the shop workload in one process and on local workers, in turn, and print what the workers gain and what they
cost.

    .venv/bin/python benchmarks/workers.py --scale 10 --workers 2

The speed-up is the wall time of one process over that of the workers: on an idle machine with a CPU for each it should
be near their number. CPUs that share caches and memory reach less: the row "apart" is that many runs at the same time,
each of its own share of the rows and without Dask. The overhead is the CPU time of all processes over that of one
process; it holds on a busy machine, too. The last column is the CPU time of the driver, the starter and the scheduler,
without that of `datagen plan`, which one process needs, too. It is what Dask costs outside of the workers.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

SAMPLE_SECONDS = 0.1
HERE = Path(__file__).parent


COMMAND = [sys.executable, "-c", "from datagen.cli import main; main()"]


@dataclass(frozen=True)
class Times:
    """Seconds of one run, of all its processes together, and of those that generate no rows."""

    wall: float
    cpu: float
    coordination: float


def started(command: str, scale: float, *options: str) -> subprocess.Popen[bytes]:
    """The process of one command on the shop workload."""
    call = [*COMMAND, command, str(HERE / "shop_workload.json"), "--scale", str(scale), *options]
    return subprocess.Popen(call, stdout=subprocess.DEVNULL)


def timed(command: str, scale: float, *options: str) -> Times:
    """One command on the shop workload."""
    began = time.monotonic()
    process = started(command, scale, *options)
    coordination = 0.0
    while not (ended := os.wait4(process.pid, os.WNOHANG))[0]:
        coordination = max(coordination, _coordination(process.pid))
        time.sleep(SAMPLE_SECONDS)
    if ended[1]:
        raise SystemExit(f"{command} {' '.join(options)} failed")
    return Times(time.monotonic() - began, ended[2].ru_utime + ended[2].ru_stime, coordination)


def timed_apart(number: int, scale: float, folder: Path) -> Times:
    """Independent runs at the same time, each in one process and of its share of the rows."""
    began, before = time.monotonic(), os.times()
    runs = [started("generate", scale / number, "--workers", "1", "--out", str(folder / str(n))) for n in range(number)]
    codes = [run.wait() for run in runs]
    if any(codes):
        raise SystemExit("generate failed")
    after, wall = os.times(), time.monotonic() - began
    for n in range(number):
        shutil.rmtree(folder / str(n))
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return Times(wall, cpu, 0.0)


def _coordination(driver: int) -> float:
    """CPU seconds so far of the driver and of the two processes that were started first: the starter, the scheduler."""
    try:
        process = psutil.Process(driver)
        below = sorted(process.children(recursive=True), key=psutil.Process.create_time)
        times = [one.cpu_times() for one in (process, *below[:2])]
    except psutil.NoSuchProcess:
        return 0.0
    return float(sum(one.user + one.system for one in times))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scale", type=float, default=10.0, help="1 is 11 million rows")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--repeat", type=int, default=3, help="rounds; medians are shown")
    asked = parser.parse_args()
    found: dict[str, list[Times]] = {"1": [], str(asked.workers): [], f"{asked.workers} apart": []}
    one, workers, apart = found.values()
    with tempfile.TemporaryDirectory() as scratch:
        for _ in range(asked.repeat):
            for number, times in ((1, one), (asked.workers, workers)):
                out = Path(scratch) / "out"
                times.append(timed("generate", asked.scale, "--workers", str(number), "--out", str(out)))
                shutil.rmtree(out)  # a run that overwrites would take the time of removing the files of the last one
            apart.append(timed_apart(asked.workers, asked.scale, Path(scratch)))
    wall = {name: statistics.median(t.wall for t in times) for name, times in found.items()}
    cpu = {name: statistics.median(t.cpu for t in times) for name, times in found.items()}
    planning = statistics.median(timed("plan", asked.scale).cpu for _ in range(asked.repeat))
    coordination = statistics.median((t.coordination - planning) / t.cpu for t in workers)
    print("| processes | wall | CPU-seconds | speed-up | overhead | Dask outside of the workers |")
    print("|---:|---:|---:|---:|---:|---:|")
    for name, times in found.items():
        figures = [f"{wall[name]:.1f} s", f"{cpu[name]:.1f}", f"{wall['1'] / wall[name]:.2f}x"]
        figures += [f"{cpu[name] / cpu['1'] - 1:+.0%}", f"{coordination:.1%}" if times is workers else ""]
        print("|", " | ".join([name, *figures]), "|")


if __name__ == "__main__":
    main()
