"""What datagen makes of a shipped example is what the example declares: at least 97 of 100, whatever the seed."""

from __future__ import annotations

import pytest

import datagen
from tests.validation.worlds import EXAMPLES

NAMES = sorted(path.stem for path in EXAMPLES.glob("*.json"))
SMALLER = {
    "shop": 0.2,
    "saas_subscription_vintage": 0.5,
    "manufacturing_sensors_vintage": 0.3,
    "iot_machine_states": 0.3,
    "vintage_effects_demo": 0.4,
    "healthcare_appointments_vintage": 0.5,
}


def report_on(name, folder, **choices):
    source = EXAMPLES / f"{name}.json"
    datagen.generate(source, folder, overwrite=True, **choices)
    return datagen.validate(source, folder)


def wrong(report):
    return [
        (f.measure, f.table, f.column, f.message) for f in report.findings if f.verdict in ("fail", "not recovered")
    ]


@pytest.mark.parametrize("name", NAMES)
def test_an_example_scores_97(name, tmp_path):
    report = report_on(name, tmp_path / "out", seed=1, scale=SMALLER.get(name, 1.0))
    assert report.passed
    assert report.score >= 97, wrong(report)


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_an_example_scores_97_at_20_seeds(name, tmp_path):
    for seed in range(20):
        report = report_on(name, tmp_path / "out", seed=seed)
        assert report.passed
        assert report.score >= 97, (seed, wrong(report))
