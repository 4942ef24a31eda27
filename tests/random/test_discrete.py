import pickle
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from datagen.random.count_distributions import geometric, negative_binomial, poisson
from datagen.random.discrete_inverse_cdf import Categories, ThresholdTable
from datagen.random.integers import Permutation, uniform_below
from datagen.random.streams import Stream
from datagen.random.zipf import Zipf

STREAM = Stream.named(11, "discrete")
TOP = 2**64 - 1
GRID = (np.arange(2**20, dtype=np.uint64) << np.uint64(44)) + np.uint64(1 << 43)
"""Evenly spaced words: what they give is the law itself to 1e-6, without sampling error."""


def drawn(n, lane=0):
    return STREAM.substream(lane).words(np.arange(n, dtype=np.uint64))


def variation(counts, pmf):
    """Total variation between counts on the grid and a law."""
    masses = np.bincount(counts, minlength=len(pmf)) / len(counts)
    return 0.5 * np.abs(masses - pmf[: len(masses)]).sum()


# --- categories
# ----------------------------------------------------------------------------------------------------------


@given(st.lists(st.floats(0, 1e9), min_size=1, max_size=40).filter(any))
@settings(max_examples=60, deadline=None)
def test_categories_begin_at_the_very_word_that_their_weights_say(weights):
    categories = Categories.of(weights)
    total = sum(map(Fraction, weights))
    for code in range(len(weights)):
        if weights[code] == 0:
            continue
        start = int(sum(map(Fraction, weights[:code])) * 2**64 / total)
        stop = int(sum(map(Fraction, weights[: code + 1])) * 2**64 / total)
        if stop > start:
            assert categories.codes(np.array([start, stop - 1], np.uint64)).tolist() == [code, code]


@pytest.mark.parametrize("n", [2, 10, 11, 12, 300, 5000])
def test_few_and_many_categories_follow_their_weights(n):
    weights = np.arange(1, n + 1) ** 1.5
    codes = Categories.of(weights.tolist()).codes(drawn(500_000))
    assert codes.dtype == np.int32
    assert stats.chisquare(np.bincount(codes, minlength=n), weights / weights.sum() * len(codes)).pvalue > 1e-3


def test_categories_without_weight_never_come():
    codes = Categories.of([0, 1, 0, 1e-12, 3, 0]).codes(np.append(drawn(100_000), np.array([0, TOP], np.uint64)))
    assert set(codes.tolist()) == {1, 4}


@pytest.mark.parametrize("weights", [[], [0], [0.0, 0.0], [1, -1], [np.nan], [np.inf, 1]])
def test_weights_that_are_all_zero_are_refused(weights):
    with pytest.raises(ValueError, match="weight"):
        Categories.of(weights)


# --- steps
# ---------------------------------------------------------------------------------------------------------------


@given(st.lists(st.integers(0, TOP) | st.integers(TOP - 5, TOP) | st.integers(0, 5), max_size=60), st.data())
@settings(max_examples=60, deadline=None)
def test_the_guide_table_agrees_with_a_plain_search(thresholds, data):
    thresholds = np.array(sorted(thresholds), np.uint64)
    chosen = data.draw(st.lists(st.integers(0, TOP), min_size=1, max_size=20))
    words = np.array([*chosen, 0, TOP, *thresholds.tolist()], np.uint64)
    assert np.array_equal(ThresholdTable.of(thresholds).at(words), np.searchsorted(thresholds, words, side="right"))


# --- counts
# --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mean", [0.001, 0.3, 1.2, 9.99, 10, 14.5, 29.99])
def test_poisson_counts_below_a_mean_of_30_are_the_exact_inverse(mean):
    words = GRID[::8]  # scipy takes seconds for all of them
    one, each = poisson(words, mean), poisson(words, np.full(len(words), mean))
    expected = stats.poisson(mean).ppf((words >> np.uint64(11)) * 2.0**-53 + 2.0**-54)
    assert np.array_equal(one, expected)
    assert np.array_equal(each, expected)


