"""Branching and decay of self-excited events are found again, whatever else goes on, and what is not there is not
found.
"""

from __future__ import annotations

import numpy as np
import pytest

import datagen
from tests.validation.planted import document, foreign, judged, one, wrong
from tests.validation.worlds import named

START, END = np.datetime64("2023-01-01", "us"), np.datetime64("2025-01-01", "us")
NOISE = {"type": "noise", "rho": 0.5, "sd": 0.15}


def visits(gaps, **rows):
    return {"rows": {"type": "events", "mean_per_month": 1.5, "gaps": gaps, **rows}}


def hawkes(branching=0.5, decay="12h"):
    return {"type": "hawkes", "branching": branching, "decay": decay}


def busy(gaps):
    """Segments, age, lives, spread, trend, seasons, a dated effect and daily noise at once, users born all along."""
    return document(
        [
            {"type": "segments", "column": "plan", "multiply": {"pro": {"visits": 2.5}}},
            {"type": "vintage", "multiply": {"visits": [1.6, 1.3, 1.1, 1.0, 0.9]}},
            {
                "type": "retention",
                "lifetime": {"type": "weibull", "shape": 0.8, "scale": 20},
                "never_active_share": 0.05,
            },
            {"type": "frailty", "of": ["visits"], "dispersion": 0.4},
        ],
        {
            **visits(gaps, dispersion=0.3),
            "behaviors": [
                {"type": "trend", "shape": "exponential", "growth_per_year": 0.6},
                {"type": "seasonality", "weekday": {"sat": 1.6, "sun": 1.6}, "hour": "evening", "month": {"dec": 1.8}},
                {"type": "interventions", "effects": [{"from": "2024-03-01", "to": "2024-03-15", "multiply": 2.5}]},
                NOISE,
            ],
        },
    )


def branching(report):
    return one(report, "branching")


def decay(report):
    return one(report, "decay (")


def test_it_is_recovered_whatever_else_goes_on(tmp_path):
    report = judged(busy(hawkes()), tmp_path)
    assert wrong(report) == []
    for finding, planted in ((branching(report), 0.5), (decay(report), 12.0)):
        assert (finding.group, finding.verdict) == ("time", "recovered")
        assert finding.planted == planted
        assert abs(finding.found - planted) < 4 * finding.error < 0.2 * planted
    differing = one(report, "dispersion")
    assert (differing.verdict, differing.planted) == ("recovered", pytest.approx(1.3 * 1.4 - 1))
    assert abs(differing.found - differing.planted) < 4 * differing.error < 0.6


@pytest.mark.parametrize(
    ("gaps", "rows", "users"),
    [
        pytest.param(hawkes(0.9, "6h"), {}, {}, id="almost all are brought on"),
        pytest.param(hawkes(0.1, "6h"), {}, {}, id="few are"),
        pytest.param(hawkes(0.5, "30d"), {}, {}, id="after a month"),
        pytest.param(hawkes(0.5, "20s"), {}, {}, id="after seconds"),
        pytest.param(hawkes(0.4, "1d"), {"dispersion": 3}, {}, id="users who differ"),
        pytest.param(
            hawkes(0.5, "6h"), {"mean_per_month": 600}, {"rows": {"type": "count", "count": 6}}, id="six parents"
        ),
    ],
)
def test_it_is_recovered_at_every_scale(tmp_path, gaps, rows, users):
    if users:
        users = {**users, "columns": {"joined_at": {"type": "constant", "value": 1}}}
    report = judged(document(None, visits(gaps, **rows), users), tmp_path)
    assert branching(report).verdict == decay(report).verdict == "recovered"


def redrawn(tables):
    """The times of each user's visits drawn anew from the times of all: what calendar there is stays, clusters go."""
    users, rows = tables["users"], tables["visits"]
    born = users.set_index("user_id")["joined_at"].loc[rows["user_id"]].to_numpy()
    rng = np.random.default_rng(4)
    other = rows["visited_at"].to_numpy()[rng.permutation(len(rows))]
    at = np.where(other >= np.maximum(born, START), other, rows["visited_at"].to_numpy())
    return {"users": users, "visits": rows.assign(visited_at=at).sort_values(["user_id", "visited_at"])}


def deduplicated(tables):
    """Whoever was there within the last hours does not count again."""
    rows = tables["visits"].sort_values(["user_id", "visited_at"])
    since = rows.groupby("user_id")["visited_at"].diff()
    return {**tables, "visits": rows[~(since < np.timedelta64(3, "h"))]}


def rounded(tables):
    rows = tables["visits"]
    at = rows["visited_at"].dt.ceil("D")
    return {**tables, "visits": rows.assign(visited_at=at.where(at < END, rows["visited_at"]))}


def slower(tables):
    """Twice as long from each visit to the next, as long as both are of one cluster."""
    rows = tables["visits"].sort_values(["user_id", "visited_at"])
    since = rows.groupby("user_id")["visited_at"].diff()
    close = since < np.timedelta64(1, "D")
    later = rows["visited_at"] + since.where(close, np.timedelta64(0, "s"))
    return {**tables, "visits": rows.assign(visited_at=later.where(later < END, rows["visited_at"]))}


