"""References that columns decide: the same value, weights, another row, an interval that holds a moment."""

from __future__ import annotations

import copy
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import datagen
from datagen.kinds.choosers.support import matching, successive_sampling
from tests.promises.documents import tables

TEAMS = {
    "rows": 40,
    "columns": {
        "team_id": {"type": "key", "start": 7},
        "country": {"type": "choice", "values": ["DE", "FR", "IT"]},
        "fans": {"type": "choice", "values": [0, 1, 9]},
        "founded": {"type": "uniform", "min": "2020-01-01", "max": "2024-01-01"},
        "closed": {
            "type": "time_between",
            "from": "founded",
            "to": "window_end",
            "modifiers": [{"type": "nulls", "share": 0.3}],
        },
    },
}


def made(rows: int = 3000, **columns: dict) -> tuple[list[dict], dict[int, dict]]:
    """The rows of a table with these columns, and the teams by key."""
    document = {
        "datagen": 1,
        "name": "league",
        "window": {"start": "2020-01-01", "end": "2025-01-01"},
        "tables": {"teams": TEAMS, "games": {"rows": rows, "columns": {"game_id": {"type": "key"}, **columns}}},
    }
    assert datagen.check(document) == ()
    found = tables(document)
    return found["games"].to_pylist(), {row["team_id"]: row for row in found["teams"].to_pylist()}


def to_teams(**more: Any) -> dict:
    return {"type": "reference", "table": "teams", **more}


COUNTRY = {"type": "choice", "values": ["DE", "FR", "IT", "XX"]}


def test_the_chosen_row_has_the_same_value_and_none_is_missing_without_need() -> None:
    games, teams = made(country=COUNTRY, team=to_teams(same={"country": "country"}))
    for game in games:
        assert game["team"] is None if game["country"] == "XX" else teams[game["team"]]["country"] == game["country"]
    assert len({game["team"] for game in games}) == 41


def test_several_values_can_be_the_same() -> None:
    games, teams = made(
        country=COUNTRY,
        fans={"type": "choice", "values": [0, 1, 9]},
        team=to_teams(same={"country": "country", "fans": "fans"}),
    )
    chosen = [(game, teams[game["team"]]) for game in games if game["team"] is not None]
    assert len(chosen) > 1500
    assert all((team["country"], team["fans"]) == (game["country"], game["fans"]) for game, team in chosen)


def test_a_share_of_the_rows_chooses_among_all() -> None:
    games, teams = made(
        country={**COUNTRY, "values": ["DE", "FR", "IT"]}, team=to_teams(same={"country": "country"}, same_share=0.7)
    )
    same = sum(teams[game["team"]]["country"] == game["country"] for game in games) / len(games)
    shares = Counter(team["country"] for team in teams.values())
    by_chance = sum((shares[one] / 40) * (1 / 3) for one in shares)
    assert abs(same - (0.7 + 0.3 * by_chance)) < 0.03


def test_rows_are_chosen_by_their_weight() -> None:
    games, teams = made(team=to_teams(weight="fans"))
    whole = sum(team["fans"] for team in teams.values())
    counts = Counter(game["team"] for game in games)
    for key, team in teams.items():
        assert abs(counts[key] / 3000 - team["fans"] / whole) < 0.015
        assert counts[key] == 0 or team["fans"] > 0


