"""The data of charts of findings: a few forms, each plain JSON.

    Finding(..., details=histogram("amount", edges, found, planted, unit="EUR"))
    Finding(..., details=several(profile("hour", ...), series("orders per day", ...)))

Every form has `form`, `title`, and `x` and `y` (the titles of the axes, with units). Numbers are rounded to six
digits; what is not finite is null. Shares are 0 to 1. `found` is what is in the data, `planted` what the schema
declares, null where it declares nothing. Lengths are checked and bounded: a chart is a summary.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any, Literal, TypedDict, Unpack

import numpy as np

MOST_POINTS = 2000
"""The most marks on an axis. Longer inputs are an error of the metric."""
MOST_LETTERS = 200
LARGEST = 1e100
"""Larger numbers are treated as infinite, and smaller ones than its inverse as 0, so that nothing overflows."""

Number = float | None
Numbers = list[Number]
Amounts = Iterable[Any]
"""Numbers in a list or an array; None, NaN and infinity become null."""
Unit = Literal["share", "factor", "number"]
"""The format of values: 0.25 as 25 %, as x 0.25, or as 0.25."""
Axis = Literal["linear", "log", "time"]


class ChartOptions(TypedDict, total=False):
    """Keyword arguments of the constructors: `x` and `y` are the titles of the axes."""

    x: str
    y: str
    unit: Unit
    axis: Axis
    steps: bool
    span: tuple[float, float]


class Chart(TypedDict):
    """The common fields of every form."""

    form: str
    title: str
    x: str
    y: str


class Histogram(Chart):
    """Shares of rows between `edges` (k + 1 of them, in time: microseconds since 1970); k shares each."""

    edges: Numbers
    found: Numbers
    planted: Numbers | None
    axis: Axis


class Labelled(Chart):
    """One value per label, found and planted, with the standard error of the found one."""

    labels: list[str]
    found: Numbers
    planted: Numbers | None
    error: Numbers | None
    unit: Unit


class Bars(Labelled):
    """Values per label: shares of categories, numbers per segment."""


class Profile(Labelled):
    """A cycle: months, weekdays, hours; usually indices with mean 1."""


class Series(Chart):
    """A value over calendar time; `smooth` is the expectation or a moving mean. `times` are ISO 8601, UTC."""

    times: list[str]
    values: Numbers
    smooth: Numbers | None


class Curve(Chart):
    """A function of x (age, tenure), found with its band `low` to `high`, and planted; `steps` for Kaplan-Meier."""

    at: Numbers
    found: Numbers
    planted: Numbers | None
    low: Numbers | None
    high: Numbers | None
    unit: Unit
    steps: bool


class Heatmap(Chart):
    """A value per row and column, null if there is none: retention by cohort and age. `text` is written in the cells.

    Colours go from the lowest to the highest of `span`; null: from the minimum to the maximum.
    """

    rows: list[str]
    columns: list[str]
    values: list[Numbers]
    text: list[list[str]] | None
    span: Numbers | None


class Interval(Chart):
    """Parameters planted and found with their standard error, one per label."""

    labels: list[str]
    planted: Numbers
    found: Numbers
    error: Numbers
    unit: Unit


class Counts(Chart):
    """The share of parents with k children; the last k includes all larger ones if `open` is true."""

    k: list[int]
    found: Numbers
    planted: Numbers | None
    open: bool


class StateDiagram(Chart):
    """Transitions between `states`, from `origin` to `to` by position: the share of the stays in the
    state that end so.
    """

    states: list[str]
    origin: Numbers
    to: Numbers
    found: Numbers
    planted: Numbers


class Waterfall(Chart):
    """From one level to another: `values` are the first level, the changes since, and the last level, each with its
    label.
    """

    labels: list[str]
    values: Numbers
    unit: Unit


class ChartGroup(TypedDict):
    """Several charts of one finding."""

    charts: list[Any]


def histogram(
    title: str, edges: Amounts, found: Amounts, planted: Amounts | None = None, **how: Unpack[ChartOptions]
) -> dict[str, Any]:
    """Shares of rows between edges, found and planted. `x`: the measured quantity, with its unit; `axis`: linear, log
    or time.
    """
    chart = Histogram(
        **_chart("histogram", title, how, y="share of rows"),
        edges=numbers(edges),
        found=numbers(found),
        planted=_maybe(planted),
        axis=how.get("axis", "linear"),
    )
    _same(len(chart["edges"]) - 1, chart, "found", "planted")
    return dict(chart)


def bars(
    title: str,
    labels: Iterable[Any],
    found: Amounts,
    planted: Amounts | None = None,
    error: Amounts | None = None,
    **how: Unpack[ChartOptions],
) -> dict[str, Any]:
    """One value per label. `unit`: share (default), factor or number."""
    return _labelled("bars", title, labels, (found, planted, error), {"unit": "share", **how})


def profile(
    title: str,
    labels: Iterable[Any],
    found: Amounts,
    planted: Amounts | None = None,
    error: Amounts | None = None,
    **how: Unpack[ChartOptions],
) -> dict[str, Any]:
    """A cycle (hours, weekdays, months). `unit`: factor (default), share or number."""
    return _labelled("profile", title, labels, (found, planted, error), {"unit": "factor", **how})


def series(
    title: str, times: Iterable[Any], values: Amounts, smooth: Amounts | None = None, **how: Unpack[ChartOptions]
) -> dict[str, Any]:
    """A value over calendar time: `times` are microseconds since 1970 or ISO text. `y`: the title of the values."""
    chart = Series(
        **_chart("series", title, how, y=""),
        times=_moments([*times]),
        values=numbers(values),
        smooth=_maybe(smooth),
    )
    _same(len(chart["times"]), chart, "values", "smooth")
    return dict(chart)


def curve(
    title: str,
    at: Amounts,
    found: Amounts,
    planted: Amounts | None = None,
    band: tuple[Amounts, Amounts] | None = None,
    **how: Unpack[ChartOptions],
) -> dict[str, Any]:
    """A function of x with the band of the estimate. `unit`: share (default); `steps`: drawn as a step function."""
    low, high = band or (None, None)
    chart = Curve(
        **_chart("curve", title, how, y=""),
        at=numbers(at),
        found=numbers(found),
        planted=_maybe(planted),
        low=_maybe(low),
        high=_maybe(high),
        unit=how.get("unit", "share"),
        steps=bool(how.get("steps", False)),
    )
    _same(len(chart["at"]), chart, "found", "planted", "low", "high")
    return dict(chart)


def heatmap(
    title: str,
    rows: Iterable[Any],
    columns: Iterable[Any],
    values: Iterable[Amounts],
    text: Iterable[Iterable[Any]] | None = None,
    **how: Unpack[ChartOptions],
) -> dict[str, Any]:
    """A value per row and column; `x` and `y` are the titles of columns and rows."""
    chart = Heatmap(
        **_chart("heatmap", title, how, y=""),
        rows=_words(rows),
        columns=_words(columns),
        values=[numbers(row) for row in values],
        text=None if text is None else [_words(row) for row in text],
        span=_maybe(how.get("span")),
    )
    _same(len(chart["rows"]), chart, "values", "text")
    for row in (*chart["values"], *(chart["text"] or ())):
        if len(row) != len(chart["columns"]):
            raise ValueError(f"heatmap '{title}': a row has {len(row)} cells, not {len(chart['columns'])}")
    return dict(chart)


def interval(
    title: str, labels: Iterable[Any], planted: Amounts, found: Amounts, error: Amounts, **how: Unpack[ChartOptions]
) -> dict[str, Any]:
    """Parameters planted and found, each with its standard error. `unit`: factor (default), share or number."""
    chart = Interval(
        **_chart("interval", title, how, y=""),
        labels=_words(labels),
        planted=numbers(planted),
        found=numbers(found),
        error=numbers(error),
        unit=how.get("unit", "factor"),
    )
    _same(len(chart["labels"]), chart, "planted", "found", "error")
    return dict(chart)


def counts(
    title: str, k: Iterable[Any], found: Amounts, planted: Amounts | None = None, *, open_end: bool = False
) -> dict[str, Any]:
    """Share of parents with k children; `open_end`: the last k includes all larger ones."""
    chart = Counts(
        **_chart("counts", title, {}, y="share of parents", x="children per parent"),
        k=[int(one) for one in k],
        found=numbers(found),
        planted=_maybe(planted),
        open=open_end,
    )
    _same(len(chart["k"]), chart, "found", "planted")
    return dict(chart)


def state_diagram(
    title: str, states: Iterable[Any], edges: Iterable[tuple[int, int]], found: Amounts, planted: Amounts
) -> dict[str, Any]:
    """The transitions of a process, as positions of states: what share of the stays in a state ends so, found and
    planted.
    """
    ends = list(edges)
    chart = StateDiagram(
        **_chart("state_diagram", title, {}),
        states=_words(states),
        origin=numbers(origin for origin, _ in ends),
        to=numbers(to for _, to in ends),
        found=numbers(found),
        planted=numbers(planted),
    )
    _same(len(ends), chart, "found", "planted")
    return dict(chart)


def waterfall(title: str, labels: Iterable[Any], values: Amounts, **how: Unpack[ChartOptions]) -> dict[str, Any]:
    """The first level, the changes since, and the last level. `unit`: number (default), factor or share."""
    chart = Waterfall(
        **_chart("waterfall", title, how, y=""),
        labels=_words(labels),
        values=numbers(values),
        unit=how.get("unit", "number"),
    )
    _same(len(chart["labels"]), chart, "values")
    return dict(chart)


def several(*charts: Mapping[str, Any]) -> dict[str, Any]:
    """More than one chart for one finding."""
    return dict(ChartGroup(charts=[dict(chart) for chart in charts]))


def charts_of(details: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The charts in a finding's details: one, several or none."""
    found = details.get("charts", [details])
    return [chart for chart in found if isinstance(chart, Mapping) and "form" in chart]


