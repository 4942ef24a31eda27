"""Values follow their laws, shares, counts and popularity, whatever multiplies, rounds or hides them;
else it is told.
"""

from __future__ import annotations

import pytest

import datagen
from tests.validation.planted import about, document, foreign, judged, one, wrong


def table(**columns):
    columns = {"thing_id": {"type": "key"}, **columns}
    return {"datagen": 1, "name": "things", "tables": {"things": {"rows": 20_000, "columns": columns}}}


DISTRIBUTIONS = {
    "lognormal": {"type": "lognormal", "median": 20, "sigma": 1, "decimals": 2, "min": 5, "max": 200},
    "normal": {"type": "normal", "mean": 3, "sd": 2, "decimals": 0},
    "gamma": {"type": "gamma", "mean": 4, "shape": 0.6},
    "beta": {"type": "beta", "a": 2, "b": 5, "min": 10, "max": 20},
    "dice": {"type": "uniform", "min": 1, "max": 6, "decimals": 0},
    "day": {"type": "uniform", "min": "1950-01-01", "max": "1950-03-31", "as": "date"},
    "moment": {"type": "uniform", "min": "2020-01-01", "max": "2021-01-01"},
    "pause": {"type": "weibull", "shape": 1.5, "scale": "2h"},
    "pareto": {"type": "pareto", "minimum": 3, "alpha": 2.5, "decimals": 1},
    "few": {"type": "choice", "values": {"1": 5, "2": 3, "9": 2}},
}


@pytest.mark.parametrize("name", DISTRIBUTIONS)
def test_a_distribution_is_found_in_what_it_made(tmp_path, name):
    report = judged(table(x=DISTRIBUTIONS[name]), tmp_path)
    assert wrong(report) == []
    found = about(report, "things.x")
    assert [f.verdict for f in found if f.measure in ("KSComplement", "TVComplement")] == ["pass"]
    assert {f.verdict for f in found if f.measure == "TailRecovery"} <= {"recovered"}


@pytest.mark.parametrize(("name", "sides"), {"lognormal": 0, "gamma": 2, "dice": 0, "pause": 2, "few": 0}.items())
def test_tails_are_judged_where_cells_distinguish_them(tmp_path, name, sides):
    """A heap at a bound, or a few round numbers, have none."""
    assert len(about(judged(table(x=DISTRIBUTIONS[name]), tmp_path), "TailRecovery")) == sides


def test_a_few_cells_in_another_unit_are_found_in_the_tail(tmp_path):
    """One in a hundred in cents: nothing that the whole distribution would show."""
    schema = table(x={"type": "lognormal", "median": 20, "sigma": 1, "decimals": 2})

    def cents(tables):
        things = tables["things"]
        return {"things": things.assign(x=things["x"].where(things.index % 100 > 0, things["x"] * 100))}

    [found] = [f for f in foreign(schema, tmp_path, cents).findings if f.verdict == "not recovered"]
    assert found.measure == "TailRecovery"
    assert found.subject.startswith("share of values above 2")
    assert found.found > 2 * found.planted


@pytest.mark.parametrize(
    ("made", "declared"),
    [
        ({"type": "lognormal", "median": 20, "sigma": 0.5}, {"type": "lognormal", "median": 20, "sigma": 0.6}),
        ({"type": "normal", "mean": 0, "sd": 1}, {"type": "normal", "mean": 0.1, "sd": 1}),
        (
            {"type": "uniform", "min": 1, "max": 5, "decimals": 0},
            {"type": "uniform", "min": 1, "max": 6, "decimals": 0},
        ),
        ({"type": "choice", "values": {"a": 5, "b": 5}}, {"type": "choice", "values": {"a": 6, "b": 4}}),
    ],
)
def test_another_distribution_is_not(tmp_path, made, declared):
    datagen.generate(table(x=made), tmp_path)
    words = wrong(datagen.validate(table(x=declared), tmp_path))
    assert len([one for one in words if "distance" in one]) == 1


