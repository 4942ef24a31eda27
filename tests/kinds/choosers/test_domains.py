"""Every domain with every condition, law and replacement, in one document: each cell is checked against the rules."""

from __future__ import annotations

import copy
from datetime import timedelta
from itertools import product
from pathlib import Path
from typing import Any

import pytest

import datagen
from tests.kinds.choosers.support.test_matching import SHOP
from tests.promises.documents import tables

BACK = timedelta(days=60)
DOMAINS: dict[str, dict[str, Any]] = {
    "all": {},
    "existing": {"existing_at": "at"},
    "recent": {"existing_at": "at", "lookback": "60d"},
    "below": {"within": "firms"},
    "existing below": {"within": "firms", "existing_at": "at"},
    "recent below": {"within": "firms", "existing_at": "at", "lookback": "60d"},
}
CONDITIONS: dict[str, dict[str, Any]] = {
    "any": {},
    "same": {"same": {"role": "role"}},
    "mostly": {"same": {"role": "role"}, "same_share": 0.6},
    "valid": {"valid": {"from": "from", "to": "to", "at": "at"}},
    "other": {"differs_from": ["first_id"], "same": {"role": "role"}},
}
DISTRIBUTIONS: dict[str, dict[str, Any]] = {
    "uniform": {},
    "zipf": {"popularity": {"type": "zipf", "exponent": 1.2}},
    "weight": {"weight": "score"},
}
REPLACEMENT: dict[str, dict[str, Any]] = {"with": {}, "distinct": {"distinct": True}, "unique": {"unique": True}}
ALL = list(product(DOMAINS, CONDITIONS, DISTRIBUTIONS, REPLACEMENT))


