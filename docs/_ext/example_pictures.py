"""Writes `examples/`, a page of the example documents with a picture of each, made from their data when the
documentation is built.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import datagen
from datagen.analysis import analyze_or_raise
from datagen.validation.report.html.figures import Figure
from datagen.validation.report.html.page import Page, page_of
from datagen.validation.report.html.render import chart_style
from datagen.validation.report.html.svg import SafeMarkup, element, text

if TYPE_CHECKING:
    from sphinx.application import Sphinx

EXAMPLES = Path(__file__).parents[2] / "examples"
SCALE = 0.1
WIDTH, GAP, PAD = 1000.0, 14.0, 16.0
FORMS = ("curve", "state diagram", "profile", "histogram", "counts", "bars")
"""Small charts are shown in this order, one of each first."""
PLAIN = """
.paper { fill: var(--back); } .card { fill: var(--paper); stroke: var(--rule); }
.head { font-size: 26px; font-weight: 700; fill: var(--ink); }
.state.good { fill: var(--good); } .state.bad { fill: var(--bad); }
.state.unsure { fill: var(--unsure); } .state { font-size: 16px; font-weight: 600; }
.soft { font-size: 14px; fill: var(--soft); }
.title { font-size: 14px; font-weight: 600; fill: var(--ink); }
svg { font-family: system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", Arial, sans-serif; }
"""


def setup(app: Sphinx) -> dict[str, Any]:
    app.connect("builder-inited", lambda app: write(Path(app.srcdir) / "examples"))
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def write(folder: Path, examples: Path = EXAMPLES, scale: float = SCALE) -> None:
    """The page and its pictures, in place of those that were there."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    found = sorted(path for path in examples.iterdir() if path.suffix in (".json", ".yaml") and not datagen.check(path))
    for path in found:
        (folder / f"{path.stem}.svg").write_text(picture(path, scale), encoding="utf-8")
    (folder / "index.md").write_text("\n".join(_page(found)), encoding="utf-8")


def _page(examples: list[Path]) -> Iterator[str]:
    yield "# Examples\n"
    yield (
        "The documents in `examples/` of the repository. Each picture is part of the report on its data, made when "
        "these pages were built.\n"
    )
    for path in examples:
        document = datagen.read(path).document
        yield f"## {document.name}\n"
        yield f"{document.description}\n"
        yield f"`datagen generate examples/{path.name}`\n"
        yield f"![The tables of {document.name}, and some of its charts]({path.stem}.svg)\n"


# --- the picture -----------------------------------------------------------------------------------------------------


def picture(source: Path | str | Mapping[str, Any], scale: float | None = None) -> str:
    """A document's data as one SVG: score, diagram, rows over time, and three charts with what was planted."""
    with TemporaryDirectory() as folder:
        datagen.generate(source, folder, scale=scale)
        report = datagen.validate(source, folder)
    return drawn(page_of(report, analyze_or_raise(source)))


def drawn(page: Page) -> str:
    """The page of a report, cut down to a picture."""
    series, small = _chosen(page)
    parts, y = [_head(page)], 152.0
    rows: list[list[tuple[str, SafeMarkup, float]]] = [[("", page.diagram, 190.0)]]
    rows += [[(series.title, series.picture, 226.0)]] if series else []
    rows += [[(figure.title, figure.picture, 192.0) for figure in small]] if small else []
    for row in rows:
        wide = (WIDTH - GAP * (len(row) + 1)) / len(row)
        high = max(room for _, _, room in row) + (30 if row[0][0] else 10)
        for k, (title, inside, _) in enumerate(row):
            parts.append(_card((GAP + k * (wide + GAP), y), (wide, high), title, inside))
        y += high + GAP
    paper = element("rect", width=WIDTH, height=y, rx=14, class_="paper")
    label = f"report on {page.report.schema}"
    box = f"0 0 {WIDTH:.0f} {y:.0f}"
    body = [element("title", label), SafeMarkup(f"<style>{_style()}</style>"), paper, *parts]
    return element(
        "svg", *body, xmlns="http://www.w3.org/2000/svg", viewBox=box, width=WIDTH, role="img", aria_label=label
    )


def _chosen(page: Page) -> tuple[Figure | None, list[Figure]]:
    """The series of the table with most rows, and three small charts that show what was planted, each of another
    form.
    """
    tables = sorted(page.tables, key=lambda table: -(table.rows or 0))
    series = next((figure for table in tables for figure in table.over_time), None)
    cards = [card.figure for table in tables for card in table.cards if card.figure is not None]
    known = [f for f in [*(f for table in tables for f in table.figures), *cards] if f.planted and not f.wide]
    order = sorted(known, key=lambda figure: next((k for k, form in enumerate(FORMS) if _is(figure, form)), len(FORMS)))
    firsts = {next((form for form in FORMS if _is(f, form)), ""): f for f in reversed(order)}
    chosen = [firsts[form] for form in FORMS if form in firsts]
    return series, [*chosen, *(figure for figure in order if figure not in chosen)][:3]


def _is(figure: Figure, form: str) -> bool:
    return f'aria-label="{form}: ' in figure.picture


def _head(page: Page) -> SafeMarkup:
    facts = "  \N{MIDDLE DOT}  ".join(
        f"{value} {name}" for name, value in page.facts if name in ("tables", "rows", "columns")
    )
    realism = [value for name, value in page.facts if name == "realism"]
    said = [facts, *(f"realism {value} of 100" for value in realism)]
    parts = [
        element("rect", x=GAP, y=GAP, width=WIDTH - 2 * GAP, height=124, rx=12, class_="card"),
        _placed(page.dial, (GAP + 20, GAP + 10), (104, 104)),
        text((GAP + 150, GAP + 44), page.report.schema, "head"),
        text((GAP + 150, GAP + 72), f"{page.headline}.", f"state {page.state}"),
        text((GAP + 150, GAP + 98), "  \N{MIDDLE DOT}  ".join(said), "soft"),
    ]
    return element("g", *parts)


def _card(at: tuple[float, float], size: tuple[float, float], title: str, inside: SafeMarkup) -> SafeMarkup:
    (x, y), (wide, high) = at, size
    top = 30.0 if title else 8.0
    room = (wide - 2 * PAD, high - top - 8)
    parts = [element("rect", x=x, y=y, width=wide, height=high, rx=12, class_="card")]
    parts += [text((x + PAD, y + 22), title, "title")] if title else []
    return element("g", *parts, _placed(inside, (x + PAD, y + top), room))


def _placed(inside: SafeMarkup, at: tuple[float, float], size: tuple[float, float]) -> SafeMarkup:
    """A picture at its place within another one."""
    head, rest = inside.split(">", 1)
    box = re.search(r'viewBox="([^"]*)"', head)
    class_ = re.search(r'class="([^"]*)"', head)
    said = f'viewBox="{box[1] if box else ""}" class="{class_[1] if class_ else ""}"'
    return SafeMarkup(
        f'<svg x="{at[0]:.0f}" y="{at[1]:.0f}" width="{size[0]:.0f}" height="{size[1]:.0f}" {said}>{rest}'
    )


def _style() -> str:
    """The colours of the page, light and dark, and the rules of its drawings."""
    sheet = chart_style()
    colors, drawings = sheet[: sheet.index("svg {")], sheet[sheet.index(".tick, .name") :]
    return re.sub(r"\s+", " ", colors.replace("@media screen and", "@media") + drawings + PLAIN).strip()
