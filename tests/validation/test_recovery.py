"""Every planted parameter is found again in the files, with an error; what is not there is not found."""

from __future__ import annotations

import numpy as np
import pytest

import datagen
from tests.validation.planted import about, document, foreign, judged, one, wrong

MONEY = {"type": "lognormal", "median": 30, "sigma": 0.7, "decimals": 2, "min": 1}


def test_everything_at_once_is_recovered(tmp_path):
    schema = document(
        [
            {
                "type": "segments",
                "column": "plan",
                "multiply": {"pro": {"visits": 3, "visits.spent": 2}, "plus": {"visits": 1.5}},
            },
            {
                "type": "vintage",
                "multiply": {"visits": [1.6, 1.3, 1.1, 1.0, 0.9]},
                "zero_trend": "cohort",
                "cohorts": {"period": "quarter", "multiply": {"visits": {"2024Q1": 1.4}}},
            },
            {
                "type": "retention",
                "lifetime": {"type": "weibull", "shape": 0.8, "scale": 20},
                "never_active_share": 0.05,
                "by": {"column": "plan", "cases": {"pro": {"type": "exponential", "mean": 60}}},
                "truth_column": "gone_at",
            },
            {"type": "frailty", "of": ["visits"], "dispersion": 0.4},
        ],
        {
            "rows": {"type": "events", "mean_per_month": 2.5, "dispersion": 0.3},
            "behaviors": [
                {"type": "trend", "shape": "exponential", "growth_per_year": 0.6},
                {
                    "type": "seasonality",
                    "weekday": {"sat": 1.6, "sun": 1.6},
                    "hour": "evening",
                    "month": {"dec": 1.8, "jul": 0.6},
                },
                {"type": "interventions", "effects": [{"from": "2024-03-01", "to": "2024-03-15", "multiply": 2.5}]},
                {"type": "noise", "rho": 0.5, "sd": 0.15},
            ],
        },
        spent=MONEY,
    )
    report = judged(schema, tmp_path)
    assert wrong(report) == []
    assert report.score >= 97
    for words, planted in {
        ("segments", "pro", "Factor", "None"): 3,
        ("segments", "spent", "pro"): 2,
        ("cohort 2024Q1",): 1.4,
        ("growth per year",): 0.6,
        ("interventions",): 2.5,
        ("dispersion",): 1.3 * 1.4 - 1,
        ("mean per",): 2.5,
    }.items():
        finding = one(report, *words)
        assert finding.verdict == "recovered", finding
        assert finding.planted == pytest.approx(planted)
        assert abs(finding.found - planted) < 4.5 * finding.error
    noise = [f for f in about(report, "noise sd") if f.planted]
    assert {(round(f.planted, 9), f.verdict) for f in noise} == {(0.15, "recovered")}
    assert {f.verdict for f in about(report, "alive at")} == {"recovered"}
    assert one(report, "tenure").verdict == one(report, "vintage: age").verdict == "recovered"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("plans shuffled", ("segments", "pro")),
        ("hours flat", ("hour",)),
        ("everybody alike", ("dispersion",)),
        ("old ones busier", ("vintage: age",)),
    ],
)
def test_what_is_taken_out_is_not_found(tmp_path, name, words):
    rng = np.random.default_rng(3)

    def broken(tables):
        users, visits = tables["users"].copy(), tables["visits"].copy()
        if name == "plans shuffled":
            users["plan"] = users["plan"].to_numpy()[rng.permutation(len(users))]
        born = users.set_index("user_id")["joined_at"].loc[visits["user_id"]].to_numpy()
        start = np.maximum(born, np.datetime64("2023-01-01", "us"))
        at = visits["visited_at"].to_numpy()
        if name == "hours flat":
            at = at.astype("datetime64[D]") + (rng.random(len(at)) * 86_399e6).astype("timedelta64[us]")
            at = np.maximum(at, start + np.timedelta64(1, "s"))
        if name == "old ones busier":
            at = start + (np.datetime64("2025-01-01", "us") - at) - np.timedelta64(1, "us")
        if name == "everybody alike":
            ids = users["user_id"].to_numpy()
            left = (np.datetime64("2025-01-01", "us") - users["joined_at"].to_numpy()).astype(float)
            weight = np.minimum(left, 731 * 86_400e6)
            owner = rng.choice(len(ids), len(at), p=weight / weight.sum())
            visits["user_id"] = ids[owner]
            begin = np.maximum(users["joined_at"].to_numpy()[owner], np.datetime64("2023-01-01", "us"))
            at = begin + (rng.random(len(at)) * weight[owner]).astype("timedelta64[us]")
        visits["visited_at"] = at.astype("datetime64[us]")
        return {"users": users, "visits": visits.sort_values(["user_id", "visited_at"])}

    schema = document(
        [
            {"type": "segments", "column": "plan", "multiply": {"pro": {"visits": 3}}},
            {"type": "vintage", "multiply": {"visits": [2.0, 1.2, 1.0, 0.9, 0.8]}},
        ],
        {
            "rows": {"type": "events", "mean_per_month": 2, "dispersion": 0.8},
            "behaviors": [{"type": "seasonality", "hour": "office"}],
        },
    )
    report = foreign(schema, tmp_path, broken)
    assert one(report, *words).verdict == "not recovered"
    assert one(report, *words).score < 0.9


