from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import datagen
from tests.promises.documents import tables


def document(phi: float) -> dict:
    return {
        "datagen": 1,
        "name": "readings",
        "tables": {
            "sensors": {"rows": 200, "columns": {"sensor_id": {"type": "key"}}},
            "readings": {
                "parent": "sensors",
                "rows": {"type": "per_parent", "count": 50},
                "columns": {
                    "sensor_id": {"type": "parent_key"},
                    "it": {"type": "autoregressive", "mean": 21, "sd": 3, "phi": phi, "decimals": 1},
                },
            },
        },
    }


@pytest.mark.parametrize("phi", [0.9, 0.0, -0.5])
def test_numbers_are_stationary_and_correlated_with_the_row_before(phi: float) -> None:
    numbers = tables(document(phi))["readings"]["it"].to_numpy().reshape(200, 50)
    assert abs(numbers.mean() - 21) < 0.4
    for rows in (numbers[:, 0], numbers[:, -1], numbers):
        assert abs(rows.std() - 3) < 0.5
    assert abs(np.corrcoef(numbers[:, 1:].ravel(), numbers[:, :-1].ravel())[0, 1] - phi) < 0.03


def test_validation_recovers_the_correlation(tmp_path: Path) -> None:
    datagen.generate(document(0.8), tmp_path, workers=1)
    (found,) = (f for f in datagen.validate(document(0.8), tmp_path).findings if f.measure == "Autocorrelation")
    assert found.verdict == "recovered"
    (other,) = (f for f in datagen.validate(document(0.3), tmp_path).findings if f.measure == "Autocorrelation")
    assert other.verdict == "not recovered"
