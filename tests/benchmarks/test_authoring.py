"""The benchmark of authoring: its references are valid, and its scores are what they must be."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import datagen
from benchmarks.authoring.score import CASES, SCRIPTED, Case, Scripted, answer_of, cases, declared, held, line, score

ALL = cases()
TWO = [case for case in ALL if case.name in ("hr_salaries", "insurance_premiums")]


def altered(case: Case) -> Any:
    """A copy of the reference of a case."""
    return json.loads(json.dumps(case.reference))


def test_there_are_forty_descriptions_over_twelve_domains() -> None:
    assert len(ALL) == len({case.name for case in ALL}) == 40
    assert len(list(CASES.glob("*.yaml"))) == 12


@pytest.mark.parametrize("case", ALL, ids=lambda case: case.name)
def test_a_reference_declares_every_claim(case: Case) -> None:
    assert [claim for claim in case.claims if not declared(case.reference, claim)] == []
    names = [*case.claims, *(one["name"] for one in case.measured)]
    assert len(set(names)) == len(names) >= 8


@pytest.mark.parametrize(
    "model, first, mended, final, covered, requests",
    [
        ("reference", True, True, True, 1, 1),
        ("mistakes", False, True, True, 1, 1),
        ("second-try", False, False, True, 1, 2),
        ("nonsense", False, False, False, 0, 4),
    ],
)
def test_scripted_models_score_what_they_must(
    model: str, first: bool, mended: bool, final: bool, covered: float, requests: int
) -> None:
    for case in TWO:
        made = score(case, Scripted(SCRIPTED[model]))
        assert (made.first, made.mended, made.final) == (first, mended, final)
        assert (made.covered, made.requests) == (covered, requests)


def test_a_document_loses_the_claims_that_it_does_not_cover_and_no_other() -> None:
    case = TWO[0]
    document = {**altered(case), "expectations": []}
    del document["tables"]["employees"]["columns"]["department_id"]
    document["tables"]["employees"]["columns"]["grade"]["values"] = {"junior": 20, "senior": 70, "lead": 10}
    document["tables"]["departments"]["rows"] = 9
    made = score(case, Scripted(lambda *_: answer_of(document)))
    assert made.final
    assert [claim for claim, state in made.claims.items() if state != "covered"] == [
        "employees -> departments",
        "eight departments",
        "three in five are juniors",
    ]
    assert line("x", [made]) == "| x | 100% | 100% | 100% | 73% | 0% | 1.0 |"


def test_an_answer_whose_syntax_is_repaired_is_not_valid_at_first_try() -> None:
    made = score(TWO[0], Scripted(lambda case, _: answer_of(case.reference).removesuffix("}") + ",}"))
    assert (made.first, made.mended, made.final) == (False, True, True)


def test_a_claim_about_what_a_document_does_not_have_does_not_hold() -> None:
    document = altered(TWO[0])
    del document["tables"]["departments"], document["tables"]["employees"]["columns"]["department_id"]
    holds = dict(zip([one["name"] for one in TWO[0].measured], held(document, TWO[0].measured), strict=True))
    assert [name for name, state in holds.items() if state != "covered"] == ["eight departments"]


def test_a_claim_without_a_verdict_is_not_measured_and_not_covered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(datagen, "validate", lambda *_, **__: SimpleNamespace(findings=()))
    made = score(TWO[0], Scripted(SCRIPTED["reference"]))
    assert {made.claims[one["name"]] for one in TWO[0].measured} == {"not measured"}
    assert made.covered == len(TWO[0].claims) / len(made.claims)


def test_only_a_kind_declares_and_no_other_value_called_type() -> None:
    document = altered(TWO[0])
    columns = document["tables"]["employees"]["columns"]
    columns["trend"] = {"type": "uniform", "min": 0, "max": 1}
    columns["seen"] = {"type": "json", "fields": {"type": "trend"}}
    assert datagen.check(document) == ()
    assert declared(document, "employees: json") and not declared(document, "employees: trend")


def test_a_draft_that_is_not_sound_covers_nothing() -> None:
    document = altered(TWO[0])
    document["tables"]["employees"]["columns"]["photo"] = {"type": "image"}
    made = score(TWO[0], Scripted(lambda *_: answer_of(document)))
    assert (made.final, made.covered, made.requests) == (False, 0, 4)


def test_a_name_that_no_case_has_is_told() -> None:
    with pytest.raises(SystemExit, match="no case moon; there are: bank_accounts"):
        cases(["moon"])


@pytest.mark.slow
@pytest.mark.parametrize("case", ALL, ids=lambda case: case.name)
def test_a_reference_is_valid_and_its_data_show_every_claim(case: Case, tmp_path: Path) -> None:
    assert datagen.check(case.reference) == ()
    datagen.generate(case.reference, tmp_path / "data", workers=1)
    report = datagen.validate(case.reference, tmp_path / "data", workers=1)
    assert report.score >= 95
    assert report.failed == ()