def test_a_hidden_segment_without_truth_is_not_held_against_the_data(tmp_path):
    latent = {"truth_column": "habit", "values": {"loyal": 1, "casual": 4}}
    schema = document(
        [{"type": "segments", "latent": latent, "multiply": {"loyal": {"visits": 4.0}, "casual": {"visits": 0.25}}}]
    )
    report = judged(schema, tmp_path)
    assert wrong(report) == []
    assert one(report, "habit loyal").verdict == "recovered"
    report = foreign(schema, tmp_path)
    assert wrong(report) == []
    assert one(report, "habit loyal").verdict == "not identifiable"
    assert one(report, "dispersion").planted == pytest.approx(2.25, rel=0.01)


def test_time_zones_and_cases_have_profiles_of_their_own(tmp_path):
    zone = {"type": "choice", "values": {"America/New_York": 1, "Asia/Tokyo": 1}}
    seasons = {
        "type": "seasonality",
        "hour": "evening",
        "weekday": {"sun": 2},
        "holidays": "US",
        "time_zone": {"column": "users.zone"},
        "by": {"column": "users.plan", "cases": {"pro": {"hour": "office"}}},
    }
    effects = [
        {"from": "2024-02-01", "to": "2024-04-01", "multiply": 2, "where": {"column": "users.plan", "values": ["plus"]}}
    ]
    schema = document(
        None, {"behaviors": [seasons, {"type": "interventions", "effects": effects}]}, {"columns": {"zone": zone}}
    )
    report = judged(schema, tmp_path)
    assert wrong(report) == []
    assert {f.subject.split(" (")[0] for f in about(report, "seasonality: hour")} == {
        "seasonality: hour",
        "seasonality: hour of 'pro'",
    }
    assert all(f.verdict == "recovered" for f in about(report, "seasonality"))
    assert one(report, "interventions").verdict == "recovered"


@pytest.mark.parametrize(
    ("gaps", "found"),
    [({"type": "gamma", "shape": 4}, "recovered"), ({"type": "hawkes", "branching": 0.5, "decay": "6h"}, None)],
)
def test_gaps_are_distinguished_by_their_local_variation(tmp_path, gaps, found):
    schema = document(None, {"rows": {"type": "events", "mean_per_month": 3, "gaps": gaps}})
    report = judged(schema, tmp_path)
    assert wrong(report) == []
    reported = about(report, "local variation")
    assert [f.verdict for f in reported] == ([found] if found else [])


def test_random_events_declared_regular_are_detected(tmp_path):
    rows = {"type": "events", "mean_per_month": 3}
    schema = document(None, {"rows": {**rows, "gaps": {"type": "gamma", "shape": 4}}})
    judged(document(None, {"rows": rows}), tmp_path)

    report = datagen.validate(schema, tmp_path / "made")
    assert one(report, "local variation").verdict == "not recovered"


@pytest.mark.parametrize(
    "behavior",
    [
        {
            "type": "pareto_nbd",
            "of": "visits",
            "unit": "week",
            "r": 0.8,
            "s": 0.7,
            "beta": 20,
            "truth_column": "gone_at",
        },
        {"type": "bg_nbd", "of": "visits", "unit": "week", "r": 0.9, "a": 0.8, "b": 6},
        {
            "type": "retention",
            "lifetime": {"type": "sbg", "alpha": 0.8, "beta": 5},
            "reactivation": {"share": 0.4, "after": {"type": "exponential", "mean": 3}, "most": 2},
        },
        {
            "type": "retention",
            "lifetime": {"type": "gompertz", "rate": 0.02, "growth": 0.05},
            "cohorts": {"period": "year", "scale": {"2023": 0.5, "2024": 2.0}},
            "truth_column": "gone_at",
        },
    ],
    ids=lambda b: b["type"],
)
def test_lives_of_every_kind(tmp_path, behavior):
    schema = document([behavior], {"rows": {"type": "events", "mean_per_week": 0.4}})
    assert wrong(judged(schema, tmp_path)) == []


