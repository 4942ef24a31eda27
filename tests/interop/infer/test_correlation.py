"""Correlations are found within their error, within categories too, and not where there are none."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from datagen.interop.infer import infer
from datagen.interop.infer.correlation import positive_definite


def table_of(tmp_path: Path, **columns: Any) -> dict[str, Any]:
    pq.write_table(pa.table(columns), tmp_path / "t.parquet")
    made = infer(tmp_path)
    assert made.problems == ()
    return made.document["tables"]["t"]  # type: ignore[no-any-return]


def test_two_columns(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    a, b = rng.normal(size=(2, 3000))
    made = table_of(tmp_path, a=np.exp(3 + 0.5 * a), b=np.round(50 - 10 * (0.6 * a + 0.8 * b)), c=rng.gamma(2, 3, 3000))
    assert made["correlations"] == [{"columns": ["a", "b"], "rho": pytest.approx(-0.6, abs=0.04)}]
    assert [made["columns"][name]["type"] for name in "abc"] == ["lognormal", "normal", "gamma"]


def test_columns_that_belong_together_within_categories(tmp_path: Path) -> None:
    rng = np.random.default_rng(2)
    wanted = np.array([[1, 0.7, 0.4], [0.7, 1, 0.5], [0.4, 0.5, 1]])
    a, b, c = np.linalg.cholesky(wanted) @ rng.normal(size=(3, 4000))
    plan = np.array(["basic", "pro"])[rng.integers(0, 2, 4000)]
    made = table_of(tmp_path, plan=plan, a=a * 5 + 40, b=b * 3 + 9, c=np.exp(c * 0.3 + np.where(plan == "pro", 4, 2)))
    assert made["columns"]["c"]["type"] == "case"
    (entry,) = made["correlations"]
    assert entry["columns"] == ["a", "b", "c"]
    assert np.abs(np.array(entry["matrix"]) - wanted).max() < 0.05


def test_random_columns_are_not_correlated(tmp_path: Path) -> None:
    """45 pairs of columns of 150 rows: a correlation of 0.3 and more is frequent, one beyond the threshold is not."""
    rng = np.random.default_rng(3)
    made = table_of(tmp_path, **{f"x{k}": rng.normal(size=150) for k in range(10)})
    assert "correlations" not in made


def test_estimates_that_contradict_each_other_become_a_sound_matrix() -> None:
    made = positive_definite(np.array([[1, 0.9, -0.9], [0.9, 1, 0.9], [-0.9, 0.9, 1]]))
    assert np.linalg.eigvalsh(made)[0] > 0 and (np.diag(made) == 1).all()
