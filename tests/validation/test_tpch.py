"""Files made by others: TPC-H as tpchgen-cli writes it holds every constraint of `examples/tpch.yaml`, and so does our
own.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest

import datagen
from tests.validation.worlds import EXAMPLES, written

SCHEMA = EXAMPLES / "tpch.yaml"
TOOL = shutil.which("tpchgen-cli", path=str(Path(sys.executable).parent)) or shutil.which("tpchgen-cli")


@pytest.fixture(scope="module")
def tpch(tmp_path_factory):
    if TOOL is None:
        pytest.skip("tpchgen-cli is not installed: pip install tpchgen-cli")
    folder = tmp_path_factory.mktemp("tpch")
    subprocess.run([TOOL, "parquet", "-s", "0.01", f"--output-dir={folder}"], check=True, capture_output=True)
    return folder


def test_the_files_of_tpchgen_hold_every_gate(tpch):
    report = datagen.validate(SCHEMA, tpch)
    assert report.failed == ()
    assert report.rows["orders"] == 15_000


def test_a_total_that_is_off_by_a_cent_is_seen(tpch, tmp_path):
    tables = {path.stem: pq.read_table(path) for path in tpch.glob("*.parquet")}
    frames = {name: table.to_pandas() for name, table in tables.items()}
    orders = frames["orders"]
    orders.loc[7, "o_totalprice"] += type(orders.loc[7, "o_totalprice"])("0.01")
    report = datagen.validate(SCHEMA, written(frames, {n: t.schema for n, t in tables.items()}, tmp_path / "off"))
    assert [(f.table, f.column, f.count) for f in report.failed] == [("orders", "o_totalprice", 1)]


def test_our_own_holds_them_too(tmp_path):
    datagen.generate(SCHEMA, tmp_path / "out", scale=0.2)
    assert datagen.validate(SCHEMA, tmp_path / "out").failed == ()


def test_benchmark_data_is_not_taken_for_real(tpch):
    """TPC-H is uniform by design, and the signs say so."""
    found = {f.measure for f in datagen.validate(SCHEMA, tpch).findings if f.verdict == "fail"}
    assert {"UnequalReferences", "EqualCategories", "UniformNumbers"} <= found