@pytest.mark.parametrize("mean", [30.0, 45.5, 100.0, 999.0, 5000.0])
def test_poisson_counts_of_larger_means_vary_from_the_distribution_by_less_than_1e_4(mean):
    pmf = stats.poisson(mean).pmf(np.arange(int(mean + 15 * mean**0.5)))
    grid = (np.arange(2**22, dtype=np.uint64) << np.uint64(42)) + np.uint64(1 << 41)
    assert variation(poisson(grid, np.full(len(grid), mean)), pmf) < 1e-4
    assert variation(poisson(grid, mean), pmf) < 1e-4


@pytest.mark.parametrize("mean", [1e6, 1e9])
def test_huge_poisson_means_have_the_right_moments(mean):
    counts = poisson(GRID, mean)
    assert counts.mean() == pytest.approx(mean, abs=0.01 * mean**0.5)
    assert counts.var() == pytest.approx(mean, rel=1e-3)


@pytest.mark.parametrize("mean", [0.5, 12.0, 30.0, 80.0, 2000.0])
def test_a_larger_word_never_gives_a_smaller_count(mean):
    words = np.sort(np.concatenate([drawn(100_000), np.arange(100, dtype=np.uint64), ~np.arange(100, dtype=np.uint64)]))
    assert (np.diff(poisson(words, np.full(len(words), mean))) >= 0).all()
    assert (np.diff(geometric(words, mean)) >= 0).all()


def test_a_count_depends_on_its_own_word_and_mean_only():
    words, means = drawn(30_000), np.resize([0.0, 0.2, 3.0, 11.0, 25.0, 31.0, 1e5], 30_000)
    together = poisson(words, means)
    assert np.array_equal(together[12_345:12_400], poisson(words[12_345:12_400], means[12_345:12_400]))
    assert [int(poisson(words[i : i + 1], means[i : i + 1])[0]) for i in range(70)] == together[:70].tolist()
    assert (together[means == 0] == 0).all()
    assert np.array_equal(poisson(words, 0.0), np.zeros(30_000))


@pytest.mark.parametrize("mean, minimum", [(0.3, 0), (2.2, 1), (50.0, 0), (1.0, 1)])
def test_geometric_counts_have_their_mean_from_their_minimum_on(mean, minimum):
    counts = geometric(GRID, mean, minimum)
    excess = mean - minimum
    assert counts.min() == minimum
    assert counts.mean() == pytest.approx(mean, rel=1e-4)
    assert (
        variation(counts - minimum, stats.geom(1 / (1 + excess), loc=-1).pmf(np.arange(2000))) < 3e-4
    )  # the grid is coarse for so many counts
    assert np.array_equal(counts, geometric(GRID, np.full(len(GRID), mean), minimum))


@pytest.mark.parametrize("mean, dispersion", [(3.0, 0.8), (0.4, 2.0), (40.0, 0.1)])
def test_negative_binomial_counts_follow_the_distribution(mean, dispersion):
    counts = negative_binomial(drawn(400_000), drawn(400_000, 1), mean, dispersion)
    distribution = stats.nbinom(1 / dispersion, 1 / (1 + mean * dispersion))
    assert counts.mean() == pytest.approx(mean, rel=0.01)
    assert counts.var() == pytest.approx(mean + dispersion * mean**2, rel=0.03)
    assert variation(counts, distribution.pmf(np.arange(3000))) < 0.01


def test_no_dispersion_is_a_poisson_distribution():
    assert np.array_equal(negative_binomial(drawn(1000), drawn(1000, 1), 2.0, 0.0), poisson(drawn(1000, 1), 2.0))


@pytest.mark.parametrize(
    "draw",
    [
        lambda words: poisson(words, -1.0),
        lambda words: poisson(words, np.full(len(words), np.nan)),
        lambda words: geometric(words, 0.5, 1),
        lambda words: geometric(words, np.inf),
        lambda words: negative_binomial(words, words, 1.0, -0.5),
        lambda words: uniform_below(words, 0),
        lambda words: Zipf.of(0, 1.0),
        lambda words: Zipf.of(10, -1.0),
        lambda words: Zipf.of(10, 1.0, -1.0),
        lambda words: Permutation.of(STREAM, 0),
    ],
)
def test_parameters_outside_the_distribution_are_refused(draw):
    with pytest.raises(ValueError, match=r"must|needs"):
        draw(drawn(10))