def test_rounding_to_endings_and_steps_is_allowed_for(tmp_path):
    price = {"type": "lognormal", "median": 20, "sigma": 0.6, "decimals": 2}
    grams = {"type": "uniform", "min": 100, "max": 900, "decimals": 0, "modifiers": [{"type": "round_to", "step": 25}]}
    endings = [{"type": "round_to", "endings": {"0.99": 5, "0.00": 2}}, {"type": "nulls", "share": 0.2}]
    report = judged(table(price={**price, "modifiers": endings}, grams=grams), tmp_path)
    assert wrong(report) == []
    assert about(report, "things.price", "KSComplement")
    assert about(report, "things.grams", "KSComplement")


def priced(**endings):
    price = {"type": "lognormal", "median": 20, "sigma": 0.6, "decimals": 2}
    return table(price={**price, "modifiers": [{"type": "round_to", "endings": endings, "unit": 1}]})


def test_endings_are_chosen_as_often_as_declared(tmp_path):
    """And a dataset that has the declared endings, but all alike, is told."""
    schema = priced(**{"0.99": 6, "0.50": 3, "0.00": 1})
    report = judged(schema, tmp_path)
    assert wrong(report) == []
    assert one(report, "price", "TVComplement").verdict == "pass"
    datagen.generate(priced(**{"0.99": 1, "0.50": 1, "0.00": 1}), tmp_path / "other")
    report = datagen.validate(schema, tmp_path / "other")
    assert one(report, "price", "TVComplement").verdict == "fail"
    assert not report.failed


def referring(share, **more):
    schema = table(of={"type": "reference", "table": "kinds", "null_share": share, **more})
    schema["tables"]["kinds"] = {"rows": 50, "columns": {"kind_id": {"type": "key"}}}
    return schema


def test_as_many_rows_refer_to_nothing_as_declared(tmp_path):
    report = judged(referring(0.3), tmp_path)
    assert wrong(report) == []
    assert one(report, "MissingShare").verdict == "recovered"
    report = datagen.validate(referring(0.2), tmp_path / "made")
    assert one(report, "MissingShare").verdict == "not recovered"


def test_rows_that_refer_to_earlier_ones_do_so_as_often_as_declared(tmp_path):
    schema = table(before={"type": "reference", "table": "things", "null_share": 0.6})
    report = judged(schema, tmp_path)
    assert wrong(report) == []
    assert one(report, "MissingShare").planted == 0.6


def test_each_case_has_its_own_distribution_or_shares(tmp_path):
    kind = {"type": "choice", "values": {"tea": 5, "mug": 3, "gift": 2}}
    price = {
        "type": "case",
        "column": "kind",
        "default": 7,
        "cases": {
            "tea": {"type": "lognormal", "median": 8, "sigma": 0.3, "decimals": 2},
            "mug": {"type": "normal", "mean": 15, "sd": 2, "decimals": 2},
        },
    }
    size = {
        "type": "case",
        "column": "kind",
        "default": {"type": "choice", "values": {"S": 1, "L": 1}},
        "cases": {"mug": {"type": "choice", "values": {"S": 9, "L": 1}}},
    }
    schema = table(kind=kind, price=price, size=size)
    report = judged(schema, tmp_path)
    assert wrong(report) == []
    assert {f.subject for f in about(report, "price", "KSComplement")} == {"values where tea", "values where mug"}
    assert {f.subject for f in about(report, "size", "TVComplement")} == {"shares where mug", "shares where default"}
    swapped = {**price, "cases": {"tea": price["cases"]["mug"], "mug": price["cases"]["tea"]}}
    datagen.generate(table(kind=kind, price=swapped, size=size), tmp_path / "other")
    words = wrong(datagen.validate(schema, tmp_path / "other"))
    fits = [one for one in words if " where " in one and "share of" not in one and "lowest eighth" not in one]
    assert len(fits) == 4


