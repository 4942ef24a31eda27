"""Renders a report for the terminal."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from datagen.validation.metrics.base import Finding
from datagen.validation.report.number_format import beside, format_score, show, signed
from datagen.validation.report.report import Report
from datagen.validation.report.summary import (
    Cost,
    GroupSummary,
    constraints_of,
    costs_of,
    explained,
    groups_of,
    headline,
    message_of,
    name_of,
    place_of,
    signs_of,
    state_of,
    state_of_report,
)

STYLES = {"good": "green", "bad": "red", "unsure": "yellow", "none": "dim"}
BAR = 16
MOST_FAILURES = 20
MOST_ROWS = 3


def summary(report: Report) -> RenderableType:
    """The report on a screen or two; the HTML page has more."""
    return Group(*_parts(report))


def _parts(report: Report) -> Iterator[RenderableType]:
    yield _groups(constraints_of(report), groups_of(report), signs_of(report))
    failed = report.failed
    if failed:
        yield Text("\nfailed constraints", "bold")
        yield from (_failure(finding) for finding in failed[:MOST_FAILURES])
        if len(failed) > MOST_FAILURES:
            yield Text(f"  and {len(failed) - MOST_FAILURES} more")
    astray = [f for f in report.findings if f.verdict == "not recovered" and f.planted is not None]
    if astray:
        yield Text("\nnot recovered", "bold")
        yield _astray(astray[:MOST_FAILURES])
    named = {(place_of(finding), name_of(finding)) for finding in failed[:MOST_FAILURES]}
    costs = [cost for cost in costs_of(report) if (cost.place, cost.what) not in named]
    if costs:
        yield Text("\nwhat else cost points" if failed else "\nwhat cost points", "bold")
        yield from (_cost(cost) for cost in costs)
    unlike = [finding for finding in report.findings if finding.group == "realism" and state_of(finding) == "bad"]
    if unlike:
        yield Text("\nunlike real data", "bold")
        yield from (_unlike(finding) for finding in unlike[:MOST_FAILURES])
    yield Text()
    yield _verdict(report)


def _verdict(report: Report) -> Text:
    style = STYLES[state_of_report(report)]
    score = (f"score {format_score(report.score)}", f"bold {style}")
    realism = "" if report.realism is None else f", realism {format_score(report.realism)}"
    return Text.assemble(
        (f"{printable(report.schema)}: ", "bold"), score, f"{realism}  {headline(report)}.\n{explained(report)}"
    )


def _groups(constraints: GroupSummary, groups: Iterable[GroupSummary], signs: GroupSummary) -> Table:
    table = Table(box=None, pad_edge=False, show_header=False)
    for justify in ("left", "left", "right"):
        table.add_column(justify=justify, no_wrap=True)
    table.add_column(overflow="fold")
    table.add_row("constraints", _bar(constraints.share), _points(constraints), _tally(constraints, "hold", "fail"))
    for group in groups:
        if group.applies or group.open:
            table.add_row(group.name, _bar(group.share), _points(group), _tally(group, "as declared", "not"))
        else:
            table.add_row(Text(group.name, "dim"), "", "", Text("not testable", "dim"))
    if signs.applies:
        table.add_row("realism", _bar(signs.share), "", _tally(signs, "tests passed", "failed"))
    return table


def _points(group: GroupSummary) -> str:
    return f"\N{MINUS SIGN}{group.lost:.1f}" if group.lost else ""


def _bar(share: float) -> Text:
    full = math.floor(BAR * min(max(share, 0.0), 1.0) + 1e-9)
    style = "green" if share >= 0.95 else "yellow" if share >= 0.7 else "red"
    return Text.assemble(("\N{BLACK SQUARE}" * full, style), ("\N{MIDDLE DOT}" * (BAR - full), "dim"))


def _tally(group: GroupSummary, good: str, bad: str) -> Text:
    text = Text(f"{group.good:,} {good}")
    if group.bad:
        text.append(f", {group.bad:,} {bad}", "bold red")
    if group.open:
        state = "cannot be checked" if group.name == "constraint" else "inconclusive at this size"
        text.append(f", {group.open:,} {state}", "yellow")
    return text


def _failure(finding: Finding) -> Text:
    where = f"  \N{BALLOT X} {place_of(finding)} {name_of(finding)}"
    text = Text.assemble((printable(where), "red"), f": {printable(finding.message)}")
    for row in finding.rows[:MOST_ROWS]:
        text.append(f"\n      {printable(', '.join(f'{name}: {cell}' for name, cell in row.items()))}", "dim")
    return text


def _astray(findings: Iterable[Finding]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("  parameter", overflow="fold")
    for head in ("planted", "found", "\N{PLUS-MINUS SIGN}", "z"):
        table.add_column(head, justify="right", no_wrap=True)
    for f in findings:
        z = signed(f.z) if f.z is not None else ""
        name = Text(printable(f"  {place_of(f)} {f.subject or f.measure}"))
        table.add_row(name, show(f.planted), beside(f.found, f.error), beside(f.error, f.error), Text(z, "red"))
    return table


def _cost(cost: Cost) -> Text:
    line = f" {cost.place} {cost.what}: {cost.message}" if cost.place else f" {cost.what}: {cost.message}"
    points = f"\N{MINUS SIGN}{cost.points:.2f}"
    return Text.assemble((f"{points:>8}", "yellow"), printable(line))


def _unlike(finding: Finding) -> Text:
    where = f"  {place_of(finding)} {name_of(finding)}"
    return Text.assemble((printable(where), "yellow"), f": {printable(message_of(finding))}")


def printable(text: str) -> str:
    """The text without terminal control characters, which names and cells may contain."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
