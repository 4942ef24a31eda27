"""An edit changes the lines of what is changed: comments stay with what they are about, in the order of the text."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from datagen.authoring.edit import difference, edited
from datagen.schema.reading.read import read_text

TEXT = """\
# ours
name:   shop   # spaced
tables:
  # people
  customers: # all of them
    rows: {type: arrivals, count: 2000}
    columns:
      id: {type: key}
      # from a survey
      tier: {type: choice, values: {gold: 1, plain: 9}} # of two
  orders:
    columns:
      id: {type: key}
      amount: {type: lognormal, median: 30} # euro
    # what moves orders
    behaviors:
      # the plan
      - {type: trend, growth_per_year: 0.2} # agreed
      # the year
      - type: seasonality
        month: {jan: 1} # winter
# the end
"""
Change = Callable[[dict[str, Any]], object]


def changed(change: Change, text: str = TEXT) -> list[str]:
    """The lines that a change of the values takes away and adds."""
    new = copy.deepcopy(read_text(text, yaml=True).raw)
    change(new)
    made = edited(text, new, yaml=True)
    assert read_text(made, yaml=True).raw == new
    return [line for line in difference(text, made, "a").splitlines()[2:] if line[0] in "+-"]


def orders(document: dict[str, Any]) -> Any:
    return document["tables"]["orders"]


def test_a_new_column_stands_above_the_comment_of_the_next_key() -> None:
    at = TEXT.replace("# euro\n", "# euro\n      paid: {type: boolean}\n")
    new = read_text(at, yaml=True).raw
    assert edited(TEXT, new, yaml=True) == at


@pytest.mark.parametrize("position", [0, 1, 2])
def test_a_new_behavior_takes_no_comment_of_another(position: int) -> None:
    noise = {"type": "noise", "sd": 0.1}
    assert changed(lambda new: orders(new)["behaviors"].insert(position, noise)) == ["+      - {type: noise, sd: 0.1}"]


@pytest.mark.parametrize(
    ("change", "lines"),
    [
        (lambda new: new["tables"]["customers"]["columns"].pop("tier"),
         ["-      # from a survey",
          "-      tier: {type: choice, values: {gold: 1, plain: 9}} # of two"]),
        (lambda new: orders(new)["behaviors"].pop(0),
         ["-      # the plan", "-      - {type: trend, growth_per_year: 0.2} # agreed"]),
        (lambda new: orders(new)["columns"].update(amount=5),
         ["-      amount: {type: lognormal, median: 30} # euro", "+      amount: 5 # euro"]),
        (lambda new: orders(new)["columns"]["amount"].update(median="a: b"),
         ["-      amount: {type: lognormal, median: 30} # euro",
          "+      amount: {type: lognormal, median: 'a: b'} # euro"]),
        (lambda new: orders(new)["behaviors"][1].update(hour="retail"), ["+        hour: retail"]),
        (lambda new: new["tables"].update(rooms={"rows": 3}), ["+  rooms: {rows: 3}"]),
        (lambda new: new.update(name="yes"), ["-name:   shop   # spaced", "+name: yes   # spaced"]),
    ],
    ids=["column", "behavior", "value", "text", "key", "table", "name"],
)  # fmt: skip
def test_only_the_lines_of_what_is_changed_are_others(change: Change, lines: list[str]) -> None:
    assert changed(change) == lines


@pytest.mark.parametrize("new", [{"a": {"b": 1}, "c": {"b": 2}}, {"a": {"b": 2}, "c": {"b": 1}}])
def test_a_value_that_stands_at_several_places_is_changed_at_one(new: dict[str, Any]) -> None:
    made = edited("a: &x {b: 1} # shared\nc: *x\n", new, yaml=True)
    assert read_text(made, yaml=True).raw == new
    assert ("# shared" in made) == (new["a"] == {"b": 1})
