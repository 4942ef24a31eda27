"""The page in a browser: completion, problems, rows that change, charts and the report, by keyboard, light and dark."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from datagen.authoring.playground.server import PlaygroundServer
from tests.authoring.playground.conftest import BROWSER

pytestmark = [pytest.mark.slow, pytest.mark.skipif(BROWSER is None, reason="no Chromium on this machine")]
FLAGS = ["--no-sandbox", "--disable-quic", "--disable-background-networking"]


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as started:
        made = started.chromium.launch(executable_path=BROWSER, args=FLAGS)
        yield made
        made.close()


@pytest.fixture(params=[(1280, "light"), (800, "dark")], ids=lambda one: f"{one[0]}-{one[1]}")
def page(request: pytest.FixtureRequest, browser: Any, server: PlaygroundServer) -> Iterator[Any]:
    width, scheme = request.param
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    made = context.new_page()
    made.set_default_timeout(60_000)
    wrong: list[str] = []
    asked: list[str] = []
    made.on("console", lambda message: wrong.append(message.text) if message.type in ("error", "warning") else None)
    made.on("pageerror", lambda error: wrong.append(str(error)))
    made.on("request", lambda one: asked.append(one.url))
    made.goto(server.url)
    made.wait_for_selector("#state.good")
    yield made
    context.close()
    assert wrong == []
    assert {url.split("/")[2] for url in asked if not url.startswith(("data:", "blob:"))} == {
        f"127.0.0.1:{server.server_port}"
    }


def caret(page: Any, before: str) -> None:
    """Puts the caret in front of a text of the document."""
    page.evaluate(
        (
            "(text) => { const t = document.getElementById('text'), at = t.value.indexOf(text); t.focus(); "
            "t.setSelectionRange(at, at); }"
        ),
        before,
    )


def test_what_is_typed_is_completed_checked_and_shown(page: Any) -> None:
    page.click("#tab-rows")
    page.click("#chips button:has-text('orders')")
    page.wait_for_selector("#rows th >> text=amount")
    first = page.inner_text("#rows tbody tr:first-child td:nth-child(3)")
    caret(page, "lognormal, median")
    for _ in "lognormal":
        page.keyboard.press("Delete")
    page.keyboard.type("gam")
    page.wait_for_selector("#choices li >> text=gamma")
    assert page.get_attribute("#text", "aria-expanded") == "true"
    page.keyboard.press("Enter")
    page.wait_for_selector("#colors:has-text('gamma, median')")
    page.wait_for_selector("#state.bad")
    page.wait_for_selector("#gutter .bad")
    page.wait_for_selector("#problems button >> text=median")
    assert page.inner_text("#notice") == "This is the last version without problems."
    page.keyboard.press("Home")
    page.keyboard.press("F8")
    assert page.evaluate("document.getElementById('text').selectionStart") > 0
    for _ in range(40):
        page.keyboard.press("Control+z")
    page.wait_for_selector("#state.good")
    caret(page, "median: 40")
    page.keyboard.press("End")
    for _ in ", sigma: 0.5, decimals: 2}":
        page.keyboard.press("ArrowLeft")
    page.keyboard.type("0")
    page.keyboard.press("Escape")
    page.wait_for_selector("#rows td.changed")
    assert float(page.inner_text("#rows tbody tr:first-child td:nth-child(3)")) == pytest.approx(
        10 * float(first), abs=0.1
    )


def test_charts_times_and_the_report_of_a_sample_are_shown(page: Any) -> None:
    page.click("#tab-columns")
    page.wait_for_selector("#columns figure svg")
    assert page.locator("#columns figure").count() == 3
    page.click("#tab-time")
    page.wait_for_selector("#time figure svg")
    page.click("#tab-report")
    frame = page.frame_locator("#report iframe")
    frame.locator("h1").wait_for()
    assert frame.locator("h1").inner_text() == "small"
    assert "every constraint holds" in page.inner_text("#report .summary")


def test_everything_is_reached_by_keyboard(page: Any) -> None:
    page.focus("#tab-tables")
    page.keyboard.press("ArrowRight")
    assert page.evaluate("document.activeElement.id") == "tab-rows"
    assert page.is_visible("#rows")
    reached = set()
    page.focus("#starters")
    for _ in range(40):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("document.activeElement.id || document.activeElement.closest('[id]')?.id || ''"))
    assert {"format", "repair", "download", "save", "text", "tab-rows", "chips", "rows"} <= reached
    caret(page, "type: choice")
    page.keyboard.press("Control+Space")
    page.wait_for_selector("#popup:not([hidden])")
    page.keyboard.press("ArrowDown")
    assert page.get_attribute("#text", "aria-activedescendant") == "choice-1"
    page.keyboard.press("Escape")
    assert page.is_hidden("#popup")


def test_nothing_is_wider_than_the_screen_and_texts_can_be_read(page: Any) -> None:
    for tab in ("tables", "rows", "columns", "time", "report"):
        page.click(f"#tab-{tab}")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    contrast = """() => {
      const lum = (c) => {
        const [r, g, b] = c.match(/\\d+/g).map((v) => Number(v) / 255)
          .map((v) => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
      };
      const back = (e) => {
        for (; e; e = e.parentElement) {
          const c = getComputedStyle(e).backgroundColor;
          if (!c.endsWith(", 0)") && c !== "transparent") return c;
        }
        return "rgb(255, 255, 255)";
      };
      return [...document.querySelectorAll("header *, .keys *, #colors span, .tabs *")]
        .filter((e) => e.textContent.trim() && e.getClientRects().length)
        .map((e) => {
          const a = lum(getComputedStyle(e).color), b = lum(back(e));
          return [(Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05), e.className + e.tagName];
        }).sort((x, y) => x[0] - y[0])[0]; }"""
    assert page.evaluate(contrast)[0] > 4


def test_of_a_long_document_only_the_lines_in_sight_are_drawn_and_problems_stay_at_their_places(page: Any) -> None:
    column = "      c{}: {{type: lognormal, median: {}, sigma: 0.5}}\n"
    long = "datagen: 1\nname: long\ntables:\n  t:\n    rows: 5\n    columns:\n"
    long += "".join(column.format(k, -1 if k == 1_000 else 40) for k in range(1_500))
    written = (
        "(v) => { const t = document.getElementById('text'); t.value = v; t.dispatchEvent(new InputEvent('input')); }"
    )
    page.evaluate(written, long)
    page.wait_for_selector("#state.bad")
    assert page.locator("#gutter .bad").count() == 0  # it is far below
    assert page.locator("#gutter > span").count() < 200
    page.focus("#text")
    page.keyboard.press("F8")
    page.wait_for_selector("#gutter .bad >> text=1007")
    assert page.inner_text("#problems .line") == "line 1007"
    assert page.inner_text("#marks mark") == "-1"
    assert page.locator("#gutter > span").count() < 200
    assert page.evaluate("document.querySelector('#colors .k').textContent.startsWith('c')")
    page.route("**/live", lambda route: None)  # the next check never ends
    page.keyboard.press("Home")
    page.keyboard.type("# ")
    assert page.inner_text("#marks mark") == "-1"
    mark = page.locator("#marks mark").bounding_box()
    line = page.locator("#gutter .bad").bounding_box()
    assert abs(mark["y"] - line["y"]) < 6
    page.unroute("**/live")


def test_a_page_whose_server_has_ended_says_so(browser: Any, server: PlaygroundServer) -> None:
    context = browser.new_context()
    made = context.new_page()
    made.goto(server.url)
    made.wait_for_selector("#state.good")
    context.set_offline(True)
    made.focus("#text")
    made.keyboard.type("#")
    made.wait_for_selector("#state >> text=ended")
    assert "the page has ended" in made.inner_text("#notice")
    context.close()
