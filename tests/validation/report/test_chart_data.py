"""Chart forms are plain JSON of bounded size, whatever numbers a measure has."""

import json

import numpy as np
import pytest

from datagen.validation.report import chart_data


def every_form():
    k = np.arange(3)
    return [
        chart_data.histogram("amount", np.arange(4.0), k / 3, k / 3, x="EUR", axis="log"),
        chart_data.bars("shares", ["a", "b", "c"], k, k, k),
        chart_data.profile("hours", range(3), k, k, k),
        chart_data.series("volume", k * 86_400_000_000, k, k, y="orders"),
        chart_data.curve("retention", k, k, k, (k, k), steps=True),
        chart_data.heatmap("cohorts", ["2023", "2024"], k, [k, k], [["1", "2", "3"]] * 2),
        chart_data.interval("factors", ["a", "b", "c"], k, k, k),
        chart_data.counts("children", k, k / 3, k / 3, open_end=True),
        chart_data.state_diagram("transitions", ["a", "b", "c"], [(0, 1), (1, 0), (1, 2)], k / 3, k / 3),
        chart_data.waterfall("bridge", ["2023", "more", "2024"], [1, 2, 3]),
    ]


def test_forms_survive_json_unchanged():
    for chart in every_form():
        assert json.loads(json.dumps(chart, allow_nan=False)) == chart


def test_what_is_not_finite_is_null():
    chart = chart_data.bars("shares", ["a", "b", "c", "d", "e"], [np.nan, np.inf, None, 1e300, np.float32(0.5)])
    assert chart["found"] == [None, None, None, None, 0.5]


def test_numbers_have_six_digits_and_whole_ones_all_of_theirs():
    assert chart_data.numbers([1 / 3, 123_456_789, np.int64(7)]) == [0.333333, 123_456_789, 7]


def test_times_are_iso_text():
    assert chart_data.series("volume", [0, "2024-02-29"], [1, 2])["times"] == ["1970-01-01T00:00:00Z", "2024-02-29"]


@pytest.mark.parametrize(
    "make",
    [
        lambda: chart_data.histogram("amount", [0, 1, 2], [1]),
        lambda: chart_data.bars("shares", ["a"], [1], [1, 2]),
        lambda: chart_data.heatmap("cohorts", ["a"], ["x", "y"], [[1]]),
        lambda: chart_data.curve("retention", [0, 1], [1, 1], band=([0], [1])),
    ],
)
def test_lengths_that_do_not_fit_are_reported(make):
    with pytest.raises(ValueError, match=r"but the axis has|cells, not"):
        make()


def test_a_chart_is_never_the_data():
    with pytest.raises(ValueError, match="summarize"):
        chart_data.bars("shares", range(5000), range(5000))


def test_a_finding_has_none_one_or_several_charts():
    one = every_form()[0]
    assert chart_data.charts_of({}) == []
    assert chart_data.charts_of({"rows": 3}) == []
    assert chart_data.charts_of(one) == [one]
    assert chart_data.charts_of(chart_data.several(one, one)) == [one, one]
