from __future__ import annotations

import re

import pytest

import datagen
from datagen.errors import PlanError
from datagen.kinds.generators.support.regex_language import language_of
from tests.fakes import column, listed, problems

EXPRESSIONS = (
    r"[A-Z]{2}-\d{4}(-(EU|US))?",
    "(DE|AT)[1-9][0-9]{8}",
    "a*b+c?",
    r"(\w{2,4}\.)+\w",
    "[^a-z ]{3}",
    r"\(\d\)|x{2,}",
    "(?:ab|(cd|ef){2})",
    "[-+]?[0-9]+",
    "[]x]",
    ".{5}",
    "^start (one|two)$",
    "é[à-ä]",
)


@pytest.mark.parametrize("regex", EXPRESSIONS)
def test_every_text_matches(regex):
    texts = listed(column({"type": "regex", "regex": regex}, 300))
    assert all(re.fullmatch(regex, text) for text in texts)


def test_choices_and_counts_are_equally_likely():
    texts = listed(column({"type": "regex", "regex": "(a|b|c)d{0,3}"}, 12_000))
    assert all(abs(sum(text[0] == letter for text in texts) / 12_000 - 1 / 3) < 0.02 for letter in "abc")
    assert all(abs(sum(len(text) == size for text in texts) / 12_000 - 1 / 4) < 0.02 for size in (1, 2, 3, 4))


def test_repeated_parts_are_drawn_anew():
    assert len(set(listed(column({"type": "regex", "regex": "([0-9]{2}-){2}"}, 2000)))) > 1500


@pytest.mark.parametrize(
    "regex, message",
    [
        ("(a", "a '(' without a ')'"),
        ("a)", "a ')' without a '('"),
        ("*a", "a '*' after nothing"),
        ("[b-a]", "the range 'b-a'"),
        (r"\bword", "'\\b'"),
        ("(?=a)", "a group with '(?'"),
        ("a{2", "a count that is not"),
        ("[abc", "it ends too early"),
        ("a{9999}", "a count above"),
    ],
)
def test_what_it_does_not_have_is_reported(regex, message):
    assert message in problems({"type": "regex", "regex": regex})[0]


def test_texts_are_bounded():
    assert "more than 1,000" in problems({"type": "regex", "regex": "((a{100}){100})"})[0]


@pytest.mark.parametrize("regex", [*EXPRESSIONS[:4], *EXPRESSIONS[6:7], "(a|[0-9]{30})x", "(ab|a)(bc|c){1,9}[a-f]{4}"])
def test_no_text_comes_twice_where_that_is_asked_for(regex):
    rows = min(language_of(regex).most, 3_000)
    texts = listed(column({"type": "regex", "regex": regex, "unique": True}, rows))
    assert len(set(texts)) == rows and all(re.fullmatch(regex, text) for text in texts)


@pytest.mark.parametrize(
    "regex, texts",
    [
        ("a?a?", {"", "a", "aa"}),
        ("(ab|a)(c|bc)", {"abc", "abbc", "ac"}),
        ("[xy]{1,2}|z", {"x", "y", "z", "xx", "xy", "yx", "yy"}),
    ],
)
def test_texts_that_match_in_several_ways_are_one(regex, texts):
    found = listed(column({"type": "regex", "regex": regex, "unique": True}, len(texts)))
    assert language_of(regex).most == len(texts) and set(found) == texts


def test_more_rows_than_texts_are_a_problem_of_the_check():
    code = {"type": "regex", "regex": "(ab|a)(c|bc)", "unique": True}
    table = {"rows": 4, "primary_key": ["code"], "columns": {"code": code}}
    document = {"datagen": 1, "name": "parts", "tables": {"parts": table}}
    with pytest.raises(PlanError, match=r"'parts\.code' can make 3 different values, and 'parts' has 4 rows"):
        datagen.plan(document)
    code["regex"] = "[A-Z]{2}-[0-9]{3}"
    few, many = (datagen.preview(document, rows=900, scale=scale)["parts"]["code"].to_pylist() for scale in (1, 200))
    assert few == many[:4] and len(set(many)) == 800


def test_unique_texts_are_bounded():
    text = "$.regex: unique texts have at most 100 characters, and these up to 101"
    assert problems({"type": "regex", "regex": "a{101}", "unique": True})[0].startswith(text)
    assert "too complex" in problems({"type": "regex", "regex": "[ab]{0,40}a[ab]{20}", "unique": True})[0]
