"""A profile of a column is the same however it was cut, exact where it says so, and bounded."""

import numpy as np
import pyarrow as pa
import pytest

from datagen.columnar.block import BOOL, CATEGORY, FLOAT, INT, TEXT, TIMESTAMP, Column, decimal
from datagen.validation.profile.column_chart import chart_of
from datagen.validation.profile.column_profile import DISTINCT, MOST_WORDS, profile_of

RNG = np.random.default_rng(3)


def category(values):
    words, codes = np.unique(values, return_inverse=True)
    return Column(CATEGORY, codes.astype(np.int32), None, pa.array([str(word) for word in words]))


COLUMNS = {
    "int": Column(INT, RNG.integers(-50, 50, 900)),
    "decimal": Column(decimal(2), RNG.integers(0, 10_000, 900), RNG.random(900) < 0.8),
    "float": Column(FLOAT, RNG.normal(0, 3, 900)),
    "time": Column(TIMESTAMP, 1_700_000_000_000_000 + RNG.integers(0, 10**13, 900)),
    "bool": Column(BOOL, RNG.random(900) < 0.3),
    "text": Column(TEXT, pa.array([f"word {k % 70}" for k in range(900)])),
    "category": category([f"c{k % 4}" for k in range(900)]),
}


@pytest.mark.parametrize("name", COLUMNS)
def test_parts_come_to_the_whole(name):
    column = COLUMNS[name]
    whole, parts = profile_of(column), [profile_of(column.slice(k, k + 300)) for k in (0, 300, 600)]
    merged = parts[0].merge(parts[1]).merge(parts[2])
    assert (merged.rows, merged.missing, merged.low, merged.high, merged.words) == (
        whole.rows, whole.missing, whole.low, whole.high, whole.words,
    )  # fmt: skip
    assert merged.distinct == whole.distinct
    assert merged.mean == pytest.approx(whole.mean)


def test_few_distinct_values_are_exact_and_many_within_a_tenth():
    few, many = profile_of(Column(INT, np.arange(5000) % 700)), profile_of(Column(INT, np.arange(200_000)))
    assert (few.distinct, few.exact) == (700, True)
    assert not many.exact
    assert abs(many.distinct - 200_000) < 20_000
    assert len(many.smallest) == DISTINCT


def test_missing_cells_take_no_part():
    there = np.array([True, False, True])
    profile = profile_of(Column(decimal(2), np.array([150, 99_999, 250]), there))
    assert (profile.missing, profile.low, profile.high, profile.mean, profile.distinct) == (1, 150, 250, 200.0, 2)


def test_a_column_without_cells_has_a_profile_and_no_chart():
    empty = Column(FLOAT, np.zeros(3), np.zeros(3, np.bool_))
    profile = profile_of(empty)
    assert (profile.low, profile.mean, profile.distinct, profile.missing) == (None, None, 0, 3)
    assert chart_of("t.x", "x", profile, empty) is None


def test_numbers_that_are_not_finite_are_left_out():
    profile = profile_of(Column(FLOAT, np.array([1.0, np.nan, np.inf])))
    assert (profile.low, profile.high) == (1.0, 1.0)


def test_very_many_categories_are_not_counted_one_by_one():
    one = profile_of(category([f"a{k}" for k in range(MOST_WORDS)]))
    assert one.words is not None
    assert one.merge(profile_of(category(["b"]))).words is None


@pytest.mark.parametrize("name", COLUMNS)
def test_every_type_has_a_chart(name):
    column = COLUMNS[name]
    if name == "category":
        column = Column(TEXT, column.texts)
    chart = chart_of(f"t.{name}", name, profile_of(COLUMNS[name]), column)
    assert chart is not None
    assert chart["title"] == f"t.{name}"


def test_skewed_amounts_have_a_logarithmic_axis():
    amounts = Column(FLOAT, np.exp(RNG.normal(3, 1.6, 2000)))
    assert chart_of("t.x", "x", profile_of(amounts), amounts)["axis"] == "log"


def test_whole_numbers_lie_within_their_bins():
    ages = Column(INT, np.repeat(np.arange(18, 91), 20))
    edges = chart_of("t.age", "age", profile_of(ages), ages)["edges"]
    assert all(edge % 1 == 0.5 for edge in edges)


def test_texts_of_one_length_show_how_they_begin():
    codes = Column(TEXT, pa.array([f"{'ABC'[k % 3]}-{k:05d}" for k in range(300)]))
    assert chart_of("t.code", "code", profile_of(codes), codes)["labels"] == ["A", "B", "C"]


def test_one_moment_has_an_axis_of_a_day():
    once = Column(TIMESTAMP, np.array([1_700_000_000_000_000]))
    edges = chart_of("t.at", "at", profile_of(once), once)["edges"]
    assert edges[-1] - edges[0] == 86_400_000_000
