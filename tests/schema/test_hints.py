"""Hints come from what a name means before how it is spelt, and what they say is there."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

import datagen
from datagen.expressions.functions.registry import public_names
from datagen.expressions.synonyms import _HINTS
from datagen.registry import FAMILIES, load, meaning
from datagen.schema.key_synonyms import key_hint
from datagen.schema.problems.known_keys import field_names

load()
CASES = Path(__file__).parents[1] / "cases"
FAMILY_NAMES = sorted(FAMILIES)


def reported(column: dict[str, Any]) -> tuple[str, str]:
    """What is wrong with a column, and its hint."""
    columns = {"id": {"type": "key"}, "a": {"type": "uniform", "min": 1, "max": 9, "decimals": 0}, "x": column}
    document = {"datagen": 1, "name": "a", "tables": {"t": {"rows": 3, "columns": columns}}}
    (problem,) = datagen.check(document)
    return problem.message, problem.hint


@pytest.mark.parametrize(
    "name, hint",
    [
        ("nationality", "give a 'choice' your own values"),
        ("country_name", "use 'place'"),
        ("gaussian", "use 'normal'"),
        ("Random Int", "use 'uniform'"),
        ("foreign_key", "use 'reference'"),
        ("guid", "use 'uuid'"),
        ("bothify", "use 'pattern'"),
        ("first_name", "use 'person'"),
        ("blob", "cells are numbers, times, truth values and text"),
        ("lognorml", "did you mean 'lognormal'?"),
        ("UNIFORM", "did you mean 'uniform'?"),
        ("serial", "use 'key'"),
        ("iban_number", "use 'iban'"),
        ("lat", "use 'place'"),
        ("running_total", "use 'expression'"),
        ("md5", "use 'pattern'"),
        ("paragraph", "use 'sentence'"),
        ("ipv4", "use 'ip_address'"),
        ("semver", "put its parts together by an 'expression'"),
        ("qqqq", "see 'datagen kinds generators'"),
    ],
)
def test_a_type_of_another_tool_gets_the_equivalent_as_a_hint(name: str, hint: str) -> None:
    assert hint in reported({"type": name})[1]


@pytest.mark.parametrize(
    "name", ["date", "datetime", "dob", "string", "VARCHAR", "int", "Integer", "float", "decimal", "unix_time", "epoch"]
)
def test_the_name_of_a_type_gets_a_column_that_is_valid(name: str) -> None:
    found = re.search(r"[{].*[}]", reported({"type": name})[1])
    assert found is not None
    at = {"type": "uniform", "min": "2024-01-01", "max": "2025-01-01"}
    tables = {"t": {"rows": 3, "columns": {"at": at, "x": json.loads(found[0])}}}
    assert datagen.check({"datagen": 1, "name": "a", "tables": tables}) == ()


@pytest.mark.parametrize("written, number", [("%70", "0.7"), ("70%", "0.7"), ("2.5 %", "0.025"), ("100%", "1")])
def test_a_percentage_is_written_as_a_share(written: str, number: str) -> None:
    hint = reported({"type": "boolean", "share": written})[1]
    assert hint == f"shares are numbers from 0 to 1: write {number}"


def test_a_key_null_in_a_column_of_yaml_is_a_modifier() -> None:
    document = "datagen: 1\nname: a\ntables: {t: {rows: 3, columns: {x: {type: boolean, null: 0.1}}}}\n"
    (problem,) = datagen.check(document)
    assert problem.place == "$.tables.t.columns.x" and "modifiers: [{type: nulls, share: 0.1}]" in problem.hint


@pytest.mark.parametrize(
    "family, old, new",
    [
        ("generators", "by", "case"),
        ("generators", "alive_until", "lifetime_end"),
        ("generators", "multiplier", "frailty_multiplier"),
        ("interarrival", "random", "poisson"),
        ("behaviors", "dated", "interventions"),
        ("lifetimes", "constant_hazard", "exponential"),
        ("expectations", "always", "row_condition"),
    ],
)
def test_a_renamed_kind_gets_its_new_name_as_a_hint(family: str, old: str, new: str) -> None:
    assert FAMILIES[family].suggestion(old) == f"use '{new}'"


@pytest.mark.parametrize(
    "family, kind, old, new",
    [
        ("behaviors", "retention", "alive_until", "truth_column"),
        ("behaviors", "retention", "never_start", "never_active_share"),
        ("behaviors", "frailty", "truth", "truth_column"),
        ("lifetimes", "exponential", "never_ends", "cure_share"),
        ("lifetimes", "sbg", "never_ends", "cure_share"),
        ("expectations", "mean", "of", "expression"),
        ("expectations", "share", "of", "expression"),
        ("expectations", "share", "condition", "expression"),
        ("expectations", "row_condition", "expression", "condition"),
        ("expectations", "mean", "min", "at_least"),
        ("expectations", "quantile", "max", "at_most"),
        ("row_sources", "arrivals", "until", "end"),
        ("age_curves", "seasoning", "until", "plateau_end"),
        ("generators", "after", "beyond_window", "after_window"),
    ],
)
def test_a_renamed_key_or_a_synonym_gets_its_name_as_a_hint(family: str, kind: str, old: str, new: str) -> None:
    member = FAMILIES[family].member(kind)
    assert member is not None
    known = [field.alias or name for name, field in member.model_fields.items()]
    assert old not in known
    assert key_hint(old, known) == f"did you mean '{new}'?"


def test_the_name_of_a_hidden_segment_is_its_truth_column() -> None:
    behavior = {
        "type": "segments",
        "latent": {"name": "habit", "values": {"a": 1, "b": 1}},
        "multiply": {"a": {"u": 2}},
    }
    tables = {
        "t": {"rows": 3, "columns": {"id": {"type": "key"}, "at": {"type": "arrival_time"}}, "behaviors": [behavior]},
        "u": {"parent": "t", "rows": {"type": "per_parent", "count": 2}, "columns": {"t_id": {"type": "parent_key"}}},
    }
    found = datagen.check({"datagen": 1, "name": "a", "tables": tables})
    assert "did you mean 'truth_column'?" in [
        problem.hint for problem in found if problem.place.endswith("latent.name")
    ]


@pytest.mark.parametrize(
    "expression, hint",
    [
        ("RANDN()", "RANDOM() is uniform"),
        ("NOW()", "the data does not depend on the date"),
        ("GETDATE()", "write a date"),
        ("SHA256('a')", "'uuid'"),
        ("DATEADD('day', 3, DATE '2024-01-01')", "INTERVAL '3' DAY"),
        ("SQUARE(a)", "POWER(x, 2)"),
        ("ISNULL(a)", "x IS NULL"),
        ("ISNULL(a, 0)", "COALESCE(x, y)"),
        ("UPER('a')", "did you mean 'UPPER'?"),
    ],
)
def test_a_function_of_another_dialect_gets_the_equivalent_as_a_hint(expression: str, hint: str) -> None:
    assert hint in reported({"type": "expression", "expression": expression})[1]


@pytest.mark.parametrize(
    "column, hint",
    [
        ({"type": "normal", "mean": 1, "sd": 1, "digits": 2}, "did you mean 'decimals'?"),
        ({"type": "uniform", "min": 1, "max": 2, "low": 0}, "did you mean 'min'?"),
        ({"type": "choice", "values": [1], "nullable": True}, '{"type": "nulls", "share": 0.1}'),
        ({"type": "normal", "mean": 1, "sd": 1, "decimal": 2}, "did you mean 'decimals'?"),
        ({"type": "choice", "values": [1], "when": "a > 3"}, '{"type": "nulls", "share": 1, "when"'),
    ],
)
def test_a_key_of_another_tool_gets_the_equivalent_as_a_hint(column: dict[str, Any], hint: str) -> None:
    message, given = reported(column)
    assert message.startswith("unknown key") and hint in given


def test_a_value_instead_of_a_list_is_shown_as_a_list() -> None:
    assert reported({"type": "reference", "table": "t", "differs_from": "x"})[1] == 'write ["x"]'


@pytest.mark.parametrize(
    "column, key, hint",
    [
        ({"type": "normal", "mean": 1, "sd": 1}, "scale", "did you mean 'sd'?"),
        ({"type": "normal", "mean": 1, "sd": 1}, "loc", "did you mean 'mean'?"),
        ({"type": "normal", "mean": 1, "sd": 1}, "sigma", "did you mean 'sd'?"),
        ({"type": "lognormal", "median": 1, "sigma": 1}, "scale", "did you mean 'median'?"),
        ({"type": "lognormal", "median": 1, "sigma": 1}, "mu", "'median' is exp(mu)"),
        ({"type": "exponential", "mean": 1}, "scale", "did you mean 'mean'?"),
        ({"type": "exponential", "mean": 1}, "lam", "'mean' is 1 / rate"),
        ({"type": "gamma", "mean": 1, "shape": 2}, "theta", "'mean' is shape * scale"),
        ({"type": "poisson", "mean": 1}, "lam", "did you mean 'mean'?"),
        ({"type": "binomial", "trials": 3, "share": 0.2}, "n", "did you mean 'trials'?"),
        ({"type": "geometric", "mean": 3}, "p", "'mean' is 1 / p"),
        ({"type": "uniform", "min": 1, "max": 2}, "loc", "did you mean 'min'?"),
        ({"type": "pareto", "minimum": 1, "alpha": 2}, "b", "did you mean 'alpha'?"),
        ({"type": "choice", "values": ["a"]}, "p", "weights stand with the values"),
        ({"type": "boolean"}, "chance_of_getting_true", "did you mean 'share'?"),
        ({"type": "sentence"}, "nb_words", "'sentences' is their number"),
    ],
)
def test_a_parameter_of_numpy_scipy_or_faker_gets_that_of_its_kind(column: dict[str, Any], key: str, hint: str) -> None:
    assert hint in reported({**column, key: 1})[1]


@pytest.mark.parametrize("text", ["<b>5", "a,b c", "1,000 rows", "x = 5", "[A-Z]{3}", "-5min", "status = 'done'"])
def test_a_text_in_a_document_is_not_taken_for_a_file_of_another_tool(text: str) -> None:
    hint = reported({"type": "normal", "mean": text, "sd": 1})[1]
    assert not any(word in hint for word in ("infer", "XML", "TOML", "day of the run")), hint


@pytest.mark.parametrize("family", FAMILY_NAMES)
def test_a_key_that_is_left_out_is_no_key_of_its_kind(family: str) -> None:
    for kind in FAMILIES[family].members.values():
        left_out = [name for names in kind.__dict__.get("left_out", ()) for name in names.split()]
        assert len(set(left_out)) == len(left_out)
        assert not set(left_out) & set(field_names(kind))


def test_a_missing_key_is_described_with_its_values() -> None:
    tables = {"t": {"rows": 3, "columns": {"id": {"type": "key"}}, "behaviors": [{"type": "trend"}]}}
    found = datagen.check({"datagen": 1, "name": "a", "tables": tables})
    hints = {problem.place: problem.hint for problem in found}
    assert hints["$.tables.t.behaviors[0].shape"].startswith("the form of the curve: 'linear', 'exponential'")


def test_no_hint_names_a_key_that_is_not_known() -> None:
    assert key_hint("std", ["min", "max"]) == "known: max, min"
    assert key_hint("std", ["sd", "max"]) == "did you mean 'sd'?"


@pytest.mark.parametrize("family", FAMILY_NAMES)
def test_a_synonym_is_of_one_kind(family: str) -> None:
    base = FAMILIES[family]
    names = [name for member in base.members.values() for name in {meaning(one) for one in member.synonyms}]
    names += {meaning(name) for words, _ in base.instead for name in words.split()}
    assert sorted(names) == sorted(set(names))


def test_hints_about_functions_name_existing_functions() -> None:
    for hint in set(_HINTS.values()):
        assert set(re.findall(r"\b([A-Z_]{3,})\(", hint)) <= set(public_names()) | {"EXTRACT"}, hint
    assert not set(_HINTS) & set(public_names())


def test_an_unsupported_spelling_gets_the_supported_ones_as_a_hint() -> None:
    problems = datagen.check(CASES / "cannot_say.yaml")
    assert problems and all(problem.hint for problem in problems)
    assert not any("did you mean" in problem.hint for problem in problems)


@pytest.mark.parametrize(
    "rows, message, hint",
    [
        ({"type": "grid", "every": 30}, "needs a duration such as '6h', or 'day', 'week'", ""),
        ({"type": "grid", "every": "30"}, "needs a duration such as '6h', or 'day', 'week'", ""),
        (
            {"type": "grid", "every": "months"},
            "needs a duration such as '6h', or 'day', 'week'",
            "did you mean 'month'?",
        ),
        ({"type": "events", "mean_per_month": "3d"}, "needs a number, not '3d'", "write the number alone: 3"),
    ],
)
def test_a_number_and_a_duration_are_told_apart(rows: dict[str, Any], message: str, hint: str) -> None:
    child = {"parent": "t", "rows": rows, "columns": {"id": {"type": "key"}}}
    tables = {"t": {"rows": 3, "columns": {"id": {"type": "key"}}}, "c": child}
    window = {"start": "2024-01-01", "end": "2025-01-01"}
    (problem,) = datagen.check({"datagen": 1, "name": "a", "window": window, "tables": tables})
    assert problem.message.startswith(message) and problem.hint == hint


def test_amounts_with_units_are_asked_for_where_they_are_needed() -> None:
    delay = {"type": "after", "column": "a", "delay": 30}
    assert reported(delay)[0] == "needs a duration with its unit, such as '2h', or a generator of durations"
    lifetime = {"type": "exponential", "mean": "30d"}
    states = {"on": {"exits": {"off": lifetime}}, "off": {}}
    tables = {
        "t": {
            "rows": 3,
            "columns": {"id": {"type": "key"}},
            "processes": {"life": {"type": "lifecycle", "start": "on", "states": states}},
        },
        "c": {"parent": "t", "rows": {"type": "stays", "process": "life"}, "columns": {"id": {"type": "key"}}},
    }
    window = {"start": "2024-01-01", "end": "2025-01-01"}
    (problem,) = datagen.check({"datagen": 1, "name": "a", "window": window, "tables": tables})
    assert (problem.message, problem.hint) == ("needs a number, not '30d'", 'write 30, and "unit": "day" beside it')


def test_the_name_of_a_document_is_no_example_of_another_name() -> None:
    arms = {"control": {}, "treated": {"multiply": {"orders": 2}}}
    found = datagen.check(
        {"tables": {"a": {"rows": 1, "columns": {}, "behaviors": [{"type": "experiment", "arms": arms}]}}}
    )
    hints = {problem.place: problem.hint for problem in found if problem.place.endswith(".name")}
    assert "shop" in hints["$.name"]
    assert "shop" not in hints["$.tables.a.behaviors[0].name"]


@pytest.mark.parametrize(
    ("column", "hint"),
    [
        ({"type": "uniform", "min": 1, "max": 2, "window": {}}, "write 'window' in the document itself"),
        ({"type": "uniform", "min": 1, "max": 2, "rows": 3}, "write 'rows' in $.tables.t"),
        (
            {"type": "uniform", "min": 1, "max": 2, "modifiers": [{"type": "nulls", "share": 0.1, "zone": "UTC"}]},
            "write 'zone' in $.tables.t.columns.x",
        ),
        ({"type": "uniform", "min": 1, "max": 2, "zzz": 3}, "known: as, decimals"),
    ],
)
def test_a_key_of_an_object_around_gets_its_place_as_a_hint(column: dict[str, Any], hint: str) -> None:
    assert reported(column)[1].startswith(hint)
