"""Lives and multipliers of an entity that rows further down have in common: their parents came during the same lives,
and are more where the multiplier is large.
"""

from __future__ import annotations

from typing import Any

import pytest

import datagen
from tests.validation.planted import about, document, foreign, judged, wrong
from tests.validation.worlds import tables_of

MONTHS = {"type": "exponential", "mean": 5}
LIVES: dict[str, dict[str, Any]] = {
    "all events below": {"type": "retention", "lifetime": MONTHS},
    "named": {"type": "retention", "of": ["visits", "pages"], "lifetime": MONTHS},
    "only the last table": {"type": "retention", "of": ["pages"], "lifetime": MONTHS},
    "only the middle": {"type": "retention", "of": ["visits"], "lifetime": MONTHS},
    "a long tail": {"type": "retention", "lifetime": {"type": "weibull", "shape": 0.6, "scale": 4, "cure_share": 0.1}},
    "whole months": {"type": "retention", "lifetime": {"type": "sbg", "alpha": 0.7, "beta": 4}},
    "by plan": {
        "type": "retention",
        "lifetime": MONTHS,
        "by": {"column": "plan", "cases": {"pro": {"type": "exponential", "mean": 15}}},
        "never_active_share": 0.2,
    },
    "coming back": {"type": "retention", "lifetime": MONTHS, "reactivation": {"share": 0.5, "after": MONTHS}},
}
FRAILTY = {
    "of both": {"type": "frailty", "of": ["visits", "pages"], "dispersion": 0.5},
    "lognormal": {"type": "frailty", "of": ["visits", "pages"], "dispersion": 0.5, "law": "lognormal"},
    "of the last table": {"type": "frailty", "of": ["pages"], "dispersion": 0.5},
}


def events(parent: str, name: str, mean: float) -> dict[str, Any]:
    """A table of events below another."""
    return {
        "parent": parent,
        "rows": {"type": "events", "mean_per_month": mean},
        "columns": {
            f"{name}_id": {"type": "key"},
            f"{parent}_id": {"type": "parent_key"},
            f"{name}_at": {"type": "event_time"},
        },
    }


def deep(behavior: dict[str, Any]) -> dict[str, Any]:
    """Users, visits, pages below visits, and notes below rows that have no time of their own."""
    made = document([behavior], {"rows": {"type": "events", "mean_per_month": 2}})
    made["tables"]["users"]["rows"]["count"] = 1200
    devices = {
        "parent": "users",
        "rows": {"type": "per_parent", "count": {"type": "poisson", "mean": 2}},
        "columns": {"device_id": {"type": "key"}, "user_id": {"type": "parent_key"}},
    }
    below = {"pages": events("visits", "page", 0.5), "devices": devices, "notes": events("devices", "note", 0.5)}
    made["tables"].update(below)
    return made


@pytest.mark.parametrize("name", LIVES)
def test_lives_that_bound_rows_at_several_levels_hold(name, tmp_path):
    report = judged(deep(LIVES[name]), tmp_path)
    assert report.passed
    assert wrong(report) == []
    assert report.score == 100
    assert about(report, "pages", "RateRecovery")[0].verdict == "recovered"


@pytest.mark.parametrize("name", FRAILTY)
def test_a_multiplier_of_rows_at_several_levels_holds(name, tmp_path):
    report = judged(deep(FRAILTY[name]), tmp_path)
    assert wrong(report) == []
    assert about(report, "pages", "DispersionRecovery")[0].verdict == "recovered"


def test_rows_far_below_that_do_not_end_with_the_life_are_not_recovered(tmp_path):
    """Visits end with the life, and the pages below them go on."""
    pages = tables_of(datagen.generate(deep(LIVES["only the middle"]), tmp_path / "other"))[0]["pages"]
    report = foreign(deep(LIVES["all events below"]), tmp_path, lambda tables: {**tables, "pages": pages})
    assert "not recovered" in {f.verdict for f in about(report, "pages", "RateRecovery")}


@pytest.mark.parametrize("seed", [1, 2])
def test_rows_that_come_soon_after_their_parents_hold(seed, tmp_path):
    """An hour after its parent, an entity is as good as always still alive."""
    made = deep(LIVES["all events below"])
    made["seed"] = seed
    trips = {
        "parent": "users",
        "rows": {
            "type": "intervals",
            "gap": {"type": "exponential", "mean": "5d"},
            "length": {"type": "lognormal", "median": "30h", "sigma": 0.4},
        },
        "columns": {
            "trip_id": {"type": "key"},
            "user_id": {"type": "parent_key"},
            "from_at": {"type": "row_attribute", "attribute": "starts_at"},
            "to_at": {"type": "row_attribute", "attribute": "ends_at"},
        },
    }
    stops = events("trips", "stop", 100)
    stops["rows"]["until"] = "to_at"
    made["tables"] = {"users": made["tables"]["users"], "trips": trips, "stops": stops}
    report = judged(made, tmp_path)
    assert wrong(report) == []
    rate = about(report, "stops", "RateRecovery")[0]
    assert rate.found == pytest.approx(100, rel=0.006)