def test_popularity_holds_among_rows_of_the_same_value() -> None:
    games, _ = made(
        country={**COUNTRY, "values": ["DE"]},
        team=to_teams(same={"country": "country"}, popularity={"type": "zipf", "exponent": 1.5}),
    )
    counts = sorted(Counter(game["team"] for game in games).values(), reverse=True)
    assert counts[0] > 3 * counts[len(counts) // 2]


def test_home_and_away_are_different_teams_of_one_country() -> None:
    games, teams = made(
        home=to_teams(),
        country={"type": "lookup", "through": "home", "column": "country"},
        away=to_teams(same={"country": "country"}, differs_from=["home"]),
    )
    for game in games:
        assert game["away"] != game["home"]
        assert teams[game["away"]]["country"] == game["country"]


def test_the_chosen_interval_holds_the_moment() -> None:
    at = {"type": "uniform", "min": "2020-01-01", "max": "2025-01-01"}
    games, teams = made(at=at, team=to_teams(valid={"from": "founded", "to": "closed", "at": "at"}))
    for game in games:
        there = [
            key
            for key, team in teams.items()
            if team["founded"] <= game["at"] and (team["closed"] is None or game["at"] < team["closed"])
        ]
        assert game["team"] in there if there else game["team"] is None


def test_a_manager_is_an_earlier_row_of_the_same_department() -> None:
    staff = {
        "rows": 300,
        "columns": {
            "id": {"type": "key"},
            "department": {"type": "choice", "values": ["a", "b", "c"]},
            "manager": {"type": "reference", "table": "staff", "same": {"department": "department"}},
        },
    }
    rows = tables({"datagen": 1, "name": "hr", "tables": {"staff": staff}})["staff"].to_pylist()
    by_key = {row["id"]: row for row in rows}
    assert sum(row["manager"] is None for row in rows) == 3
    for row in rows:
        if row["manager"] is not None:
            assert row["manager"] < row["id"] and by_key[row["manager"]]["department"] == row["department"]


def test_rows_of_one_parent_choose_different_rows() -> None:
    document = {
        "datagen": 1,
        "name": "a",
        "tables": {
            "teams": TEAMS | {"columns": {k: v for k, v in TEAMS["columns"].items() if k in ("team_id", "country")}},
            "cups": {"rows": 50, "columns": {"cup": {"type": "key"}, "country": COUNTRY}},
            "entries": {
                "parent": "cups",
                "rows": {"type": "per_parent", "count": 5},
                "columns": {
                    "cup": {"type": "parent_key"},
                    "team": to_teams(same={"country": "cups.country"}, distinct=True),
                },
            },
        },
    }
    pairs = [(row["cup"], row["team"]) for row in tables(document)["entries"].to_pylist() if row["team"] is not None]
    assert len(set(pairs)) == len(pairs) > 150


SHOP: dict[str, Any] = {
    "datagen": 1,
    "name": "shop",
    "window": {"start": "2024-01-01", "end": "2026-01-01"},
    "tables": {
        "users": {
            "rows": {"type": "arrivals", "count": 60},
            "columns": {
                "user_id": {"type": "key"},
                "since": {"type": "arrival_time"},
                "country": {"type": "choice", "values": ["DE", "FR"]},
                "plan": {"type": "choice", "values": ["basic", "plus"]},
            },
            "behaviors": [
                {"type": "segments", "column": "plan", "multiply": {"plus": {"visits": 3}}},
                {
                    "type": "vintage",
                    "born": "since",
                    "unit": "day",
                    "multiply": {"visits": {"type": "steps", "steps": [{"from": 180, "value": 0.2}]}},
                },
            ],
        },
        "visits": {
            "rows": {"type": "arrivals", "count": 20_000},
            "columns": {
                "visit_id": {"type": "key"},
                "at": {"type": "arrival_time"},
                "country": {"type": "choice", "values": ["DE", "FR"]},
            },
        },
    },
}


@pytest.mark.parametrize("more", [
    {"existing_at": "at", "same": {"country": "country"}},
    {"existing_at": "at", "lookback": "200d"},
    {"existing_at": "at", "lookback": "200d", "same": {"country": "country"}},
])  # fmt: skip
def test_behaviors_of_the_table_weight_what_columns_allow(more: dict) -> None:
    """Each visit chooses in proportion to the rates of the users that it may choose."""
    document = copy.deepcopy(SHOP)
    document["tables"]["visits"]["columns"]["user_id"] = to_users = {"type": "reference", "table": "users", **more}
    assert datagen.check(document) == ()
    found = tables(document)
    users, visits = (found[name].to_pylist() for name in ("users", "visits"))
    since, plus = np.array([u["since"] for u in users], "M8[us]"), np.array([u["plan"] == "plus" for u in users])
    expected, variance, chosen = np.zeros(len(users)), np.zeros(len(users)), np.zeros(len(users))
    for visit in visits:
        age = np.datetime64(visit["at"]) - since
        able = (age >= np.timedelta64(0)) & ("lookback" not in to_users or age <= np.timedelta64(200, "D"))
        if "same" in to_users:
            able &= np.array([user["country"] == visit["country"] for user in users])
        weights = np.where(able, np.where(plus, 3.0, 1.0) * np.where(age < np.timedelta64(180, "D"), 1.0, 0.2), 0.0)
        assert (visit["user_id"] is None) == (not able.any())
        if visit["user_id"] is not None:
            assert able[visit["user_id"] - 1]
            share = weights / weights.sum()
            expected, variance = expected + share, variance + share * (1 - share)
            chosen[visit["user_id"] - 1] += 1
    assert np.abs(chosen - expected).max() < 4.5 * np.sqrt(variance.max())


@pytest.mark.parametrize(
    "more, place",
    [
        ({"weight": "country"}, "weight"),
        ({"weight": "size"}, "weight"),
        ({"same": {"country": "game_id"}}, "same.country"),
        ({"same": {"land": "country"}}, "same"),
        ({"differs_from": ["country"]}, "differs_from[0]"),
        ({"same_share": 0.5}, "same_share"),
        ({"valid": {"from": "founded", "to": "closed", "at": "game_id"}}, "valid"),
        ({"weight": "fans", "unique": True}, "unique"),
    ],
)
def test_problems_are_reported_at_their_place(more: dict, place: str) -> None:
    columns = {"game_id": {"type": "key"}, "country": COUNTRY, "team": to_teams(**more)}
    document = {
        "datagen": 1,
        "name": "a",
        "window": {"start": "2020-01-01", "end": "2025-01-01"},
        "tables": {"teams": TEAMS, "games": {"rows": 9, "columns": columns}},
    }
    assert f"$.tables.games.columns.team.{place}" in [problem.place for problem in datagen.check(document)]


@pytest.mark.parametrize(
    ("weights", "words"),
    [
        ({"type": "uniform", "min": -3, "max": 5, "decimals": 1}, "can be -3"),
        ({"type": "normal", "mean": 5, "sd": 2}, "can be -"),
        ({"type": "constant", "value": 0}, "is 0 in every row"),
        ([3, -2.5], "can be -2.5"),
        ([0, 0.0, None], "is 0 in every row"),
        ([0, None, 1], ""),
        ({"type": "normal", "mean": 5, "sd": 2, "min": 0}, ""),
    ],
)
def test_weights_that_are_negative_or_all_zero_are_a_problem(weights: Any, words: str) -> None:
    rows: Any = 3
    if isinstance(weights, list):
        rows, weights = {"type": "listed", "columns": ["fans"], "rows": [[one] for one in weights]}, {"type": "listed"}
    teams = {"rows": rows, "columns": {"team_id": {"type": "key"}, "fans": weights}}
    games = {"rows": 9, "columns": {"team": to_teams(weight="fans")}}
    problems = datagen.check({"datagen": 1, "name": "a", "tables": {"teams": teams, "games": games}})
    assert [problem.place for problem in problems] == (["$.tables.games.columns.team.weight"] if words else [])
    assert all(words in problem.message for problem in problems)


def test_validation_finds_rows_that_columns_do_not_allow(tmp_path: Path) -> None:
    at = {"type": "uniform", "min": "2022-01-01", "max": "2025-01-01"}
    columns = {
        "game_id": {"type": "key"},
        "country": COUNTRY,
        "at": at,
        "home": to_teams(),
        "team": to_teams(
            same={"country": "country"}, differs_from=["home"], valid={"from": "founded", "to": "closed", "at": "at"}
        ),
    }
    document = {
        "datagen": 1,
        "name": "league",
        "window": {"start": "2020-01-01", "end": "2025-01-01"},
        "tables": {"teams": TEAMS, "games": {"rows": 400, "columns": columns}},
    }
    datagen.generate(document, tmp_path, workers=1)
    measures = ("SameValue", "OtherReference", "ValidReference")
    verdicts = {
        one.measure: one.verdict for one in datagen.validate(document, tmp_path).findings if one.measure in measures
    }
    assert verdicts == dict.fromkeys(measures, "pass")
    file = next((tmp_path / "games").glob("*.parquet"))
    table = pq.read_table(file)
    pq.write_table(table.set_column(4, "team", pa.array([7] * 400)).set_column(3, "home", pa.array([7] * 400)), file)
    broken = {
        one.measure: one.verdict for one in datagen.validate(document, tmp_path).findings if one.measure in measures
    }
    assert broken == dict.fromkeys(measures, "fail")


PLAYED = {"type": "uniform", "min": "2020-01-01", "max": "2025-01-01", "modifiers": [{"type": "nulls", "share": 0.1}]}
FOUNDED = {"from": "founded", "to": "closed", "at": "played"}


@pytest.mark.parametrize("more", [{}, {"weight": "fans"}, {"same": {"country": "country"}}])
def test_what_is_alone_in_holding_a_moment_is_what_draws_would_find(
    more: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    columns = {"country": COUNTRY, "played": PLAYED, "team": to_teams(valid=FOUNDED, **more)}
    found = made(**columns)
    monkeypatch.setattr(matching._Sorted, "intervals", None)
    assert made(**columns) == found


def test_how_many_draws_are_made_together_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    columns = {"played": PLAYED, "team": to_teams(valid=FOUNDED)}
    found = made(**columns)
    monkeypatch.setattr(successive_sampling, "_ROWS", 100)
    monkeypatch.setattr(successive_sampling, "_DRAWS", 1)
    assert made(**columns) == found
