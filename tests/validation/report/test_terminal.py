"""The terminal tells the same facts as the page, and nothing in the data steers it."""

import re
from dataclasses import replace
from io import StringIO
from pathlib import Path

from rich.console import Console

from datagen.validation.metrics.base import Finding
from datagen.validation.realism import base
from datagen.validation.report.summary import REAL, costs_of, explained, groups_of, headline, message_of
from datagen.validation.report.terminal import summary
from datagen.validation.score import score_of
from tests.validation.report.html.samples import failed_gate, report

SIGN_FILES = sorted(Path(base.__file__).parent.glob("*.py"))


def printed(made):
    console = Console(file=StringIO(), width=120, highlight=False)
    console.print(summary(made), soft_wrap=True)
    return console.file.getvalue()


def test_a_sound_dataset_reads_so():
    words = printed(report())
    assert "42 hold" in words
    assert "every constraint holds" in words.lower()
    assert "failed constraints" not in words


def test_a_failed_constraint_is_reported_with_its_rows_and_its_cost():
    words = printed(report(failed_gate()))
    assert report(failed_gate()).score < 49
    assert re.search(r"score [0-4]\d\.\d, realism \d+", words)
    assert words.count("orders.customer_id ReferentialIntegrity: 1,204 of 364,512") == 1
    assert "customer_id: 9999999" in words


def test_what_was_not_recovered_is_reported_with_planted_and_found():
    words = printed(report())
    assert "growth per year" in words
    assert "0.196" in words


def test_a_failed_realism_test_is_named_with_what_real_data_shows():
    base = Finding("realism", "Weekdays", "orders", "at", "fail", "28.6% fall on Saturday and Sunday", score=0.0)
    words = printed(report(base))
    assert "orders.at Weekdays: 28.6% fall on Saturday and Sunday; in real data, weekdays and weekends differ" in words
    sound = replace(report(), findings=tuple(f for f in report().findings if f.group != "realism"))
    assert "unlike real data" in words and "unlike real data" not in printed(sound)


def test_costs_add_up_to_what_is_missing():
    many = [Finding("distribution", "KSComplement", "orders", f"c{k}", "fail", "far", score=0.5) for k in range(30)]
    for made in (report(), report(*many), report(failed_gate())):
        assert abs(sum(cost.points for cost in costs_of(made)) + made.score - 100) < 0.1
        lost = sum(group.lost for group in groups_of(made))
        constraints = sum(loss.points for loss in made.losses if made.findings[loss.finding].group == "constraint")
        assert abs(lost + constraints + made.score - 100) < 1e-6


def test_control_characters_are_spelled_out():
    words = printed(report(failed_gate(**{"name\x1b[2J": "\x1b]0;title\x07\u202e"})))
    assert "\x1b" not in words.replace("\x1b[0m", "")
    assert "\\x1b]0;title" in words


def test_markup_in_the_data_stays_text():
    assert "[bold]x[/bold]" in printed(report(failed_gate(name="[bold]x[/bold]")))


def test_the_headline_follows_the_score():
    perfect = [Finding("recovery", "ParameterRecovery", "orders", None, "recovered", "there", score=1.0)]
    assert score_of(perfect)[0] == 100
    assert "does not follow the schema" in headline(report(failed_gate()))
    off = Finding("recovery", "RateRecovery", "orders", None, "not recovered", "planted 3, found 1", score=0.0)
    base = Finding("realism", "Weekdays", "orders", "at", "fail", "28.6% fall on Saturday and Sunday", score=0.0)
    score, losses = score_of((*perfect, off))
    made = replace(report(), findings=(*perfect, off), score=score, losses=losses)
    assert "some metrics deviate" in headline(made)
    made = replace(report(), findings=(*perfect, *[base] * 9), score=100.0, losses=())
    assert headline(made) == "The dataset follows the schema"
    assert "9 of 9 realism tests failed" in explained(made) and "not part of the score" in explained(made)


def test_a_sign_says_what_data_from_life_looks_like():
    """The names and numbers of signs mean nothing to who sees them first."""
    base = Finding("realism", "Weekdays", "orders", "at", "fail", "28.6% fall on Saturday and Sunday", score=0.0)
    assert message_of(base) == "28.6% fall on Saturday and Sunday; in real data, weekdays and weekends differ"
    assert message_of(replace(base, verdict="pass")) == base.message


def test_every_sign_is_explained():
    made = {
        name
        for path in SIGN_FILES
        for name in re.findall(r'(?:[Ss]ign|RealismTest)\("([A-Za-z]+)"', path.read_text("utf-8"))
    }
    assert made - {"EventTimeTests", "Sample"} <= set(REAL)
    assert "MoneyTail" in made


def test_groups_are_reported_whole_on_a_terminal_of_80_columns():
    unsure = Finding("distribution", "KSComplement", "orders", "x", "not identifiable", "too few")
    console = Console(file=StringIO(), width=80, highlight=False)
    console.print(summary(report(unsure)))
    words = console.file.getvalue()
    assert max(map(len, words.splitlines())) <= 80
    assert "\N{HORIZONTAL ELLIPSIS}" not in words
    assert re.search(r"distribution +\S+ +\N{MINUS SIGN}[0-9.]+ +2 as declared", words)
