"""The page is one file that needs nothing else, tells what the report tells, and is safe whatever is in the data."""

import base64
import hashlib
import re
from dataclasses import replace
from html.parser import HTMLParser
from xml.etree import ElementTree as ET

import pytest

from datagen.validation.metrics.base import Finding
from datagen.validation.report import chart_data
from datagen.validation.report.html import html_of, write_html
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
    said = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    policy = next(a["content"] for tag, a in read(page) if a.get("http-equiv") == "Content-Security-Policy")
    assert f"script-src 'sha256-{said}'" in policy
    assert "default-src 'none'" in policy


def test_what_is_in_the_data_is_shown_and_never_run(tmp_path):
    charts = [{**chart, "title": HOSTILE, "x": HOSTILE, "y": HOSTILE} for chart in every_form()]
    labelled = chart_data.bars(HOSTILE, [HOSTILE], [1], x=HOSTILE)
    findings = [
        failed_gate(**{HOSTILE: HOSTILE}),
        Finding("gate", "TableStructure", "orders", HOSTILE, "fail", HOSTILE, subject=HOSTILE, score=0.0),
        Finding("gate", "Unknown", "orders", HOSTILE, "pass", HOSTILE, subject=HOSTILE, score=1.0),
        Finding("realism", HOSTILE, "orders", HOSTILE, "fail", HOSTILE, score=0.0, statistic=1.0, threshold=2.0),
        Finding(
            "recovery", HOSTILE, HOSTILE, None, "recovered", HOSTILE, HOSTILE, 1.0, planted=1.0, found=1.0, error=0.1
        ),
        Finding(
            "time", HOSTILE, "orders", None, "pass", HOSTILE, score=1.0, details=chart_data.several(labelled, *charts)
        ),
    ]
    hostile = replace(report(*findings), schema=HOSTILE, fingerprint=HOSTILE)
    write_html(hostile, shop(), tmp_path / "report.html")
    text = (tmp_path / "report.html").read_text("utf-8")
    seen = read(text)
    assert [tag for tag, _ in seen].count("script") == 1
    assert not any(tag == "img" or "onerror" in attributes for tag, attributes in seen)
    assert "&lt;script&gt;alert" in text


def test_the_same_report_gives_the_same_page(page):
    assert html_of(report(failed_gate()), shop()) == page


def test_the_page_tells_score_gates_recovery_signs_and_every_table(page):
    for said in (
        "49.0",
        "1 gate failed",
        "9999999",
        "ReferentialIntegrity",
        "growth per year",
        "Realism",
        "42 gates hold",
    ):
        assert said in page
    for table in shop().tables:
        assert f'id="table-{table}"' in page


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
