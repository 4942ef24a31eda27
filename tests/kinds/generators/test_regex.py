from __future__ import annotations

import re

import pytest

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
