import json

import pytest

import datagen
from datagen.registry import FAMILIES, load
from tests.cli.terminal import Run

load()
KINDS = sorted({name for base in FAMILIES.values() for name in base.members})


def test_every_kind_is_listed_below_its_family(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    *lines, _, more = run("kinds").out.splitlines()
    assert "datagen kinds NAME" in more
    assert {line for line in lines if line and not line.startswith(" ")} == {f for f in FAMILIES if FAMILIES[f].members}
    assert {name.strip(" ,") for line in lines if line.startswith("  ") for name in line.split(",")} - {""} == set(
        KINDS
    )
    assert max(map(len, lines)) <= 80 and len(lines) < 100


@pytest.mark.parametrize("name", KINDS)
def test_a_kind_is_shown_with_its_fields_and_an_example(run: Run, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv("COLUMNS", "300")
    reported = run("kinds", name)
    assert reported.code == 0
    for base in FAMILIES.values():
        if name in base.members:
            fields = [field.alias or key for key, field in base.members[name].model_fields.items() if key != "type"]
            assert all(f" {field} " in reported.out for field in fields)
            assert "example at $" in reported.out
            assert f'"type": "{name}"' in reported.out and f"type: {name}" in reported.out


def test_a_family_is_listed(run: Run) -> None:
    reported = json.loads(run("kinds", "formats", "--json").out)
    assert [entry["name"] for entry in reported] == sorted(FAMILIES["formats"].members)
    assert all(entry["family"] == "formats" for entry in reported)


def test_a_kind_that_does_not_exist_is_answered_with_the_nearest(run: Run) -> None:
    reported = run("kinds", "lognorml")
    assert reported.code == 2
    assert "did you mean" in reported.err
    assert "lognormal" in reported.err


def test_the_example_of_a_kind_is_a_document(run: Run) -> None:
    assert datagen.check(json.loads(run("kinds", "generators.after", "--document").out)) == ()
    assert "takes one kind" in run("kinds", "exponential", "--document").err


def test_the_fields_of_a_kind_itself_come_first_and_fit_the_terminal(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    shown = run("kinds", "lifecycle").out
    assert max(map(len, shown[: shown.index("example at")].splitlines())) <= 80
    fields = [field["name"] for field in json.loads(run("kinds", "row_sources.events", "--json").out)[0]["fields"]]
    assert fields[:2] == ["mean_per_month", "dispersion"] and fields[-2:] == ["where", "budget"]


def test_keys_of_objects_within_a_kind_are_shown_in_full(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    shown = run("kinds", "lifecycle").out
    assert "covariates[].within" in shown and "…" not in shown