def test_who_is_born_later_than_their_row_is_not_expected_to_do_anything_before(tmp_path):
    """Lives may begin at any timestamp of the entity: exposure does, too."""
    schema = document(
        [
            {
                "type": "retention",
                "born": "hired_at",
                "lifetime": {"type": "lomax", "shape": 2, "scale": 8, "unit": "year"},
            }
        ],
        users={"rows": 4000, "columns": {"hired_at": {"type": "uniform", "min": "2015-01-01", "max": "2024-12-01"}}},
    )
    del schema["tables"]["users"]["columns"]["joined_at"]
    report = judged(schema, tmp_path)
    assert one(report, "mean per").verdict == one(report, "tenure").verdict == "recovered"
    assert wrong(report) == []


def test_a_spread_that_is_lognormal_is_no_gamma(tmp_path):
    """The shape of children per parent is that of the law declared: few are idle where the spread is lognormal."""
    frailty = {"type": "frailty", "of": ["visits"], "dispersion": 1.5, "law": "lognormal"}
    schema = document([frailty], {"rows": {"type": "events", "mean_per_month": 0.5}})
    report = judged(schema, tmp_path)
    assert wrong(report) == []
    schema["tables"]["users"]["behaviors"][0]["law"] = "gamma"
    other = datagen.validate(schema, tmp_path / "made")
    assert one(other, "children per parent").verdict == "fail"


def test_lives_that_are_short_against_the_window_shape_the_children_as_they_should(tmp_path):
    life = {"type": "weibull", "scale": 3, "shape": 0.6, "unit": "week", "cure_share": 0.1}
    schema = document(
        [{"type": "retention", "lifetime": life, "never_active_share": 0.1}],
        {"rows": {"type": "events", "mean_per_day": 0.3}},
        {"rows": {"type": "arrivals", "count": 4000}},
    )
    report = judged(schema, tmp_path)
    assert one(report, "children per parent").verdict == "pass"
    assert wrong(report) == []


def test_rows_without_an_entity_follow_no_age_curve(tmp_path):
    """Rows that refer to no entity follow no age: their rate is the base, and the curve is found in the others."""
    schema = document(
        users={"rows": 4000, "columns": {"shop_id": {"type": "reference", "table": "shops", "null_share": 0.5}}}
    )
    del schema["tables"]["users"]["columns"]["joined_at"]
    schema["tables"] = {
        "shops": {
            "rows": {"type": "arrivals", "count": 60},
            "columns": {"shop_id": {"type": "key"}, "opened_at": {"type": "arrival_time"}},
            "behaviors": [{"type": "vintage", "unit": "quarter", "multiply": {"visits": [3.0, 2.0, 1.0, 0.5]}}],
        },
        **schema["tables"],
    }
    report = judged(schema, tmp_path)
    assert one(report, "vintage: age").verdict == one(report, "mean per").verdict == "recovered"


def test_growth_of_acquisition_prices_and_activity_are_three_parameters(tmp_path):
    trend = {"type": "trend", "shape": "linear"}
    schema = document(
        None,
        {"behaviors": [{**trend, "growth_per_year": 0.5}, {**trend, "growth_per_year": 0.3, "of": "spent"}]},
        {
            "behaviors": [{**trend, "growth_per_year": 1.0}, {"type": "seasonality", "weekday": {"sun": 0.4}}],
            "rows": {"type": "arrivals", "count": 6000, "before_window": 0.2},
        },
        spent=MONEY,
    )
    report = judged(schema, tmp_path)
    assert wrong(report) == []
    found = {(f.table, f.column): f.planted for f in about(report, "growth per year")}
    assert found == {("users", None): 1.0, ("visits", None): 0.5, ("visits", "spent"): 0.3}
    assert one(report, "users", "weekday").verdict == "recovered"


def arriving(*behaviors):
    users = {"rows": {"type": "arrivals", "count": 40_000, "before_window": 0.2}, "behaviors": list(behaviors)}
    return document(None, {"rows": {"type": "events", "mean_per_year": 0.2}}, users)


def test_good_and_bad_days_of_arrivals_are_recovered(tmp_path):
    """And arrivals without any are found out."""
    weekday = {"type": "seasonality", "weekday": {"sun": 0.5}}
    noisy = arriving(weekday, {"type": "noise", "rho": 0.5, "sd": 0.15})
    report = judged(noisy, tmp_path)
    assert wrong(report) == []
    assert {round(f.planted, 9): f.verdict for f in about(report, "users", "noise")} == {
        0.15: "recovered",
        0.5: "recovered",
    }
    judged(arriving(weekday), tmp_path)
    report = datagen.validate(noisy, tmp_path / "made")
    assert one(report, "users", "noise sd").verdict == "not recovered"


def test_the_same_is_found_whatever_the_partitions(tmp_path):
    schema = document(
        [{"type": "segments", "column": "plan", "multiply": {"pro": {"visits": 3}}}],
        {"rows": {"type": "events", "mean_per_month": 1, "dispersion": 0.5}},
        spent=MONEY,
    )
    whole = judged(schema, tmp_path / "one")
    parts = judged(schema, tmp_path / "many", partition_rows=8000)
    for finding, other in zip(about(whole), about(parts), strict=True):
        assert finding.subject == other.subject
        if finding.found is not None and "alive" not in finding.subject:
            assert other.found == pytest.approx(finding.found, rel=0.02, abs=0.02)
            assert other.error == pytest.approx(finding.error, rel=0.3)


