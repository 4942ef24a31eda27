"""Generate the shop example at growing scales and validate it: rows per CPU-second, and that memory stays bounded.

`generate --validate` is compared with `generate` alone. Whole processes are measured as in `shop.py`.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

import pyarrow.parquet as pq
from shop import run

SCHEMA = Path(__file__).resolve().parents[1] / "examples" / "shop.json"


def measure(scale: float, scratch: Path) -> list[str]:
    """A row of the table for one scale."""
    out, log = scratch / "out", scratch / "log"
    datagen = [sys.executable, "-m", "datagen"]
    make = [*datagen, "generate", str(SCHEMA), "--out", str(out), "--scale", str(scale), "--workers", "1"]
    run(make, log)
    plain = min(run([*make, "--overwrite"], log)[0] for _ in range(3))
    watched = min(run([*make, "--overwrite", "--validate"], log)[0] for _ in range(3))
    rows = sum(pq.ParquetFile(file).metadata.num_rows for file in out.glob("[a-z]*/*.parquet"))
    cpu, megabytes, wall = run([*datagen, "validate", str(SCHEMA), "--data", str(out), "--workers", "1"], log)
    rate, cost = f"{rows / cpu / 1e6:.2f} M", f"{100 * (watched / plain - 1):+.0f} %"
    return [f"{rows:,}", rate, f"{wall:.1f} s", f"{megabytes:,.0f} MB", cost]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scales", type=float, nargs="+", default=[1, 4, 16], help="1 is about 1.2 million rows")
    asked = parser.parse_args()
    print(
        "| rows | validated per CPU-second | wall | peak memory | `generate --validate` costs "
        "|\n|---:|---:|---:|---:|---:|"
    )
    for scale in asked.scales:
        with tempfile.TemporaryDirectory(prefix="datagen-bench-") as scratch:
            print("| " + " | ".join(measure(scale, Path(scratch))) + " |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
