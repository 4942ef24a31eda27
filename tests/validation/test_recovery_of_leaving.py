"""Purchase rates and the chance of leaving after a purchase are found again, and what is not there is not found."""

from __future__ import annotations

import pytest

import datagen
from tests.validation.planted import about, document, judged, one, wrong


def buying(r=0.9, a=0.8, b=6.0, **more):
    model = {"type": "bg_nbd", "of": "visits", "unit": "week", "r": r, "a": a, "b": b}
    rows = {"type": "events", "mean_per_week": 0.4}
    return document([model, *more.pop("users", [])], {"rows": rows, **more})


def verdicts(report):
    return {f.subject: f.verdict for f in about(report, "PurchaseRecovery")}


def test_rates_and_leaving_are_recovered_whatever_else_goes_on(tmp_path):
    schema = buying(
        users=[
            {"type": "segments", "column": "plan", "multiply": {"pro": {"visits": 2.5}}},
            {"type": "vintage", "multiply": {"visits": [1.5, 1.2, 1.0, 0.9]}},
        ],
        behaviors=[
            {"type": "trend", "shape": "exponential", "growth_per_year": 0.4},
            {"type": "seasonality", "weekday": {"sat": 1.5}, "hour": "retail", "month": {"dec": 1.5}},
            {"type": "noise", "rho": 0.5, "sd": 0.12},
        ],
    )
    report = judged(schema, tmp_path)
    found = {f.planted: f for f in about(report, "PurchaseRecovery")}
    assert [f.verdict for f in found.values()] == ["recovered"] * 3
    assert list(found) == pytest.approx([0.9, 0.8 / 6.8, 6.8])
    assert all(abs(f.z) < 4 and f.error < 0.15 * f.planted for f in found.values())


@pytest.mark.parametrize(
    ("made", "reported"),
    [({"a": 1.6}, "a / "), ({"r": 1.8}, "r"), ({"a": 0.08, "b": 0.6}, "a + b")],
    ids=["leave sooner", "more alike", "chances that differ more"],
)
def test_other_customers_than_declared_are_named(tmp_path, made, reported):
    judged(buying(**made), tmp_path)
    found = verdicts(datagen.validate(buying(), tmp_path / "made"))
    assert [verdict for subject, verdict in found.items() if subject.startswith(reported)] == ["not recovered"]


def test_customers_who_never_leave_are_detected(tmp_path):
    staying = buying()
    staying["tables"]["users"]["behaviors"] = [{"type": "frailty", "of": ["visits"], "dispersion": 1 / 0.9}]
    sound = judged(buying(), tmp_path / "sound")
    assert wrong(sound) == []
    judged(staying, tmp_path)
    report = datagen.validate(buying(), tmp_path / "made")
    assert one(report, "leaving").verdict == "not recovered"
    assert report.score < sound.score - 1


@pytest.mark.parametrize(
    ("schema", "why"),
    [
        (buying(users=[{"type": "frailty", "of": ["visits"], "dispersion": 0.5}]), "hidden"),
        ({**buying(), "window": {"start": "2024-12-01", "end": "2025-01-01"}}, None),
    ],
    ids=["another hidden multiplier", "a month"],
)
def test_what_cannot_be_identified_does_not_lower_the_score(tmp_path, schema, why):
    report = judged(schema, tmp_path)
    assert "not recovered" not in verdicts(report).values()
    if why:
        assert set(verdicts(report).values()) == {"not identifiable"}
        assert why in one(report, "leaving").message


def test_the_same_is_found_whatever_the_partitions(tmp_path):
    whole, parts = judged(buying(), tmp_path / "one"), judged(buying(), tmp_path / "many", partition_rows=8000)
    for a, b in zip(about(whole, "PurchaseRecovery"), about(parts, "PurchaseRecovery"), strict=True):
        assert a.found == pytest.approx(b.found, rel=1e-6)