def test_multipliers_are_taken_out_before_a_distribution_is_judged(tmp_path):
    schema = document(
        [
            {"type": "segments", "column": "plan", "multiply": {"pro": {"visits.spent": 5, "visits.pieces": 2.5}}},
            {"type": "vintage", "multiply": {"visits.spent": {"type": "linear", "slope": 0.05}}},
        ],
        None,
        None,
        spent={"type": "gamma", "mean": 20, "shape": 2, "min": 2, "max": 500, "decimals": 1},
        pieces={"type": "choice", "values": {"1": 5, "2": 3, "6": 1}},
        seen_at={"type": "after", "column": "visited_at", "delay": {"type": "lognormal", "median": "20d", "sigma": 1}},
        between={"type": "time_between", "from": "visited_at", "to": "window_end"},
    )
    report = judged(schema, tmp_path)
    assert wrong(report) == []
    assert one(report, "visits.spent", "plan pro").verdict == "recovered"
    assert one(report, "visits.pieces", "plan pro").planted == 2.5
    assert one(report, "visits.spent", "age").verdict == "recovered"
    assert one(report, "seen_at", "KSComplement").verdict == one(report, "between", "KSComplement").verdict == "pass"


def test_hidden_multipliers_of_values_make_the_distribution_not_identifiable(tmp_path):
    schema = document(
        [
            {"type": "frailty", "of": ["visits.spent"], "dispersion": 0.5},
            {"type": "segments", "column": "plan", "multiply": {"pro": {"visits.spent": 3}}},
        ],
        None,
        None,
        spent={"type": "lognormal", "median": 20, "sigma": 0.5},
    )
    report = judged(schema, tmp_path)
    assert one(report, "spent", "KSComplement").verdict == "not identifiable"
    assert one(report, "spent", "plan pro").verdict == "recovered"


COUNTS = [
    {"type": "geometric", "mean": 2.2, "min": 1},
    {"type": "poisson", "mean": 3},
    {"type": "negative_binomial", "mean": 4, "dispersion": 0.7},
    {"type": "uniform", "min": 1, "max": 4},
]


@pytest.mark.parametrize("distribution", COUNTS, ids=lambda distribution: distribution["type"])
@pytest.mark.parametrize("multiplied", [False, True])
def test_count_distributions_are_recovered(tmp_path, distribution, multiplied):
    schema = document(
        [
            {
                "type": "segments",
                "column": "plan",
                "multiply": {"pro": {"lines": 0.5 if distribution["type"] == "uniform" else 2.0}},
            }
        ]
        if multiplied
        else None
    )
    del schema["tables"]["visits"]
    columns = {"line_id": {"type": "key"}, "user_id": {"type": "parent_key"}}
    rows = {"type": "per_parent", "count": distribution, "none_share": 0.1}
    schema["tables"]["lines"] = {"parent": "users", "rows": rows, "columns": columns}
    report = judged(schema, tmp_path)
    assert wrong(report) == []
    assert {f.verdict for f in about(report, "lines", "per parent")} == {"recovered", "pass"}
    other = {**rows, "none_share": 0.2}
    schema["tables"]["lines"] = {"parent": "users", "rows": other, "columns": columns}
    assert len(wrong(datagen.validate(schema, tmp_path / "made"))) == 2


def sales(popularity):
    things = {"rows": 500, "columns": {"thing_id": {"type": "key", "start": 7}}}
    reference = {"type": "reference", "table": "things", "popularity": popularity, "null_share": 0.1}
    columns = {"sale_id": {"type": "key"}, "thing_id": reference}
    return {"datagen": 1, "name": "sales", "tables": {"things": things, "sales": {"rows": 20_000, "columns": columns}}}


@pytest.mark.parametrize("exponent", [0.0, 0.6, 1.1, 2.0])
def test_the_exponent_of_popularity_is_recovered(tmp_path, exponent):
    popularity = {"type": "zipf", "exponent": exponent, "shift": 2} if exponent else {"type": "uniform"}
    report = judged(sales(popularity), tmp_path)
    found = one(report, "PopularityRecovery")
    assert found.verdict == "recovered"
    assert found.planted == (exponent or 1.0)
    other = datagen.validate(sales({"type": "zipf", "exponent": exponent + 0.3, "shift": 2}), tmp_path / "made")
    assert one(other, "exponent").verdict == "not recovered"


