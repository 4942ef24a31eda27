"""What was planted is inferred within its tolerance, and again from the data that the inferred document makes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import datagen
from datagen.interop.infer import Inferred, infer
from tests.interop.infer.test_infer import keys, kinds
from tests.kinds.choosers.test_earlier_rows import forum
from tests.promises.documents import tables

EXAMPLES = Path(__file__).parents[3] / "examples"
PLANTED: dict[str, Any] = {
    "datagen": 1,
    "name": "planted",
    "seed": 3,
    "window": {"start": "2022-01-01", "end": "2025-01-01"},
    "tables": {
        "members": {
            "rows": {
                "type": "arrivals",
                "count": 2500,
                "before_window": 0.3,
                "curve": {"type": "exponential", "growth_per_year": 0.4},
            },
            "behaviors": [
                {"type": "retention", "lifetime": {"type": "weibull", "shape": 1.3, "scale": 14, "cure_share": 0.2}}
            ],
            "columns": {
                "member_id": {"type": "key"},
                "joined_at": {"type": "arrival_time"},
                "age": {"type": "normal", "mean": 45, "sd": 12, "min": 18, "max": 95, "decimals": 0},
                "income": {"type": "lognormal", "median": 30000, "sigma": 0.5, "decimals": 0},
            },
            "correlations": [{"columns": ["age", "income"], "rho": 0.5}],
        },
        "visits": {
            "parent": "members",
            "rows": {"type": "events", "mean_per_month": 2, "dispersion": 0.6},
            "behaviors": [
                {"type": "trend", "shape": "exponential", "growth_per_year": 0.25},
                {
                    "type": "seasonality",
                    "weekday": {"sat": 2, "sun": 1.5},
                    "month": {"jul": 0.5, "aug": 0.5, "dec": 1.6},
                },
                {
                    "type": "interventions",
                    "effects": [
                        {"from": "2023-03-10", "to": "2023-04-20", "multiply": 1.8},
                        {"from": "2024-05-01", "multiply": 0.6},
                    ],
                },
            ],
            "columns": {
                "visit_id": {"type": "key"},
                "member_id": {"type": "parent_key"},
                "at": {"type": "event_time"},
                "channel": {"type": "choice", "values": {"web": 70, "shop": 30}},
                "rating": {
                    "type": "choice",
                    "values": {"1": 1, "2": 2, "3": 4},
                    "modifiers": [{"type": "nulls", "by": "channel", "shares": {"web": 0.1, "shop": 0.6}}],
                },
            },
        },
    },
}


def behaviors(made: Inferred, table: str) -> dict[str, Any]:
    return {one["type"]: one for one in made.document["tables"][table]["behaviors"]}


def assert_planted(made: Inferred, *, tolerance: float) -> None:
    """Everything planted is there, within `tolerance` relative to it or absolutely, and nothing else."""
    assert made.problems == ()
    members, visits = (made.document["tables"][name] for name in ("members", "visits"))
    assert members["rows"]["curve"]["growth_per_year"] == pytest.approx(0.4, abs=2 * tolerance)
    life = behaviors(made, "members")["retention"]["lifetime"]
    assert life["shape"] == pytest.approx(1.3, rel=1.5 * tolerance)
    assert life["scale"] == pytest.approx(14, rel=1.5 * tolerance)
    assert life["cure_share"] == pytest.approx(0.2, abs=tolerance)
    assert members["correlations"] == [{"columns": ["age", "income"], "rho": pytest.approx(0.5, abs=tolerance / 2)}]
    assert visits["rows"]["mean_per_month"] == pytest.approx(2, rel=1.5 * tolerance)
    assert visits["rows"]["dispersion"] == pytest.approx(0.6, rel=2 * tolerance)
    found = behaviors(made, "visits")
    assert set(found) == {"trend", "seasonality", "interventions"}
    assert found["trend"]["growth_per_year"] == pytest.approx(0.25, abs=tolerance)
    weekday, month = found["seasonality"]["weekday"], found["seasonality"]["month"]
    assert weekday["sat"] == pytest.approx(14 / 8.5, rel=tolerance / 2)
    assert month["jul"] / month["may"] == pytest.approx(0.5, rel=tolerance)
    assert month["dec"] / month["may"] == pytest.approx(1.6, rel=tolerance)
    campaign, decline = found["interventions"]["effects"]
    assert (campaign["from"][:7], campaign["to"][:7]) == ("2023-03", "2023-04")
    assert campaign["multiply"] == pytest.approx(1.8, rel=tolerance)
    assert decline["from"][:7] in ("2024-04", "2024-05") and "to" not in decline
    assert decline["multiply"] == pytest.approx(0.6, rel=tolerance)
    (nulls,) = visits["columns"]["rating"]["modifiers"]
    assert nulls["shares"]["web"] == pytest.approx(0.1, abs=tolerance / 5)
    assert nulls["shares"]["shop"] == pytest.approx(0.6, abs=tolerance / 5)


def test_trend_season_changes_lives_correlation_and_nulls(tmp_path: Path) -> None:
    datagen.generate(PLANTED, tmp_path / "first")
    one = infer(tmp_path / "first", "planted")
    assert_planted(one, tolerance=0.15)
    datagen.generate(one.document, tmp_path / "second")
    assert_planted(infer(tmp_path / "second", "planted"), tolerance=0.25)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("example", "scale"),
    [("vintage_effects_demo.json", 0.1), ("growth_story.json", 0.1), ("simple_users_events.json", 0.1),
     ("ab_test.json", 0.1), ("payments_fraud.json", 0.1), ("saas_subscription_vintage.json", 0.2),
     ("shop.json", 0.1), ("subscription_lifecycle.json", 0.1), ("marketing_attribution.json", 0.1),
     ("iot_machine_states.json", 0.05), ("hr.yaml", 0.3), ("dvd_rental.yaml", 0.4)],
)  # fmt: skip
def test_an_example_is_inferred_again_from_the_data_of_its_inferred_document(
    example: str, scale: float, tmp_path: Path
) -> None:
    """Parents, keys and kinds of columns are the same, rows differ by at most 20 %, the score is at least 95."""
    first = datagen.generate(EXAMPLES / example, tmp_path / "first", scale=scale, clean=True)
    one = infer(tmp_path / "first", "again")
    assert one.problems == ()
    datagen.generate(one.document, tmp_path / "second")
    report = datagen.validate(one.document, tmp_path / "second")
    assert report.passed and report.score >= 95, report.losses
    two = infer(tmp_path / "second", "again")
    large = {name for name, rows in report.rows.items() if rows >= 200}
    assert {key for key in keys(two) if key[0] in large} == {key for key in keys(one) if key[0] in large}
    again = kinds(two)
    same = [again.get(place) == kind for place, kind in kinds(one).items() if place[0] in large]
    assert sum(same) >= 0.95 * len(same)
    for name in large:
        assert two.document["tables"][name].get("parent") == one.document["tables"][name].get("parent")
        assert report.rows[name] == pytest.approx(first.table(name).rows, rel=0.2)


@pytest.mark.parametrize("domain", [{"within": "threads"}, {"order_by": "sent_at"}], ids=str)
def test_earlier_rows_below_a_parent_come_back_in_their_domain(domain: dict[str, Any]) -> None:
    """Replies to a message of the same thread, and to any earlier message."""
    document = forum({**domain, "null_share": 0.6}, boards=30)
    threads = document["tables"]["threads"]
    threads["rows"] = {"type": "arrivals", "count": 600}
    del threads["parent"], threads["columns"]["board_id"]
    del document["tables"]["boards"], document["tables"]["messages"]["columns"]["board"]
    threads["columns"]["opened_at"] = {"type": "arrival_time"}
    found = infer({name: table.to_pandas() for name, table in tables(document).items()}).document
    reference = found["tables"]["messages"]["columns"]["reply_to"]
    assert {name: reference.get(name) for name in ("within", "order_by") if name in reference} == domain
    assert datagen.check(found) == ()
