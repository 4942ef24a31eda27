"""Between numpy and Arrow without pandas."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from datagen.columnar.block import CATEGORY, Column, as_numpy
from datagen.columnar.text import text_array


@pytest.mark.parametrize(
    "type_", [pa.int8(), pa.uint16(), pa.int64(), pa.uint64(), pa.float32(), pa.float64(), pa.bool_()], ids=str
)
def test_arrow_numbers_and_flags_come_as_numpy_also_from_slices(type_: pa.DataType) -> None:
    whole = pa.array([0, 1, 1, 0, 1, 0, 0, 1, 1, 1, 0], pa.int8()).cast(type_)
    for start, stop in ((0, 11), (3, 10), (9, 9)):
        part = whole.slice(start, stop - start)
        assert as_numpy(part).tolist() == part.to_pylist()
    assert as_numpy(pa.array([], type_)).tolist() == []


def test_what_has_nulls_or_is_no_number_is_left_to_arrow() -> None:
    assert np.isnan(as_numpy(pa.array([1, None], pa.int64()))[1])
    assert as_numpy(pa.array(["a"])).tolist() == ["a"]


@pytest.mark.parametrize("validate", [False, True])
def test_small_runs_do_without_pandas(tmp_path: Path, validate: bool) -> None:
    """It takes a sixth of a second to import, as long as the rest of a small run."""
    example = Path(__file__).parents[2] / "examples" / "shop.json"
    uniform = {"type": "uniform", "min": 0, "max": 1}
    columns = {
        "code": {"type": "pattern", "pattern": "#"},
        "amount": {"type": "case", "column": "code", "cases": {"1": uniform}, "default": uniform},
    }
    cases = {"datagen": 1, "name": "cases", "tables": {"things": {"rows": 20, "columns": columns}}}
    code = (
        f"import sys, datagen; datagen.generate({str(example)!r}, {str(tmp_path / 'out')!r}, scale=0.01, "
        f"validate={validate});print('pandas' in sys.modules)"
        f"\ndatagen.generate({cases!r}, {str(tmp_path / 'cases')!r}, format='jsonl');print('pandas' in sys.modules)"
        f"\ndatagen.fingerprint({str(tmp_path / 'out')!r});print('pandas' in sys.modules)"
        f"\ndatagen.generate({cases!r}, {str(tmp_path / 'sheet')!r}, format='xlsx');print('pandas' in sys.modules)"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout == "False\n" * 4


def test_a_category_without_words_has_texts_for_its_missing_cells() -> None:
    cells = Column(CATEGORY, np.zeros(3, np.int32), np.zeros(3, np.bool_), text_array([]))
    assert cells.texts.to_pylist() == ["", "", ""]
