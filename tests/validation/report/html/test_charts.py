"""Every chart form is drawn from whatever numbers its constructor lets through."""

from xml.etree import ElementTree as ET

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from datagen.validation.report import chart_data
from datagen.validation.report.html.charts.interval import deviation, reach_of
from datagen.validation.report.html.charts.registry import FORMS, draw
from datagen.validation.report.html.charts.scales import Scale, spanned, ticks, time_ticks
from tests.validation.report.html.samples import planted, recovery
from tests.validation.report.test_chart_data import every_form

NUMBERS = st.one_of(st.none(), st.floats(), st.floats(-5, 5), st.integers(-(10**12), 10**12))
ROWS = st.lists(st.tuples(NUMBERS, NUMBERS, NUMBERS), min_size=0, max_size=30)


def marks(chart, class_):
    return [part for part in ET.fromstring(draw(chart)).iter() if part.get("class") == class_]


def test_all_forms_are_drawn():
    assert {chart["form"] for chart in every_form()} == set(FORMS)
    assert all(draw(chart) for chart in every_form())


def test_an_unknown_form_is_left_out():
    assert draw({"form": "pie", "title": "shares"}) is None


@settings(deadline=None, max_examples=25)
@given(ROWS, st.sampled_from(["linear", "log", "time"]))
def test_no_numbers_break_a_drawing(rows, axis):
    one, two, three = ([row[k] for row in rows] for k in range(3))
    labels = [f"label {k}" for k in range(len(rows))]
    for chart in (
        chart_data.histogram(
            "a", [*sorted(abs(x or 0.0) for x in chart_data.numbers(one)), 1e16], two, three, axis=axis
        ),
        chart_data.bars("a", labels, one, two, three),
        chart_data.profile("a", labels, one, two, three),
        chart_data.series("a", ["2024-01-01"] * len(rows), one, two),
        chart_data.curve("a", range(len(rows)), one, two, (two, three), steps=True),
        chart_data.heatmap("a", labels, ["x", "y", "z"], rows),
        chart_data.interval("a", labels, one, two, three),
        chart_data.counts("a", range(len(rows)), one, two),
        chart_data.waterfall("a", labels, one),
        chart_data.state_diagram("a", labels or ["x"], [(0, 0)] * len(rows), one, two),
    ):
        picture = draw(chart)
        ET.fromstring(picture)
        assert "nan" not in picture


def test_a_bar_per_label_and_a_mark_per_planted_value():
    chart = chart_data.bars("shares", ["a", "b"], [0.4, 0.6], [0.5, 0.5])
    assert len(marks(chart, "found")) == 2
    assert len(marks(chart, "planted-mark")) == 2


def test_an_empty_cell_stays_empty():
    chart = chart_data.heatmap("cohorts", ["2023", "2024"], [0, 1], [[1, 0.5], [1, None]])
    assert len(marks(chart, "found")) == 3


def test_bars_of_a_waterfall_begin_where_the_one_before_ends():
    bars = ET.fromstring(draw(chart_data.waterfall("bridge", ["before", "more", "less", "after"], [4, 3, -2, 5])))
    spans = {
        part.get("class"): (float(part.get("x")), float(part.get("x")) + float(part.get("width")))
        for part in bars.iter()
        if part.get("class") in ("found", "more", "less")
    }
    assert spans["more"][1] == pytest.approx(spans["less"][1], abs=0.02)
    assert spans["less"][0] == pytest.approx(spans["found"][1], abs=0.02)


def test_shares_of_a_state_diagram_cover_no_others():
    """The arcs of a funnel of six stages, all of which can be given up."""
    edges = [(k, k + 1) for k in range(5)] + [(k, 5) for k in range(4)] + [(0, 3), (2, 0)]
    chart = chart_data.state_diagram("funnel", list("abcdef"), edges, [0.5] * 11, [0.5] * 11)
    at = [(float(part.get("x")), float(part.get("y")), part.get("text-anchor")) for part in marks(chart, "tick over")]
    assert len(at) == 11
    for k, (x, y, side) in enumerate(at):
        assert all(other != side or abs(x - a) > 24 or abs(y - b) > 21 for a, b, other in at[:k])


def test_a_gap_in_a_series_stays_a_gap():
    chart = chart_data.series("volume", ["2024-01-01", "2024-01-02", "2024-01-03"], [1, None, 2])
    assert len(marks(chart, "found-line")) == 2


def test_bins_of_unlike_width_show_density():
    """A bin three times as wide with three times the rows is as high."""
    heights = {
        round(float(bar.get("height"))) for bar in marks(chart_data.histogram("a", [0, 1, 4], [0.25, 0.75]), "found")
    }
    assert len(heights) == 1


def test_a_parameter_beyond_the_axis_is_an_arrow_at_its_edge():
    near, far = planted("orders", "a", (1.0, 1.02, 0.01)), planted("orders", "b", (1.0, 3.0, 0.01))
    assert "<circle" in deviation(near, 0.1)
    assert "<circle" not in deviation(far, 0.1)
    assert 0.05 <= reach_of(recovery()) <= 0.5


@settings(deadline=None)
@example(999_999_999.9, 1e-6, False)
@given(st.floats(-1e9, 1e9), st.floats(1e-6, 1e9), st.booleans())
def test_ticks_lie_on_the_axis(low, span, log):
    scale = spanned([abs(low) + 1 if log else low, abs(low) + 1 + span if log else low + span], 0, 100, log=log)
    found = ticks(scale)
    assert all(-0.1 <= at <= 100.1 for at, _ in found)
    assert len(found) <= 14


def test_time_ticks_are_round():
    day = 86_400_000_000
    start = 19_358 * day  # 2023-01-01
    assert [message for _, message in time_ticks(Scale(start, start + 730 * day, 0, 1), 8)][:2] == [
        "Jan 2023",
        "Apr 2023",
    ]
    assert [message for _, message in time_ticks(Scale(start, start + 10 * day, 0, 1), 5)][:2] == ["Jan 01", "Jan 03"]
    assert [message for _, message in time_ticks(Scale(start, start + 3650 * day, 0, 1), 6)][:2] == ["2024", "2026"]
    assert [message for _, message in time_ticks(Scale(start, start + 3650 * day, 0, 1), 4)] == ["2025", "2028", "2031"]


@pytest.mark.parametrize("low, high", [(-9e18, 9e18), (0.0, 0.0)])
def test_times_beyond_the_calendar_have_an_axis_too(low, high):
    assert isinstance(time_ticks(spanned([low, high], 0, 1)), list)