def test_an_empty_table_is_not_identifiable(tmp_path):
    schema = document(None, None, {"rows": {"type": "arrivals", "count": 0}})
    report = judged(schema, tmp_path)
    assert {f.verdict for f in about(report)} <= {"not identifiable", "not applicable"}


def test_nothing_may_happen_during_an_outage(tmp_path):
    effects = [{"from": "2024-05-01", "to": "2024-05-20", "multiply": 0}]
    weekday = {"type": "seasonality", "weekday": {"sun": 0}}
    schema = document(None, {"behaviors": [{"type": "interventions", "effects": effects}, weekday]})
    report = judged(schema, tmp_path)
    assert wrong(report) == []
    assert one(report, "interventions").verdict == "recovered"
    judged(document(), tmp_path)
    report = datagen.validate(schema, tmp_path / "made")
    assert one(report, "interventions").verdict == one(report, "weekday").verdict == "not recovered"


def test_what_multiplies_the_number_of_lines_is_recovered(tmp_path):
    """Segments, season and trend on rows below each parent, at the parent's moment."""
    schema = document([{"type": "segments", "column": "plan", "multiply": {"pro": {"lines": 2.5}}}])
    schema["tables"]["lines"] = {
        "parent": "visits",
        "rows": {"type": "per_parent", "count": {"type": "geometric", "mean": 2, "min": 1}},
        "behaviors": [{"type": "seasonality", "weekday": {"sat": 2}}],
        "columns": {"line_id": {"type": "key"}, "visit_id": {"type": "parent_key"}},
    }
    report = judged(schema, tmp_path)
    assert wrong(report) == []
    assert one(report, "lines", "plan pro").verdict == one(report, "lines", "weekday").verdict == "recovered"
    even = [{"type": "segments", "column": "plan", "multiply": {"pro": {"lines": 1.2}}}]
    schema["tables"]["users"]["behaviors"] = even
    report = datagen.validate(schema, tmp_path / "made")
    assert one(report, "lines", "plan pro").verdict == "not recovered"


def test_lives_much_shorter_than_the_window_give_as_few_rows_as_they_should(tmp_path):
    """Children per parent and dispersion are expected by stretches of a life, however short, not by months of the
    window.
    """
    gone = {"type": "retention", "lifetime": {"type": "lomax", "shape": 0.8, "scale": 4}, "never_active_share": 0.1}
    fading = {"type": "vintage", "multiply": {"visits": {"type": "power", "exponent": -0.5}}}
    kept = {"type": "frailty", "of": ["visits"], "dispersion": 1.5}
    schema = document(
        [kept, {**fading, "unit": "week"}, {**gone, "lifetime": {**gone["lifetime"], "unit": "week"}}],
        {"rows": {"type": "events", "mean_per_week": 4}},
    )
    report = judged(schema, tmp_path)
    children, dispersion = one(report, "children per parent"), one(report, "dispersion")
    assert children.verdict == "pass"
    assert dispersion.verdict == "recovered"
    assert abs(dispersion.z) < 2.5


def nobody(tables):
    return {**tables, "visits": tables["visits"].iloc[:0]}


def no_saturdays(tables):
    return {**tables, "visits": tables["visits"][tables["visits"]["visited_at"].dt.dayofweek != 5]}


def nothing_of_pro(tables):
    pro = tables["users"].set_index("user_id")["plan"] == "pro"
    return {**tables, "visits": tables["visits"][~pro.loc[tables["visits"]["user_id"]].to_numpy()]}


@pytest.mark.parametrize(
    ("change", "words"),
    [(nobody, ("mean per",)), (no_saturdays, ("weekday",)), (nothing_of_pro, ("segments", "pro"))],
)
@pytest.mark.parametrize("users", [40, 4000])
def test_what_is_not_there_at_all_is_missed(tmp_path, change, words, users):
    """No rows where many are expected is the strongest evidence there is, not a lack of it."""
    schema = document(
        [{"type": "segments", "column": "plan", "multiply": {"pro": {"visits": 3}}}],
        {
            "rows": {"type": "events", "mean_per_month": 4},
            "behaviors": [{"type": "seasonality", "weekday": {"sat": 1.5}}],
        },
        {"rows": {"type": "arrivals", "count": users, "before_window": 0.3}},
    )
    assert wrong(judged(schema, tmp_path)) == []
    if change is not nothing_of_pro or users > 40:  # of a handful all may be idle
        assert one(foreign(schema, tmp_path, change), *words).verdict == "not recovered"
