"""The page is one file that needs nothing else, tells what the report tells, and is safe whatever is in the data."""

import base64
import hashlib
import html
import re
from dataclasses import replace
from html.parser import HTMLParser
from xml.etree import ElementTree as ET

import pytest

from datagen.analysis import analyze_or_raise
from datagen.validation.metrics.base import Finding
from datagen.validation.report import chart_data
from datagen.validation.report.html import html_of, write_html
from datagen.validation.report.html.figures import judged_charts
from datagen.validation.report.html.page import MOST_DESCRIBED, _parts
from datagen.validation.report.html.table_pages import MOST_CARDS
from datagen.validation.report.report import Report
from datagen.validation.report.summary import state_of
from tests.validation.report.html.samples import failed_gate, report, shop
from tests.validation.report.test_chart_data import every_form

HOSTILE = "</style></script><script>alert('x')</script>\"'><img src=x onerror=y>"


class Read(HTMLParser):
    """What a browser would see: elements that can load or run something, and whether tags match."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag, attrs):
        self.seen.append((tag, dict(attrs)))
        if tag not in ("meta", "br", "img"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def read(page):
    reader = Read()
    reader.feed(page)
    assert not reader.open
    return reader.seen


@pytest.fixture(scope="module")
def page():
    return html_of(report(failed_gate()), shop())


def test_the_page_loads_nothing(page):
    seen = read(page)
    assert not {"link", "img", "iframe", "object", "embed", "base", "form"} & {tag for tag, _ in seen}
    for _, attributes in seen:
        assert "src" not in attributes
        assert str(attributes.get("href", "#")).startswith("#")
    assert "@import" not in page
    assert "url(" not in page


def test_only_our_script_may_run(page):
    script = re.search("<script>(.*?)</script>", page, re.DOTALL)[1]
    message = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    policy = next(a["content"] for tag, a in read(page) if a.get("http-equiv") == "Content-Security-Policy")
    assert f"script-src 'sha256-{message}'" in policy
    assert "default-src 'none'" in policy


def test_what_is_in_the_data_is_shown_and_never_run(tmp_path):
    charts = [{**chart, "title": HOSTILE, "x": HOSTILE, "y": HOSTILE} for chart in every_form()]
    labelled = chart_data.bars(HOSTILE, [HOSTILE], [1], x=HOSTILE)
    findings = [
        failed_gate(**{HOSTILE: HOSTILE}),
        Finding("constraint", "TableStructure", "orders", HOSTILE, "fail", HOSTILE, subject=HOSTILE, score=0.0),
        Finding("constraint", "Unknown", "orders", HOSTILE, "pass", HOSTILE, subject=HOSTILE, score=1.0),
        Finding("realism", HOSTILE, "orders", HOSTILE, "fail", HOSTILE, score=0.0, statistic=1.0, threshold=2.0),
        Finding(
            "recovery", HOSTILE, HOSTILE, None, "recovered", HOSTILE, HOSTILE, 1.0, planted=1.0, found=1.0, error=0.1
        ),
        Finding(
            "time", HOSTILE, "orders", None, "pass", HOSTILE, score=1.0, details=chart_data.several(labelled, *charts)
        ),
    ]
    hostile = replace(report(*findings), schema=HOSTILE, plan_id=HOSTILE)
    write_html(hostile, shop(), tmp_path / "report.html")
    text = (tmp_path / "report.html").read_text("utf-8")
    seen = read(text)
    assert [tag for tag, _ in seen].count("script") == 1
    assert not any(tag == "img" or "onerror" in attributes for tag, attributes in seen)
    assert "&lt;script&gt;alert" in text


def test_the_same_report_gives_the_same_page(page):
    assert html_of(report(failed_gate()), shop()) == page


def test_the_page_shows_score_constraints_recovery_realism_and_every_table(page):
    for message in (
        "49.0",
        "1 constraint failed",
        "9999999",
        "ReferentialIntegrity",
        "growth per year",
        "Realism",
        "42 constraints hold",
    ):
        assert message in page
    for table in shop().tables:
        assert f'id="table-{table}"' in page


def place(page, message):
    assert message in page, message
    return page.index(message)


def test_what_is_wrong_comes_first_then_the_data_then_what_was_checked(page):
    order = [
        place(page, f'id="{name}"') for name in ("failures", "relations", "table-products", "score", "constraints")
    ]
    assert order == sorted(order)


def test_a_long_description_is_folded_after_its_first_sentence():
    assert _parts("Short. With `code`.") == ("Short. With code.", "")
    assert _parts(f"One company. {'x' * MOST_DESCRIBED}") == ("One company.", "x" * MOST_DESCRIBED)


def test_what_holds_is_folded_away(page):
    assert re.search('<details id="constraints">', page)
    assert re.search('<details id="recovery">', page)
    assert re.search('<details id="realism">', page)
    assert "<details open" not in page


def test_a_sound_dataset_begins_with_its_data():
    sound = html_of(replace(report(), findings=tuple(f for f in report().findings if state_of(f) != "bad")), shop())
    assert 'id="failures"' not in sound


def test_every_column_has_a_card_with_its_numbers_and_one_chart(page):
    for table, facts in shop().tables.items():
        for name in facts.declared:
            start = place(page, f'id="column-{table}-{name}"')
            card = page[start : page.index("</figure>", start)]
            assert card.count("<svg") == 1
            assert "<dt>distinct</dt>" in card


def test_no_chart_stands_twice(page):
    titles = [html.unescape(name) for name in re.findall('<figure class="[^"]*"[^>]* data-name="([^"]*)"', page)]
    assert len(titles) == len(set(titles))


def test_two_findings_on_the_same_hours_share_a_chart():
    chart = chart_data.profile("orders by hour", range(24), [1] * 24, [1] * 24)
    sign = Finding("realism", "Hours", "orders", "at", "pass", "even", score=1.0, details={**chart, "planted": None})
    scored = Finding(
        "time", "FactorRecovery", "orders", None, "recovered", "planted 1, found 1", score=1.0, details=chart
    )
    kept = judged_charts([sign, scored])
    assert [one.finding for one in kept] == [scored]


def test_the_charts_of_one_finding_are_judged_where_they_show_what_is_planted():
    reached = chart_data.bars("steps: who reaches each state", ["a", "b"], [1, 0.5])
    diagram = chart_data.state_diagram("steps: transitions", ["a", "b"], [(0, 1)], [0.5], [0.5])
    both = chart_data.several(reached, diagram)
    found = Finding("recovery", "TransitionRecovery", "steps", "to", "recovered", "0.5", score=1.0, details=both)
    assert [one.finding for one in judged_charts([found])] == [None, found]


def test_a_wide_chart_has_a_picture_for_a_small_screen_and_only_one_is_shown(page):
    assert page.count('class="on-narrow"') == page.count('class="on-wide"') > 3
    assert re.search(r"\.on-narrow \{ display: none; \}", page)


def test_sample_rows_name_their_columns_where_the_head_is_hidden(page):
    assert '<td data-label="order_id" class="short">1</td>' in page


def test_a_table_of_very_many_columns_names_those_that_have_no_card():
    columns = {f"c{k}": {"type": "constant", "value": k} for k in range(MOST_CARDS + 5)}
    wide = analyze_or_raise({"datagen": 1, "name": "wide", "tables": {"t": {"rows": 3, "columns": columns}}})
    message = html_of(Report("wide", ".", {"t": 3}, (), 100.0, ()), wide)
    assert message.count('class="card column"') == MOST_CARDS
    assert "5 more columns" in message


def test_every_picture_is_sound_and_has_a_name(page):
    pictures = re.findall("<svg.*?</svg>", page, re.DOTALL)
    assert len(pictures) > 20
    for picture in pictures:
        root = ET.fromstring(picture)
        assert root.get("aria-label")
        assert root.get("role") == "img"
        assert "nan" not in picture


def test_a_table_that_is_not_in_the_data_and_a_report_without_findings_have_a_page():
    bare = replace(report(), findings=(), losses=(), rows={}, score=100.0)
    assert "not in the data" in html_of(bare, shop())


def test_the_page_is_made_for_the_dark_and_for_paper(page):
    assert "prefers-color-scheme: dark" in page
    assert "@media print" in page
