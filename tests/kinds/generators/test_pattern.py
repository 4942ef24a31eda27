from __future__ import annotations

import re
from collections import Counter

import pytest

import datagen
from datagen.errors import PlanError
from datagen.kinds.generators.pattern import regex_of
from tests.fakes import column, listed, problems


def pattern(text, **more):
    return {"type": "pattern", "pattern": text, **more}


def test_each_sign_is_drawn_from_its_alphabet():
    cells = listed(column(pattern(r"Ä?-##\#*"), 5_000))
    assert all(re.fullmatch(r"Ä[A-Z]-[0-9]{2}#[0-9A-Z]", cell) for cell in cells)
    assert len({cell[1] for cell in cells}) == 26
    assert len({cell[-1] for cell in cells}) == 36


def test_digits_are_equally_likely_and_independent():
    pairs = Counter(cell[8:] for cell in listed(column(pattern("##########"), 20_000)))
    assert len(pairs) == 100
    assert max(pairs.values()) < 280


def test_a_pattern_without_anything_random():
    assert problems(pattern("abc")) == [
        "$.pattern: nothing in the pattern is random; write '#', '?' or '*', or use 'constant' [no-effect]"
    ]


@pytest.mark.parametrize("text, part", [
    ("Hotel [A-Z]{3}", "[A-Z]{3}"), ("[A-Z]{3}-####", "[A-Z]{3}"), (r"A\d\d", r"\d"), ("(cat|dog)##", "(cat|dog)"),
])  # fmt: skip
def test_a_regular_expression_is_told_its_kind(text, part):
    (message,) = problems(pattern(text))
    assert f"$.pattern: '{part}' is part of a regular expression; the kind 'regex'" in message


def test_brackets_stay_where_nothing_looks_like_a_regular_expression():
    for text, example in (("[##-##]", "[0-9]{2}-[0-9]{2}"), (r"\[A-Z\]{3}#", None)):
        (cell,) = listed(column(pattern(text), 1))
        assert re.fullmatch(r"\[" + example + r"\]" if example else r"\[A-Z\]\{3\}[0-9]", cell)


@pytest.mark.parametrize("text", ["##*", "A-####", "??????????####*****", "#" * 40])
def test_no_text_comes_twice_where_that_is_asked_for(text):
    cells = listed(column(pattern(text, unique=True), 1_000))
    assert len(set(cells)) == 1_000
    assert all(re.fullmatch(regex_of(text), cell) for cell in cells)


def test_every_text_there_is_can_be_used():
    assert sorted(listed(column(pattern("##", unique=True), 100))) == [f"{number:02}" for number in range(100)]


def test_a_row_keeps_its_own_text_when_the_table_grows():
    document = {"datagen": 1, "name": "parts", "tables": {"parts": {"rows": 50, "columns": {"code": {}}}}}
    document["tables"]["parts"]["columns"] = {"code": pattern("?##", unique=True)}
    few, many = (datagen.preview(document, rows=1000, scale=scale)["parts"]["code"].to_pylist() for scale in (1, 4))
    assert few == many[:50]


@pytest.mark.parametrize("part", [False, True])
def test_more_rows_than_texts_are_refused_while_planning(part):
    code = pattern("##", unique=True)
    code = {"type": "case", "column": "kind", "cases": {"a": code}, "default": "none"} if part else code
    kind = {"type": "choice", "values": {"a": 1, "b": 1}}
    tables = {"parts": {"rows": 50, "columns": {"kind": kind, "code": code}}}
    with pytest.raises(PlanError, match="100 different values, and 'parts' has 150 rows"):
        datagen.plan({"datagen": 1, "name": "parts", "tables": tables}, scale=3)
