from __future__ import annotations

import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datagen.random import distributions
from datagen.random.inverse_cdf import InverseCdfTable, StackedInverseCdf
from datagen.random.streams import Stream

STREAM = Stream.named(7, "quantiles")
TOP = 2**64 - 1


def test_a_larger_word_never_gives_a_smaller_value():
    edges = np.concatenate([np.arange(4097, dtype=object) << 52, (1 << np.arange(64).astype(object)), [TOP]])
    around = {min(max(int(edge) + step, 0), TOP) for edge in edges for step in (-2, -1, 0, 1)}
    words = np.sort(
        np.concatenate([np.array(list(around), np.uint64), STREAM.words(np.arange(200_000, dtype=np.uint64))])
    )
    mirrored = np.sort(~words)
    for table in (
        distributions.normal(),
        distributions.lognormal(3, 2.5),
        distributions.gamma(0.05, 1),
        distributions.beta(0.4, 0.3),
        distributions.pareto(1, 0.01),
    ):
        assert (np.diff(table.at(words)) >= 0).all()
        assert (np.diff(table.at(mirrored)) >= 0).all()


@given(st.integers(1, 40_000), st.data())
@settings(max_examples=20, deadline=None)
def test_any_slice_equals_the_same_rows_of_the_whole_and_fusing_changes_nothing(n, data):
    start = data.draw(st.integers(0, n - 1))
    ids = np.arange(n, dtype=np.uint64)
    table = distributions.normal()
    whole = table.sample(STREAM, ids)
    assert np.array_equal(whole[start:], table.sample(STREAM, ids[start:]))
    assert np.array_equal(whole, table.at(STREAM.words(ids)))


def test_a_symmetric_distribution_is_symmetric_in_the_word():
    words = STREAM.words(np.arange(100_000, dtype=np.uint64))
    words[:3] = 0, 1, 2**57 - 1
    assert np.allclose(distributions.normal().at(words), -distributions.normal().at(~words), rtol=1e-13, atol=1e-13)


def test_infinite_ends_are_never_asked_for_and_never_given():
    seen = []

    def ppf(p, upper):
        seen.append(p)
        return np.where(upper, 1 / p**30, -1 / p**30)  # overflows in every other sampler

    ends = InverseCdfTable.of(ppf).at(np.array([0, TOP], np.uint64))
    asked = np.concatenate(seen)
    assert asked.min() > 0 and asked.max() < 1
    assert np.isfinite(ends).all() and ends[0] < -1e300 and ends[1] > 1e300


def test_values_that_are_not_numbers_are_refused():
    with pytest.raises(ValueError, match="not a number"):
        InverseCdfTable.of(lambda p, upper: np.full(len(p), np.nan))


@pytest.mark.parametrize(
    "distribution", [distributions.normal(5, 2), distributions.lognormal(3, 0.5), distributions.pareto(1, 3)]
)
def test_the_ends_of_a_distribution_are_known_without_its_table(distribution):
    untabulated = [distribution.ends(2.0**-octave) for octave in (50, 40, 30, 8)]
    words = [2 ** (64 - octave) for octave in (50, 40, 30, 8)]
    tabulated = distribution.at(np.array([*words, *(TOP - word for word in words)], np.uint64)).reshape(2, -1).T
    assert np.allclose(untabulated, tabulated, rtol=5e-3)


def test_tables_survive_pickling_and_give_the_same_values():
    words = STREAM.words(np.arange(10_000, dtype=np.uint64))
    table = distributions.exponential(3.0)
    assert np.array_equal(pickle.loads(pickle.dumps(table)).at(words), table.at(words))


def test_no_words_no_values_and_out_is_filled():
    out = np.empty(20_000)
    words = STREAM.words(np.arange(20_000, dtype=np.uint64))
    assert distributions.normal().at(words, out) is out
    assert len(distributions.normal().at(words[:0])) == 0


DISTRIBUTIONS = [distributions.lognormal(12.0, 0.3), distributions.normal(5.0, 2.0), distributions.pareto(1.0, 1.5)]


def test_each_row_gets_what_its_own_distribution_gives_it_bit_for_bit() -> None:
    ids = np.arange(60_000, dtype=np.uint64)
    which = (ids % np.uint64(3)).astype(np.int16)
    found = StackedInverseCdf.of(DISTRIBUTIONS).sample(STREAM, ids, which)
    for i, distribution in enumerate(DISTRIBUTIONS):
        assert np.array_equal(found[which == i], distribution.sample(STREAM, ids)[which == i])


def test_no_rows_are_no_values() -> None:
    assert len(StackedInverseCdf.of(DISTRIBUTIONS).sample(STREAM, np.empty(0, np.uint64), np.empty(0, np.int16))) == 0