# --- popularity
# ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("n", [1, 5, 4096, 4097, 10_000, 1_000_000])
@pytest.mark.parametrize("exponent, shift", [(1.1, 0), (1.0, 2.7), (0.5, 0), (2.0, -0.5), (0.0, 0)])
def test_ranks_are_as_popular_as_the_distribution_says(n, exponent, shift):
    """At every rank the share at or below it differs by no more than the grid is coarse."""
    ranks = Zipf.of(n, exponent, shift).ranks(GRID)
    exact = np.cumsum((np.arange(1, n + 1) + shift) ** -exponent)
    share = np.cumsum(np.bincount(ranks, minlength=n)) / len(GRID)
    assert np.abs(share - exact / exact[-1]).max() < 1e-6
    assert (np.diff(ranks) >= 0).all()


def test_far_ranks_have_masses_right_to_1e_3():
    distribution = Zipf.of(10**10, 0.9)
    ends = np.array([5e3, 1e5, 1e7, 1e9, 1e10])
    masses = [((b + 0.5) ** 0.1 - (a + 0.5) ** 0.1) / 0.1 for a, b in pairwise(ends)]
    counts = np.histogram(distribution.ranks(GRID) + 1, ends + 0.5)[0]
    assert np.allclose(counts[1:] / counts[0], np.array(masses[1:]) / masses[0], rtol=1e-3)


def test_ten_billion_items_are_all_within_reach():
    ranks = Zipf.of(10**10, 0.5).ranks(np.array([0, TOP], np.uint64))
    assert ranks.tolist() == [0, 10**10 - 1]


# --- integers
# ------------------------------------------------------------------------------------------------------------


@given(st.lists(st.tuples(st.integers(0, TOP), st.integers(1, 2**63 - 1)), min_size=1, max_size=50))
@settings(deadline=None)
def test_integers_below_a_bound_are_the_exact_high_product(pairs):
    words, bounds = (
        np.array(part, kind) for part, kind in zip(zip(*pairs, strict=True), (np.uint64, np.int64), strict=True)
    )
    expected = [word * bound >> 64 for word, bound in pairs]
    assert uniform_below(words, bounds).tolist() == expected
    assert uniform_below(words, int(bounds[0])).tolist() == [word * pairs[0][1] >> 64 for word, _ in pairs]


@given(st.integers(1, 5000), st.integers(0, 100))
@settings(max_examples=50, deadline=None)
def test_a_permutation_sends_every_integer_to_a_place_of_its_own(n, lane):
    placed = Permutation.of(STREAM.substream(lane), n)(np.arange(n))
    assert np.array_equal(np.sort(placed), np.arange(n))


@pytest.mark.parametrize("n", [10**6, 2**40 + 1, 2**62])
def test_a_permutation_scatters(n):
    ranks = np.arange(100_000)
    placed = Permutation.of(STREAM, n)(ranks)
    assert len(np.unique(placed)) == len(ranks)
    assert placed.min() >= 0 and placed.max() < n
    assert abs(np.corrcoef(ranks, placed)[0, 1]) < 0.02
    assert stats.kstest(placed / n, "uniform").statistic < 0.01
    assert stats.kstest(placed[:200] / n, "uniform").pvalue > 1e-4
    assert not np.array_equal(placed, Permutation.of(STREAM.substream(1), n)(ranks))


def test_laws_survive_pickling():
    words = drawn(1000)
    for distribution, draw in (
        (Categories.of([1, 2, 3]), "codes"),
        (Categories.of([1] * 30), "codes"),
        (Zipf.of(10**6, 1.1), "ranks"),
        (ThresholdTable.of_masses(np.array([0.5, 0.25, 0.25])), "at"),
    ):
        assert np.array_equal(
            getattr(pickle.loads(pickle.dumps(distribution)), draw)(words), getattr(distribution, draw)(words)
        )
    shuffle = Permutation.of(STREAM, 1000)
    assert np.array_equal(pickle.loads(pickle.dumps(shuffle))(np.arange(1000)), shuffle(np.arange(1000)))
