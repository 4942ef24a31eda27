from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import datagen
from tests.promises.documents import tables
from tests.validation.worlds import named, tables_of, written


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


def parameters(declared: dict, folder: Path) -> dict[str, str]:
    findings = datagen.validate(declared, folder).findings
    return {found.subject: found.verdict for found in findings if found.measure == "Autocorrelation"}


def test_validation_recovers_the_parameters(tmp_path: Path) -> None:
    datagen.generate(document(0.8), tmp_path, workers=1)
    assert parameters(document(0.8), tmp_path) == dict.fromkeys(("phi", "mean", "sd"), "recovered")
    other = document(0.3)
    other["tables"]["readings"]["columns"]["it"] |= {"mean": 22, "sd": 3.5}
    assert parameters(other, tmp_path) == dict.fromkeys(("phi", "mean", "sd"), "not recovered")


@pytest.mark.parametrize("sd, verdict", [(0.6, "not identifiable"), (1.5, "recovered")])
def test_rounding_to_large_units_is_no_false_alarm(sd: float, verdict: str, tmp_path: Path) -> None:
    made = document(0.97)
    made["tables"]["readings"]["columns"]["it"] |= {"decimals": 0, "sd": sd}
    datagen.generate(made, tmp_path, workers=1)
    assert parameters(made, tmp_path)["phi"] == verdict
    assert datagen.validate(made, tmp_path).score == 100


def timed() -> dict:
    made = document(0.8)
    made["window"] = {"start": "2024-01-01", "end": "2024-02-20"}
    made["tables"]["readings"]["rows"] = {"type": "grid", "every": "1d"}
    made["tables"]["readings"]["columns"]["read_at"] = {"type": "event_time"}
    return made


@pytest.mark.parametrize(
    "measure, change",
    [
        ("Repeats", lambda frame, at: np.where(at == 7, 21.5, frame["it"])),
        ("Independence", lambda frame, _: frame["it"] + (frame["read_at"].dt.dayofweek >= 5)),
    ],
    ids=["a stuck sensor", "warmer weekends"],
)
def test_validation_finds_what_the_process_does_not_do(measure: str, change, tmp_path: Path) -> None:
    made, schemas = tables_of(datagen.generate(timed(), tmp_path / "made"))
    assert datagen.validate(timed(), tmp_path / "made").score == 100
    frame = made["readings"]
    made["readings"] = frame.assign(it=change(frame, frame["sensor_id"]))
    report = datagen.validate(timed(), written(made, schemas, tmp_path / "changed"))
    assert report.score < 100
    assert ("readings", "it", measure) in named(report)