@pytest.fixture(scope="module")
def unbroken(tmp_path_factory):
    report = foreign(document(None, visits(hawkes())), tmp_path_factory.mktemp("sound"))
    assert wrong(report) == []
    return report


@pytest.mark.parametrize("broken", [redrawn, deduplicated, rounded, slower])
def test_a_break_of_its_clusters_is_seen_and_named(tmp_path, unbroken, broken):
    report = foreign(document(None, visits(hawkes())), tmp_path, broken)
    assert ("visits", None, "ExcitationRecovery") in named(report) - named(unbroken)
    assert report.score <= unbroken.score - 1


@pytest.mark.parametrize(
    ("made", "found", "planted"),
    [
        ({"type": "poisson"}, 0.0, None),
        (hawkes(0.2), 0.2, 12),
        (hawkes(0.8), 0.8, 12),
        (hawkes(0.5, "3h"), 0.5, 3),
        (hawkes(0.5, "2d"), 0.5, 48),
    ],
)
def test_other_events_than_declared_are_distinguished_by_what_they_are(tmp_path, made, found, planted):
    judged(document(None, visits(made)), tmp_path)
    report = datagen.validate(document(None, visits(hawkes())), tmp_path / "made")
    assert branching(report).found == pytest.approx(found, abs=4 * branching(report).error)
    assert branching(report).verdict == ("recovered" if found == 0.5 else "not recovered")
    if planted is None:
        assert decay(report).verdict == "not identifiable"
    else:
        assert decay(report).found == pytest.approx(planted, abs=4 * decay(report).error)
        assert decay(report).verdict == ("recovered" if planted == 12 else "not recovered")


@pytest.mark.parametrize("made", [0.0, 2.5])
def test_parents_who_differ_less_or_more_than_declared_are_distinguished_from_clusters(tmp_path, made):
    judged(document(None, visits(hawkes(), dispersion=made)), tmp_path)
    report = datagen.validate(document(None, visits(hawkes(), dispersion=0.8)), tmp_path / "made")
    assert one(report, "dispersion").verdict == "not recovered"
    assert one(report, "dispersion").found == pytest.approx(made, abs=4 * one(report, "dispersion").error)
    assert branching(report).verdict == decay(report).verdict == "recovered"


def test_hidden_segments_that_the_data_lacks_count_as_users_who_differ(tmp_path):
    latent = {"truth_column": "habit", "values": {"loyal": 1, "casual": 4}}
    habits = [{"type": "segments", "latent": latent, "multiply": {"loyal": {"visits": 3.0}, "casual": {"visits": 0.5}}}]
    schema = document(habits, visits(hawkes()))
    report = judged(schema, tmp_path)
    assert (one(report, "dispersion").verdict, one(report, "dispersion").planted) == ("recovered", 0.0)
    report = foreign(schema, tmp_path)
    assert wrong(report) == []
    assert (one(report, "dispersion").verdict, one(report, "dispersion").planted) == ("recovered", pytest.approx(1.0))


@pytest.mark.parametrize(
    ("behaviors", "rows", "users", "why"),
    [
        pytest.param([], {}, {"rows": {"type": "arrivals", "count": 8}}, "too few", id="eight users"),
        pytest.param([], {"gaps": hawkes(0.5, "5y")}, {}, "too few", id="a decay beyond the window"),
        pytest.param(
            [
                {
                    "type": "retention",
                    "lifetime": {"type": "sbg", "alpha": 0.8, "beta": 5},
                    "reactivation": {"share": 0.4, "after": {"type": "exponential", "mean": 3}},
                }
            ],
            {},
            {},
            "returns",
            id="who is gone comes back",
        ),
    ],
)
def test_what_cannot_be_identified_does_not_lower_the_score(tmp_path, behaviors, rows, users, why):
    report = judged(document(behaviors, visits(**{"gaps": hawkes(), **rows}), users), tmp_path)
    assert wrong(report) == []
    assert branching(report).verdict == "not identifiable"
    assert why in branching(report).message
    assert branching(report).weight == decay(report).weight == 0


def test_the_same_is_found_whatever_the_partitions(tmp_path):
    schema = document(None, visits(hawkes(), dispersion=0.5))
    whole, parts = judged(schema, tmp_path / "one"), judged(schema, tmp_path / "many", partition_rows=8000)
    for reported in (branching, decay):
        assert reported(parts).found == pytest.approx(reported(whole).found, rel=1e-6)
        assert reported(parts).error == pytest.approx(reported(whole).error, rel=1e-6)


def test_there_is_nothing_to_find_where_there_are_no_users(tmp_path):
    schema = document(None, visits(hawkes()), {"rows": {"type": "arrivals", "count": 0}})
    assert branching(judged(schema, tmp_path)).verdict == "not identifiable"