@pytest.mark.parametrize(
    "popularity", [{"type": "uniform"}, {"type": "zipf", "exponent": 0.5}], ids=lambda p: p["type"]
)
def test_segments_of_referred_rows_are_recovered(tmp_path, popularity):
    schema = sales(popularity)
    schema["tables"]["things"]["columns"]["kind"] = {"type": "choice", "values": {"new": 1, "old": 3}}
    schema["tables"]["things"]["behaviors"] = [
        {"type": "segments", "column": "kind", "multiply": {"new": {"sales": 3.0}}}
    ]
    schema["window"] = {"start": "2024-01-01", "end": "2025-01-01"}
    schema["tables"]["sales"]["rows"] = {"type": "arrivals", "count": 20_000}
    schema["tables"]["sales"]["columns"]["sold_at"] = {"type": "arrival_time"}
    report = judged(schema, tmp_path)
    assert one(report, "kind new").verdict == "recovered"
    assert one(report, "kind new").planted == 3
    schema["tables"]["things"]["behaviors"] = [
        {"type": "segments", "column": "kind", "multiply": {"new": {"sales": 0.8}}}
    ]
    other = datagen.validate(schema, tmp_path / "made")
    assert one(other, "kind new").verdict == "not recovered"


def wild(share=0.02, factor=(5, 20), **reading):
    reading = {"type": "normal", "mean": 20, "sd": 2, "decimals": 1, **reading}
    return table(x={**reading, "modifiers": [{"type": "outliers", "share": share, "factor": list(factor)}]})


@pytest.mark.parametrize(
    "schema",
    [
        wild(),
        wild(0.002, (3, 10)),
        wild(0.3, (0.01, 0.1)),
        wild(0.05, (-3, -1)),
        wild(0.05, (1.5, 4), type="lognormal", mean=None, sd=None, median=20, sigma=0.8, decimals=2, min=5),
        wild(0.05, (2, 2), type="uniform", mean=None, sd=None, min=1, max=6, decimals=0),
        wild(0.1, (3, 10), mean="2h", sd="10min", decimals=None),
    ],
    ids=["readings", "few", "far too small", "of the other sign", "of a long tail", "dice", "durations"],
)
def test_as_many_outliers_as_declared_lie_as_far_out(tmp_path, schema):
    x = schema["tables"]["things"]["columns"]["x"]
    schema["tables"]["things"]["columns"]["x"] = {k: v for k, v in x.items() if v is not None}
    report = judged(schema, tmp_path)
    assert wrong(report) == []
    assert {f.verdict for f in about(report, "OutlierRecovery")} == {"recovered"}


@pytest.mark.parametrize(
    ("made", "reported"),
    [
        (wild(0.01), "share of outliers"),
        (wild(factor=(50, 200)), "size of outliers"),
        (wild(1e-9), "share of outliers"),
    ],
)
def test_other_outliers_than_declared_are_named(tmp_path, made, reported):
    datagen.generate(made, tmp_path)
    report = datagen.validate(wild(), tmp_path)
    assert one(report, reported).verdict == "not recovered"
    assert report.score < 97


def test_outliers_are_distinguished_from_what_multiplies_the_values(tmp_path):
    spent = {"type": "lognormal", "median": 20, "sigma": 0.4, "decimals": 2}
    spent["modifiers"] = [{"type": "outliers", "share": 0.01, "factor": [10, 30]}, {"type": "nulls", "share": 0.1}]
    pro = {"type": "segments", "column": "plan", "multiply": {"pro": {"visits.spent": 3}}}
    report = judged(document([pro], spent=spent), tmp_path)
    assert wrong(report) == []
    assert one(report, "share of outliers").verdict == "recovered"


def test_outliers_too_few_to_find_are_not_held_against_the_data(tmp_path):
    report = judged(wild(0.0005), tmp_path)
    assert wrong(report) == []
    assert one(report, "share of outliers").verdict == "not identifiable"


def test_a_rare_value_that_is_lost_is_missed(tmp_path):
    """Of the whole it is little, which chance could do; of the value itself it is half."""
    schema = table(x={"type": "choice", "values": {**dict.fromkeys("abcdefghi", 10.8), "seldom": 3}})

    def lost(tables):
        things = tables["things"]
        x = things["x"].astype(object).where((things["x"] != "seldom") | (things.index % 2 > 0), "a")
        return {"things": things.head(4000).assign(x=x)}

    [found] = [f for f in foreign(schema, tmp_path, lost).findings if f.verdict == "fail" and f.group != "realism"]
    assert (found.measure, found.column) == ("TVComplement", "x")
    assert found.message.startswith("'seldom' is 1.")
    assert "planted 2.99%" in found.message