def numbers(amounts: Amounts) -> Numbers:
    """Plain JSON numbers of six digits; null if not finite."""
    found = [_plain(amount) for amount in amounts]
    if len(found) > MOST_POINTS:
        raise ValueError(f"a chart has {len(found)} points; summarize to at most {MOST_POINTS}")
    return found


def _plain(amount: Any) -> Number:
    number = math.nan if amount is None else float(amount)
    if not abs(number) <= LARGEST:
        return None
    if abs(number) < 1 / LARGEST:
        return 0.0
    return number if number == int(number) and abs(number) < 2**53 else float(f"{number:.6g}")


def _maybe(amounts: Amounts | None) -> Numbers | None:
    return None if amounts is None else numbers(amounts)


def _words(labels: Iterable[Any]) -> list[str]:
    found = [str(label)[:MOST_LETTERS] for label in labels]
    if len(found) > MOST_POINTS:
        raise ValueError(f"a chart has {len(found)} labels; summarize to at most {MOST_POINTS}")
    return found


def _moments(times: list[Any]) -> list[str]:
    amounts = np.array([0 if isinstance(time, str) else time for time in times], np.int64)
    seconds = amounts.astype("datetime64[us]").astype("datetime64[s]").astype(str).tolist()
    return [
        time[:MOST_LETTERS] if isinstance(time, str) else f"{second}Z"
        for time, second in zip(times, seconds, strict=True)
    ]


def _labelled(
    form: str,
    title: str,
    labels: Iterable[Any],
    values: tuple[Amounts, Amounts | None, Amounts | None],
    how: Mapping[str, Any],
) -> dict[str, Any]:
    """A chart of one value per label; `values` are found, planted and their error."""
    found, planted, error = values
    chart = Labelled(
        **_chart(form, title, how, y=""),
        labels=_words(labels),
        found=numbers(found),
        planted=_maybe(planted),
        error=_maybe(error),
        unit=how["unit"],
    )
    _same(len(chart["labels"]), chart, "found", "planted", "error")
    return dict(chart)


def _chart(form: str, title: str, how: Mapping[str, Any], **default: str) -> Chart:
    titles = {**default, **how}
    return Chart(form=form, title=str(title)[:MOST_LETTERS], x=str(titles.get("x", "")), y=str(titles.get("y", "")))


def _same(length: int, chart: Mapping[str, Any], *names: str) -> None:
    """Checks that all given lists have the length of the axis."""
    for name in names:
        if chart[name] is not None and len(chart[name]) != length:
            raise ValueError(
                f"{chart['form']} '{chart['title']}': {len(chart[name])} {name}, but the axis has {length}"
            )
