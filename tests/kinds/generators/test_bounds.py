"""Distributions between bounds under multipliers: the mean follows, the range holds, and what cannot be is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest

import datagen

CASES = Path(__file__).parents[2] / "cases"
ROWS = 40_000


def made(column: dict[str, Any], multiply: float, rows: int = ROWS) -> np.ndarray[Any, Any]:
    """Cells of two groups of the same size, (2, n): plain ones, and those that a segment multiplies."""
    document = {
        "datagen": 1,
        "name": "bounds",
        "seed": 3,
        "tables": {
            "t": {
                "rows": rows,
                "columns": {
                    "id": {"type": "key"},
                    "group": {"type": "choice", "values": ["plain", "more"]},
                    "x": column,
                },
                "behaviors": [{"type": "segments", "column": "group", "multiply": {"more": {"t.x": multiply}}}],
            }
        },
    }
    table = datagen.preview(document, rows=rows)["t"]
    x, more = table["x"].to_numpy().astype(np.float64), table["group"].to_numpy(zero_copy_only=False) == "more"
    return x[~more], x[more]  # type: ignore[return-value]


DISTRIBUTIONS: dict[str, tuple[dict[str, Any], float, float]] = {
    "a lattice": ({"type": "uniform", "min": 1, "max": 10, "decimals": 0}, 1, 10),
    "an interval": ({"type": "uniform", "min": 2, "max": 6}, 2, 6),
    "a narrow interval": ({"type": "uniform", "min": 0, "max": 1, "decimals": 2}, 0, 1),
    "beta": ({"type": "beta", "a": 2, "b": 5, "max": 100, "decimals": 1}, 0, 100),
    "normal": ({"type": "normal", "mean": 50, "sd": 20, "min": 0, "max": 100}, 0, 100),
    "lognormal": ({"type": "lognormal", "median": 20, "sigma": 0.7, "min": 5, "max": 90, "decimals": 2}, 5, 90),
    "binomial": ({"type": "binomial", "trials": 10, "share": 0.4}, 0, 10),
    "binomial up to 6": ({"type": "binomial", "trials": 10, "share": 0.3, "max": 6}, 0, 6),
    "zipf": ({"type": "zipf", "items": 50}, 1, 50),
    "zipf of many": ({"type": "zipf", "items": 300, "exponent": 1.3}, 1, 300),
    "empirical": ({"type": "empirical", "quantiles": [10, 20, 40, 60, 100], "decimals": 1}, 10, 100),
    "empirical with negative numbers": ({"type": "empirical", "edges": [-5, 10, 40], "counts": [2, 3]}, -5, 40),
    "empirical within bounds": ({"type": "empirical", "quantiles": [0, 50, 100], "min": 20, "max": 80}, 20, 80),
    "gamma from 1": ({"type": "gamma", "shape": 2, "mean": 6, "min": 1}, 1, np.inf),
}


@pytest.mark.parametrize("factor", [0.6, pytest.param(1.1, marks=pytest.mark.slow), 1.4])
@pytest.mark.parametrize("name", DISTRIBUTIONS)
def test_the_mean_follows_the_multiplier_within_the_range(name: str, factor: float) -> None:
    """Within 1.5 %: a few standard errors of the mean at this size."""
    column, low, high = DISTRIBUTIONS[name]
    plain, more = made(column, factor)
    assert more.mean() / plain.mean() == pytest.approx(factor, rel=0.02)
    assert low <= more.min() and more.max() <= high


@pytest.mark.parametrize("factor", [0.7, 1.3, 1.5])
def test_every_value_of_a_lattice_occurs_under_a_multiplier(factor: float) -> None:
    _, more = made(DISTRIBUTIONS["a lattice"][0], factor)
    shares = np.bincount(more.astype(int), minlength=11)[1:] / len(more)
    assert shares.min() > 0.0001 and shares.max() < 0.4
    steps = np.diff(shares)
    assert (steps > -0.012).all() if factor > 1 else (steps < 0.012).all(), "shares rise or fall, none stands out"


def test_a_distribution_without_bounds_is_scaled_exactly() -> None:
    column = {"type": "lognormal", "median": 20, "sigma": 0.7}
    bounded = {**column, "min": 1e-6}
    for declared in (column, bounded):
        plain, more = made(declared, 1.8)
        assert np.log(more).mean() - np.log(plain).mean() == pytest.approx(np.log(1.8), abs=0.03)
        assert np.log(more).std() == pytest.approx(0.7, rel=0.03)


def test_rows_with_a_multiplier_of_1_are_as_they_were() -> None:
    column = {"type": "uniform", "min": 1, "max": 10, "decimals": 0}
    tables: dict[str, Any] = {
        "t": {
            "rows": 500,
            "columns": {"id": {"type": "key"}, "g": {"type": "choice", "values": ["a", "b"]}, "x": column},
        }
    }
    document: dict[str, Any] = {"datagen": 1, "name": "ones", "tables": tables}
    before = datagen.preview(document, rows=500)["t"]
    tables["t"]["behaviors"] = [{"type": "segments", "column": "g", "multiply": {"b": {"t.x": 1.5}}}]
    after = datagen.preview(document, rows=500)["t"]
    of_a = np.flatnonzero(before["g"].to_numpy(zero_copy_only=False) == "a")
    assert after["x"].take(of_a).equals(before["x"].take(of_a))


@pytest.mark.parametrize(
    ("column", "factor", "room"),
    [
        ({"type": "uniform", "min": 1, "max": 10, "decimals": 0}, 2, "x 1.82"),
        ({"type": "uniform", "min": 1, "max": 10}, 0.1, "x 0.18"),
        ({"type": "beta", "a": 8, "b": 2}, 1.3, "x 1.25"),
        ({"type": "normal", "mean": 50, "sd": 10, "min": 0, "max": 100}, 2.5, "x 2"),
        ({"type": "binomial", "trials": 10, "share": 0.5}, 2.5, "x 2"),
    ],
)
def test_a_mean_that_the_range_has_no_room_for_is_refused(column: dict[str, Any], factor: float, room: str) -> None:
    with pytest.raises(datagen.PlanError, match=f"allows at most {room}"):
        made(column, factor, 50)


def test_the_case_is_refused_and_sound_with_a_smaller_multiplier(tmp_path: Path) -> None:
    (problem,) = datagen.check(CASES / "uniform_clamped.yaml")
    assert problem.keys == ("tables", "orders", "columns", "score") and "'segments by segment'" in problem.message
    text = (CASES / "uniform_clamped.yaml").read_text().replace("orders.score: 2", "orders.score: 1.5")
    datagen.generate(text, tmp_path, scale=0.3)
    report = datagen.validate(text, tmp_path)
    judged = {
        one.measure: one.verdict for one in report.findings if one.column == "score" and one.verdict != "not applicable"
    }
    assert set(judged.values()) <= {"pass", "recovered"} and judged["KSComplement"] == "pass"


def test_growth_of_a_bounded_value_is_there_and_is_recovered(tmp_path: Path) -> None:
    """10 % a year on a score of 1 to 10."""
    document = {
        "datagen": 1,
        "name": "grown",
        "seed": 5,
        "window": {"start": "2020-01-01", "end": "2024-01-01"},
        "tables": {
            "users": {
                "rows": {"type": "arrivals", "count": 1500, "before_window": 1},
                "columns": {"id": {"type": "key"}},
            },
            "visits": {
                "parent": "users",
                "rows": {"type": "events", "mean_per_month": 0.5},
                "behaviors": [{"type": "trend", "shape": "exponential", "growth_per_year": 0.1, "of": "visits.score"}],
                "columns": {
                    "user_id": {"type": "parent_key"},
                    "at": {"type": "event_time"},
                    "score": {"type": "uniform", "min": 1, "max": 10, "decimals": 0},
                },
            },
        },
    }
    datagen.generate(document, tmp_path)
    visits = pq.read_table(tmp_path / "visits")
    years = visits["at"].cast("int64").to_numpy() / (365.25 * 86_400e6) - 50
    score = visits["score"].to_numpy().astype(float)
    first, last = score[years < 1].mean(), score[years > 3].mean()
    assert last / first == pytest.approx(1.1**3, rel=0.03)
    report = datagen.validate(document, tmp_path)
    assert all(one.verdict not in ("fail", "not recovered") for one in report.findings if one.column == "score")


# --- what a cell can hold -----------------------------------------------------------------------------------------


HUGE: dict[str, tuple[dict[str, Any], str]] = {
    "lognormal": ({"type": "lognormal", "median": 1e15, "sigma": 1, "decimals": 3}, "9e18"),
    "normal": ({"type": "normal", "mean": 1e17, "sd": 1, "decimals": 2}, "9e18"),
    "digits": ({"type": "normal", "mean": 1e13, "sd": 1, "decimals": 4}, "use 2 decimals at most"),
    "uniform": ({"type": "beta", "a": 2, "b": 2, "max": 1e17, "decimals": 9}, "9e18"),
    "outliers": (
        {
            "type": "normal",
            "mean": 1e13,
            "sd": 1,
            "decimals": 0,
            "modifiers": [{"type": "outliers", "share": 0.1, "factor": [1, 1e6]}],
        },
        "9e18",
    ),
    "durations": ({"type": "lognormal", "median": "30000y", "sigma": 3}, "9e18"),
}


@pytest.mark.parametrize("name", HUGE)
def test_numbers_that_a_cell_cannot_hold_are_refused_at_their_place(name: str) -> None:
    column, words = HUGE[name]
    tables = {"t": {"rows": 5, "columns": {"id": {"type": "key"}, "x": column}}}
    (problem,) = datagen.check({"datagen": 1, "name": "huge", "tables": tables})
    assert problem.keys == ("tables", "t", "columns", "x")
    assert words in f"{problem.message}; {problem.hint}"


@pytest.mark.parametrize(
    ("bounds", "key"),
    [({"min": 1e17}, "min"), ({"max": -1e17}, "max"), ({"min": 1.7e308}, "min"), ({"min": 2**63 - 1}, "min")],
)
@pytest.mark.parametrize("distribution", [{"type": "normal", "mean": 0, "sd": 1}, {"type": "random_walk", "sd": 1}])
def test_bounds_that_leave_no_cell_are_refused(
    distribution: dict[str, Any], bounds: dict[str, float], key: str
) -> None:
    column = {**distribution, **bounds, "decimals": 2}
    tables = {"p": {"rows": 2, "columns": {"id": {"type": "key"}}}}
    tables |= {"t": {"parent": "p", "rows": {"type": "per_parent", "count": 2}, "columns": {"x": column}}}
    (problem,) = datagen.check({"datagen": 1, "name": "none", "tables": tables})
    assert problem.keys == ("tables", "t", "columns", "x", key)


def test_segments_that_lift_numbers_beyond_a_cell_are_refused() -> None:
    with pytest.raises(datagen.PlanError, match="9e18"):
        made({"type": "lognormal", "median": 1e13, "sigma": 0.5, "decimals": 0}, 1e6, 50)


def test_the_case_of_clipped_minor_units_is_refused_with_what_works() -> None:
    (problem,) = datagen.check(CASES / "clipped_minor_units.json")
    assert problem.keys[-1] == "x" and "max" in problem.hint


def test_a_bound_makes_a_heavy_tail_fit() -> None:
    tables = {
        "t": {
            "rows": 5,
            "columns": {
                "id": {"type": "key"},
                "x": {"type": "pareto", "minimum": 1, "alpha": 0.5, "decimals": 2, "max": 1e6},
            },
        }
    }
    assert not datagen.check({"datagen": 1, "name": "cut", "tables": tables})


def test_a_sum_that_can_leave_64_bits_is_refused_at_its_column() -> None:
    (problem,) = datagen.check(CASES / "sum_of_large_counts.yaml")
    assert problem.keys[:4] == ("tables", "a", "columns", "total_units") and "64 bits" in problem.message
    text = (CASES / "sum_of_large_counts.yaml").read_text()
    assert not datagen.check(text.replace("* 100000", "* 10000"))
    assert datagen.check(text.replace("count: 10000", "count: {type: uniform, min: 1, max: 10000}"))


def test_a_sum_that_nobody_could_foresee_names_its_column() -> None:
    text = (CASES / "sum_of_large_counts.yaml").read_text()
    with pytest.raises(datagen.RunError, match=r"tables\.a\.columns\.total_units: the sum of 10,\d+ numbers"):
        datagen.preview(text.replace("count: 10000", "count: {type: poisson, mean: 10100}"), rows=3)


def scored(behaviors: list[dict[str, Any]]) -> dict[str, Any]:
    people = {"id": {"type": "key"}, "at": {"type": "arrival_time"}}
    people |= {name: {"type": "choice", "values": {"a": 1, "b": 1}} for name in ("plan", "country")}
    reviews = {
        "at": {"type": "event_time"},
        "score": {"type": "uniform", "min": 0, "max": 10},
    }
    tables = {
        "people": {"rows": {"type": "arrivals", "count": 50}, "columns": people, "behaviors": behaviors},
        "reviews": {"parent": "people", "rows": {"type": "events", "mean_per_month": 1}, "columns": reviews},
    }
    window = {"start": "2023-01-01", "end": "2025-01-01"}
    return {"datagen": 1, "name": "scores", "window": window, "tables": tables}


def by(column: str, factor: float) -> dict[str, Any]:
    return {"type": "segments", "column": column, "multiply": {"a": {"reviews.score": factor}}}


SEASON = {"type": "seasonality", "of": "reviews.score", "month": {"dec": 1.5}}
GROWTH = {"type": "trend", "of": "reviews.score", "shape": "exponential", "growth_per_year": 0.2}
AGE = {"type": "vintage", "multiply": {"reviews.score": [1, 1.2, 1.4]}}


def tried(**arm: Any) -> dict[str, Any]:
    """An experiment with an arm that has these multipliers."""
    return {"type": "experiment", "name": "trial", "arms": {"control": {}, "treatment": arm}}


@pytest.mark.parametrize(
    ("behaviors", "words"),
    [
        ([tried(multiply={"reviews.score": 2.5})], "'experiment trial' multiplies the mean by 2.5"),
        ([tried(multiply={"reviews.score": 1.5}), by("plan", 1.5)], "'experiment trial' together multiply"),
        (
            [tried(multiply={"reviews.score": 1.5}), tried(multiply={"reviews.score": 1.5}) | {"name": "other"}],
            "'experiment trial' and 'experiment other'",
        ),
        ([by("plan", 1.5), by("country", 1.5)], "'segments by plan' and 'segments by country' together multiply"),
        ([by("plan", 1.6), AGE], "'segments by plan' and 'vintage' together multiply"),
        ([SEASON, GROWTH], "'seasonality' and 'trend' together multiply"),
        ([by("plan", 1.5), GROWTH], "'segments by plan' and 'trend' together multiply"),
        ([{"type": "frailty", "of": ["reviews.score"], "dispersion": 1}], "one in twenty"),
    ],
)
def test_multipliers_that_only_together_leave_the_range_are_a_problem(behaviors, words) -> None:
    for one in behaviors if len(behaviors) > 1 else ():
        assert datagen.check(scored([one])) == ()
    (problem,) = datagen.check(scored(behaviors))
    assert problem.keys == ("tables", "reviews", "columns", "score")
    assert words in problem.message
    assert problem.hint


def test_multipliers_that_never_meet_are_not_taken_together() -> None:
    """Two groups of one column, and two months."""
    both = {
        "type": "segments",
        "column": "plan",
        "multiply": {"a": {"reviews.score": 1.9}, "b": {"reviews.score": 1.9}},
    }
    assert datagen.check(scored([both])) == ()
    one, other = by("plan", 1.9), {**by("plan", 1), "multiply": {"b": {"reviews.score": 1.9}}}
    assert datagen.check(scored([one, other])) == ()
    promotions = [{"from": f"2024-0{month}-01", "to": f"2024-0{month}-20", "multiply": 1.9} for month in (2, 5)]
    assert datagen.check(scored([{"type": "interventions", "of": "reviews.score", "effects": promotions}])) == ()


def test_arms_for_segments_that_never_meet_are_not_taken_together() -> None:
    trial = tried(by_segment={"b": {"reviews.score": 1.9}}) | {"segment": "plan"}
    assert datagen.check(scored([by("plan", 1.9), trial])) == ()
    (problem,) = datagen.check(scored([by("country", 1.9), trial]))
    assert "together multiply" in problem.message


def test_shares_of_parents_with_rows_have_room_for_all_multipliers_together() -> None:
    document = scored(
        [{"type": "segments", "column": name, "multiply": {"a": {"carts": 1.5}}} for name in ("plan", "country")]
    )
    rows = {"type": "per_parent", "count": 1, "none_share": 0.5}
    document["tables"]["carts"] = {"parent": "people", "rows": rows, "columns": {"id": {"type": "key"}}}
    (problem,) = datagen.check(document)
    assert problem.keys == ("tables", "carts", "rows")
    assert "together multiply the number of rows by 2.25" in problem.message