def document(references: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """Firms with staff, and projects with tasks that choose among the staff or, from all, among experts."""
    role = {"type": "choice", "values": ["dev", "ops"]}
    person = {
        "role": role,
        "from": {"type": "uniform", "min": "2024-01-01", "max": "2024-06-01"},
        "to": {"type": "after", "column": "from", "delay": {"type": "exponential", "mean": "90d"}},
        "score": {"type": "uniform", "min": 0, "max": 3},
    }
    return {
        "datagen": 1,
        "name": "firms",
        "window": {"start": "2024-01-01", "end": "2025-01-01"},
        "tables": {
            "experts": {
                "rows": {"type": "arrivals", "count": 30},
                "columns": {"id": {"type": "key"}, "came": {"type": "arrival_time"}, **person},
            },
            "firms": {"rows": 8, "columns": {"firm_id": {"type": "key"}}},
            "staff": {
                "parent": "firms",
                "rows": {"type": "events", "mean_per_month": 0.6},
                "columns": {"id": {"type": "key", "start": 5}, "firm_id": {"type": "parent_key"},
                            "came": {"type": "event_time"}, **person},
            },
            "projects": {
                "parent": "firms",
                "rows": {"type": "per_parent", "count": 3},
                "columns": {"project_id": {"type": "key"}, "firm_id": {"type": "parent_key"}},
            },
            "tasks": {
                "parent": "projects",
                "rows": {"type": "per_parent", "count": 2},
                "columns": {
                    "task_id": {"type": "key"},
                    "project_id": {"type": "parent_key"},
                    "firm_id": {"type": "expression", "expression": "projects.firm_id"},
                    "role": role,
                    "at": {"type": "uniform", "min": "2024-03-01", "max": "2024-12-31"},
                    **references,
                },
            },
        },
    }  # fmt: skip


def allowed(person: dict[str, Any], task: dict[str, Any], declared: dict[str, Any], first: str) -> bool:
    """Whether the rules let a task choose this person, but for what others chose."""
    return not (
        ("within" in declared and person["firm_id"] != task["firm_id"])
        or ("existing_at" in declared and person["came"] > task["at"])
        or ("lookback" in declared and person["came"] <= task["at"] - BACK)
        or ("same" in declared and "same_share" not in declared and person["role"] != task["role"])
        or ("valid" in declared and not person["from"] <= task["at"] < (person["to"] or task["at"].max))
        or ("weight" in declared and person["score"] == 0)
        or ("differs_from" in declared and person["id"] == task[first])
    )


def reference(*names: str) -> dict[str, Any]:
    domain = DOMAINS[names[0]]
    declared: dict[str, Any] = {"type": "reference", "table": "staff" if "within" in domain else "experts"}
    for part in (domain, CONDITIONS[names[1]], DISTRIBUTIONS[names[2]], REPLACEMENT[names[3]]):
        declared |= part
    return declared | ({"differs_from": ["first_staff"]} if names[1] == "other" and "within" in domain else {})


def test_every_combination_gives_rows_that_are_allowed_and_leaves_no_cell_empty_without_need() -> None:
    firsts = {"first_id": reference("all", "any", "uniform", "with"),
              "first_staff": reference("below", "any", "uniform", "with")}  # fmt: skip
    made = {f"c{i}": reference(*names) for i, names in enumerate(ALL) if names[3] != "unique" or "below" in names[0]}
    schema = document(firsts | made)
    assert datagen.check(schema) == ()
    found = tables(schema)
    people = {name: found[name].to_pylist() for name in ("experts", "staff")}
    tasks = found["tasks"].to_pylist()
    for name, declared in made.items():
        by_key = {person["id"]: person for person in people[declared["table"]]}
        first = "first_staff" if "within" in declared else "first_id"
        owner = "firm_id" if "unique" in declared else "project_id" if "distinct" in declared else "task_id"
        taken: dict[int, set[int]] = {}
        for task in tasks:
            gone, key = taken.setdefault(task[owner], set()), task[name]
            if key is None:
                left = [p for p in by_key.values() if p["id"] not in gone and allowed(p, task, declared, first)]
                assert not left or "same_share" in declared, declared
            else:
                assert key not in gone and allowed(by_key[key], task, declared, first), declared
                gone.add(key)
        assert len({task[name] for task in tasks}) > 5, declared


@pytest.mark.parametrize("names", [one for one in ALL if one[3] == "unique" and "below" not in one[0]])
def test_one_to_one_in_a_whole_table_is_a_permutation_and_says_why_it_takes_no_option(names: tuple[str, ...]) -> None:
    columns = {"first_id": reference("all", "any", "uniform", "with"), "one": reference(*names)}
    places = [one.place for one in datagen.check(document(columns))]
    assert places == ([] if names[:3] == ("all", "any", "uniform") else ["$.tables.tasks.columns.one.unique"])


def verdicts(made: dict[str, Any], judged: dict[str, Any], folder: Path, column: str) -> list[str]:
    """What validation says about the candidates of a column of data made by one document and judged by another."""
    datagen.generate(made, folder, workers=1)
    return [
        one.verdict
        for one in datagen.validate(judged, folder, workers=1).findings
        if one.measure == "CandidateShares" and one.column == column
    ]


@pytest.mark.parametrize("judged, verdict", [("score", "pass"), ("other", "fail")])
def test_validation_knows_the_weights_below_each_ancestor(judged: str, verdict: str, tmp_path: Path) -> None:
    schemas = []
    for weight in ("score", judged):
        schema = document({"who": {"type": "reference", "table": "staff", "within": "firms", "weight": weight}})
        schema["tables"]["staff"]["columns"]["other"] = {"type": "uniform", "min": 0, "max": 3}
        schema["tables"]["projects"]["rows"]["count"] = 150
        schemas.append(schema)
    assert verdicts(*schemas, tmp_path / "made", "who") == [verdict]


@pytest.mark.parametrize("old, verdict", [(0.2, "pass"), (1.5, "fail")])
def test_validation_knows_multipliers_on_choices_that_columns_decide(old: float, verdict: str, tmp_path: Path) -> None:
    schemas = []
    for value in (0.2, old):
        schema = copy.deepcopy(SHOP)
        schema["tables"]["users"]["behaviors"][1]["multiply"]["visits"]["steps"][0]["value"] = value
        same = {"existing_at": "at", "same": {"country": "country"}}
        schema["tables"]["visits"]["columns"]["user_id"] = {"type": "reference", "table": "users", **same}
        schema["tables"]["visits"]["rows"]["count"] = 4000
        schemas.append(schema)
    assert verdicts(*schemas, tmp_path / "made", "user_id") == [verdict]
