from __future__ import annotations

import re

import numpy as np
import pytest

import datagen
from datagen.kinds.generators.grammar import _SOURCE
from tests.fakes import column, listed

RULES = {
    "subject": {"the {adjective} {noun}": 3, "a {noun}": 1},
    "adjective": ["old", "new", "quiet"],
    "noun": ["printer", "lamp", "lamp", "door"],
    "end": {"": 1, "!": 1, "?": 0},
}
SENTENCE = {"type": "grammar", "text": "{subject} and {subject}{end}", "rules": RULES}
LETTERS = {
    "type": "grammar",
    "text": "{letter}",
    "rules": {"letter": ["{one}{one}{one} ", "{one} "], "one": ["a", "é"]},
}


def test_every_text_is_one_of_the_grammar():
    texts = listed(column(SENTENCE, 6_000))
    subject = "(the (old|new|quiet) (printer|lamp|door)|a (printer|lamp|door))"
    assert all(re.fullmatch(f"{subject} and {subject}!?", text) for text in texts)
    assert len(set(texts)) == 2 * 12**2


def test_productions_come_by_their_weights_and_are_drawn_anew_at_each_place():
    texts = listed(column(SENTENCE, 20_000))
    pairs = [text.rstrip("!").split(" and ") for text in texts]
    first, second = (np.array([pair[i].startswith("the ") for pair in pairs]) for i in (0, 1))
    assert abs(first.mean() - 3 / 4) < 0.01 and abs(second.mean() - 3 / 4) < 0.01
    assert abs((first & second).mean() - 9 / 16) < 0.015
    assert abs(np.mean([pair[0].endswith("lamp") for pair in pairs]) - 1 / 2) < 0.015  # listed twice
    assert abs(np.mean([text.endswith("!") for text in texts]) - 1 / 2) < 0.015


def test_braces_of_the_text_are_written_twice():
    rules = {"key": ["a", "{{b"], "value": ["1}}", "2"]}
    texts = listed(column({"type": "grammar", "text": "{{{key}: {value}}}", "rules": rules}, 200))
    assert set(texts) == {f"{{{key}: {value}}}" for key in ("a", "{b") for value in ("1}", "2")}


def test_excerpts_are_parts_of_one_text_of_all_lengths():
    texts = listed(column({**LETTERS, "excerpt": {"min": 2, "max": 5}}, 8_000))
    lengths = np.bincount([len(text) for text in texts])
    assert lengths[:2].sum() == 0 and np.abs(lengths[2:] / 8_000 - 1 / 4).max() < 0.02
    assert all(set(text) <= set("aé ") for text in texts)
    assert 0.3 < np.mean([" " in text[1:] for text in texts]) < 0.95


def test_long_texts_are_written_in_small_parts(monkeypatch):
    """What is written at once does not decide what is written."""
    expected = listed(column(SENTENCE, 100))
    monkeypatch.setattr("datagen.kinds.generators.grammar._SYMBOLS_AT_ONCE", 50)
    assert listed(column(SENTENCE, 100)) == expected


@pytest.mark.parametrize(
    "change, place, message",
    [
        ({"text": "{subjekt}"}, "text", "there is no rule 'subjekt'"),
        (
            {"rules": {**RULES, "noun": ["{subject}"]}},
            "rules.subject",
            "leads back to itself; write out how often it repeats",
        ),
        ({"rules": {**RULES, "more": ["x"]}}, "rules.more", "no text names the rule 'more'"),
        ({"rules": {**RULES, "noun": {"x": 0}}}, "rules.noun", "all weights are 0"),
        ({"rules": {**RULES, "noun": ["{lamp"]}}, "rules.noun", "a brace in '{lamp' has no partner"),
        ({"excerpt": {"min": 5, "max": 2}}, "excerpt.min", "min is above max"),
        ({"rules": {**RULES, "noun": ["x" * 2_000]}}, "text", "texts can have more than 4,000 bytes"),
    ],
)
def test_problems_are_reported_at_their_place(change, place, message):
    table = {"rows": 3, "columns": {"id": {"type": "key"}, "note": {**SENTENCE, **change}}}
    found = datagen.check({"datagen": 1, "name": "n", "tables": {"things": table}})
    assert any(p.place == f"$.tables.things.columns.note.{place}" and message in str(p) for p in found), found


def test_plans_count_the_long_text():
    note = {**LETTERS, "excerpt": {"min": 1, "max": 5}}
    table = {"rows": 3, "columns": {"id": {"type": "key"}, **{f"note_{i}": note for i in range(5)}}}
    plans = [
        datagen.plan({"datagen": 1, "name": "n", "tables": {"things": {**table, "columns": columns}}}).memory
        for columns in (table["columns"], {"id": {"type": "key"}})
    ]
    assert plans[0] - plans[1] > _SOURCE
