"""Run the shop workload with datagen and with its rivals, in turn, and print rows per CPU-second, peak memory and
ratios.

Whole processes are measured, start-up and imports included: user and system CPU time of the process and its children
from `wait4`, and the largest resident set among them. The medians of `--repeat` rounds are shown; rounds go A B C A B
C, so that a machine that warms up or is busy for a while treats all alike. Every contender runs once with few rows
before that, unmeasured: byte code is compiled beforehand, as it is where packages are installed.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
COMPILED = Path(tempfile.gettempdir()) / "datagen-bench-bytecode"
FULL = 1_000_000
FEW = 1_000
FAKER_CUSTOMERS = 1_800  # about 20,000 rows: its rate does not depend on the size, and nobody wants to wait for more

Command = Callable[[int, Path, int], list[str]]


@dataclass(frozen=True, slots=True)
class Contender:
    """One way to make the shop; `command` takes customers, an output folder and a seed."""

    name: str
    command: Command
    most: int = FULL * 1000


@dataclass(frozen=True, slots=True)
class Result:
    """One run of one contender."""

    rows: int
    cpu: float
    megabytes: float
    wall: float

    @property
    def rate(self) -> float:
        return self.rows / self.cpu


class Failed(Exception):
    """A contender that did not make the shop; the text says why."""


def rival(script: str, *extra: str) -> Command:
    def command(customers: int, out: Path, seed: int) -> list[str]:
        path = str(HERE / "rivals" / script)
        return [sys.executable, path, "--customers", str(customers), "--out", str(out), "--seed", str(seed), *extra]

    return command


def datagen(customers: int, out: Path, seed: int) -> list[str]:
    call = [sys.executable, "-c", "from datagen.cli import main; main()", "generate", str(HERE / "shop_workload.json")]
    scale = format(customers / FULL, ".9f").rstrip("0").rstrip(".")
    return [*call, "--out", str(out), "--seed", str(seed), "--scale", scale]


CONTENDERS = (
    Contender("datagen", datagen),
    Contender("numpy + pyarrow script", rival("script_plain.py")),
    Contender("the same, every trick", rival("script_tuned.py")),
    Contender("DuckDB, 1 thread", rival("sql_duckdb.py", "--threads", "1")),
    Contender("DuckDB", rival("sql_duckdb.py")),
    Contender("polars", rival("frame_polars.py")),
    Contender("Faker, row by row", rival("rows_faker.py"), most=FAKER_CUSTOMERS),
)


def measure(contender: Contender, customers: int, seed: int) -> Result:
    """Run it once in a folder of its own. Raises Failed with the last line it wrote."""
    customers = min(customers, contender.most)
    scratch = Path(tempfile.mkdtemp(prefix="datagen-bench-"))
    try:
        cpu, megabytes, wall = run(contender.command(customers, scratch / "shop", seed), scratch / "log")
        return Result(verified(scratch / "shop", customers), cpu, megabytes, wall)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def run(command: list[str], log: Path) -> tuple[float, float, float]:
    """CPU-seconds, peak megabytes and wall seconds of a whole process and the children it waited for."""
    environment = {**os.environ, "PYTHONPATH": str(HERE.parent), "PYTHONPYCACHEPREFIX": str(COMPILED)}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    with log.open("wb") as out:
        began = os.times().elapsed
        process = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT, env=environment)
        _, status, used = os.wait4(process.pid, 0)
        wall = os.times().elapsed - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        said = log.read_text(errors="replace").strip().splitlines()
        raise Failed(f"exit code {process.returncode}: {said[-1].strip() if said else 'no output'}")
    unit = 1 if sys.platform == "darwin" else 1024  # ru_maxrss is in bytes there, in kilobytes elsewhere
    return used.ru_utime + used.ru_stime, used.ru_maxrss * unit / 1e6, wall


def verified(folder: Path, customers: int) -> int:
    """The rows that were written, once they are seen to be the workload. Raises Failed."""
    seen = subprocess.run([sys.executable, HERE / "verify.py", folder], capture_output=True, text=True, check=False)
    if seen.returncode != 0:
        raise Failed("its output cannot be read: " + (seen.stderr.strip().splitlines() or ["no reason given"])[-1])
    answer = json.loads(seen.stdout)
    if answer["rows"] != customers * 11:
        answer["faults"].append(f"{answer['rows']:,} rows instead of {customers * 11:,}")
    if answer["faults"]:
        raise Failed("not the workload: " + "; ".join(answer["faults"]))
    return int(answer["rows"])


def rounds(contenders: list[Contender], asked: argparse.Namespace) -> dict[str, list[Result] | str]:
    """Every contender's results by name, or the reason why it failed; one that failed is not tried again."""
    found: dict[str, list[Result] | str] = {contender.name: warmed_up(contender) for contender in contenders}
    for turn in range(asked.repeat):
        for contender in contenders:
            results = found[contender.name]
            if isinstance(results, str):
                continue
            print(f"round {turn + 1} of {asked.repeat}: {contender.name} ...", file=sys.stderr, flush=True)
            try:
                results.append(measure(contender, round(FULL * asked.scale), asked.seed + turn))
            except Failed as reason:
                found[contender.name] = str(reason)
    return found


def warmed_up(contender: Contender) -> list[Result] | str:
    """No results yet, or the reason why it fails."""
    try:
        measure(contender, FEW, 0)
    except Failed as reason:
        return str(reason)
    return []


def median(results: list[Result]) -> Result:
    """The run whose rate is in the middle, with the medians of the rest."""
    rate = statistics.median(result.rate for result in results)
    rows = results[0].rows
    megabytes = statistics.median(result.megabytes for result in results)
    return Result(rows, rows / rate, megabytes, statistics.median(result.wall for result in results))


def report(found: dict[str, list[Result] | str]) -> str:
    """A table in Markdown; `datagen is` tells how many times the rate of the rival datagen reaches."""
    ours = found.get("datagen")
    own = median(ours).rate if isinstance(ours, list) else None
    lines = [
        "| what | rows | CPU-seconds | wall | rows per CPU-second | peak memory | datagen is |",
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    for name, results in found.items():
        if isinstance(results, str):
            lines.append(f"| {name} | failed: {results.replace('|', '/')} | | | | | |")
            continue
        seen = median(results)
        ratio = f"{own / seen.rate:.2f}x" if own else "?"
        lines.append(
            f"| {name} | {seen.rows:,} | {seen.cpu:.2f} | {seen.wall:.2f} s | {seen.rate / 1e6:.3f} M "
            f"| {seen.megabytes:,.0f} MB | {ratio} |"
        )
    return "\n".join(lines)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scale", type=float, default=1.0, help="1 is a million customers, 11 million rows")
    parser.add_argument("--repeat", type=int, default=3, help="rounds; medians are shown")
    parser.add_argument("--seed", type=int, default=42, help="of the first round; each round takes the next one")
    parser.add_argument(
        "--only", action="append", default=[], metavar="TEXT", help="contenders with TEXT in their name"
    )
    return parser.parse_args()


def main() -> int:
    asked = arguments()
    chosen = [one for one in CONTENDERS if not asked.only or any(text in one.name for text in asked.only)]
    found = rounds(chosen, asked)
    print(report(found))
    return int(any(isinstance(results, str) for results in found.values()))


if __name__ == "__main__":
    sys.exit(main())
