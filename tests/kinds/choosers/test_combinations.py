"""Every domain with every law, with and without replacement: what is chosen follows the law, and the law alone."""

from __future__ import annotations

from itertools import permutations, product

import numpy as np
import pytest
from scipy import stats

from datagen.kinds.choosers.support.distributions import (
    GroupedDistribution,
    PopularityDistribution,
    Ranks,
    Span,
    Sums,
    UniformDistribution,
)
from datagen.kinds.choosers.support.exponential_race import first_of
from datagen.kinds.choosers.support.successive_sampling import AttemptDraws, with_replacement, without_replacement
from datagen.kinds.choosers.uniform import Uniform
from datagen.kinds.choosers.zipf import Zipf
from datagen.random.streams import Stream, root_identities

DISTRIBUTIONS = {"uniform": Uniform(), "zipf": Zipf(exponent=1.0), "steep": Zipf(exponent=3.0, order="key")}


def attempts(n: int, seed: int = 1) -> AttemptDraws:
    return AttemptDraws(
        root_identities(np.arange(n)), *(Stream.named(seed, name) for name in ("pick", "retry", "keep", "race"))
    )


def distribution_of(chooser, span: Span, size: int, whole: bool):
    ranks = Ranks.of(chooser, Stream.named(1, "order"), size)
    if chooser.uniform:
        return UniformDistribution(span), ranks
    return PopularityDistribution(span, ranks, None if whole else Sums.of(size, ranks.weights)), ranks


def successive(weights: np.ndarray, draws: int) -> dict[tuple[int, ...], float]:
    """The probability of every ordered choice without replacement."""
    out = {}
    for one in permutations(range(len(weights)), draws):
        left, chance = weights.sum(), 1.0
        for member in one:
            chance *= weights[member] / left
            left -= weights[member]
        out[one] = chance
    return out


def assert_shares(found: np.ndarray, chances: dict[tuple[int, ...], float]) -> None:
    """Counts of ordered choices against their probabilities: chi-square below its quantile of 1 - 1e-5."""
    code = {one: i for i, one in enumerate(chances)}
    counts = np.bincount([code[tuple(one)] for one in found.tolist()], minlength=len(code))
    expected = np.array(list(chances.values())) * len(found)
    rare = expected < 5
    seen, required = np.append(counts[~rare], counts[rare].sum()), np.append(expected[~rare], expected[rare].sum())
    seen, required = seen[required > 0], required[required > 0]
    assert ((seen - required) ** 2 / required).sum() <= stats.chi2.ppf(1 - 1e-5, max(len(seen) - 1, 1))


@pytest.mark.parametrize("distribution, whole", list(product(DISTRIBUTIONS, [True, False])))
def test_with_replacement_shares_are_the_distributions_among_those_that_can_be_chosen(
    distribution: str, whole: bool
) -> None:
    n, size = 40_000, 12
    count = np.full(n, size) if whole else np.arange(n) % size + 1
    made, ranks = distribution_of(DISTRIBUTIONS[distribution], Span(np.zeros(n, np.int64), count, whole), size, whole)
    found = with_replacement(made, attempts(n), np.arange(n))
    assert made.nested
    weights = ranks.weights(np.arange(size))
    for limit in np.unique(count):
        own = found[count == limit]
        assert own.max() < limit
        assert_shares(own[:, np.newaxis], {(i,): w / weights[:limit].sum() for i, w in enumerate(weights[:limit])})


@pytest.mark.parametrize("distribution, draws", list(product(DISTRIBUTIONS, [1, 2, 4, 5])))
def test_without_replacement_is_successive_sampling(distribution: str, draws: int) -> None:
    """Up to the whole domain: every order has the probability that drawing one after the other gives it."""
    parents, size = 20_000, 5
    n = parents * draws
    made, ranks = distribution_of(
        DISTRIBUTIONS[distribution], Span(np.zeros(n, np.int64), np.full(n, size), True), size, True
    )
    owner = np.repeat(np.arange(parents), draws)
    found = without_replacement(made, attempts(n), np.arange(n), (owner, root_identities(np.arange(parents) + n)))
    assert_shares(found.reshape(parents, draws), successive(ranks.weights(np.arange(size)), draws))


@pytest.mark.parametrize("distribution", DISTRIBUTIONS)
def test_without_replacement_from_domains_that_grow(distribution: str) -> None:
    """The second row of a parent may choose among more than the first; each follows the weights of
    what is left then.
    """
    parents, size = 20_000, 5
    count = np.tile([2, 4, 5], parents)
    made, ranks = distribution_of(
        DISTRIBUTIONS[distribution], Span(np.zeros(3 * parents, np.int64), count, False), size, False
    )
    owner = np.repeat(np.arange(parents), 3)
    found = without_replacement(
        made, attempts(3 * parents), np.arange(3 * parents), (owner, root_identities(np.arange(parents)))
    )
    weights, chances = ranks.weights(np.arange(size)), {}
    for one in permutations(range(size), 3):
        chance, gone = 1.0, list[int]()
        for member, limit in zip(one, (2, 4, 5), strict=True):
            left = [i for i in range(limit) if i not in gone]
            chance *= weights[member] / weights[left].sum() if member in left else 0.0
            gone.append(member)
        chances[one] = chance
    assert_shares(found.reshape(parents, 3), chances)


@pytest.mark.parametrize("distribution, fixed", list(product(DISTRIBUTIONS, [True, False])))
def test_rows_beyond_the_domain_choose_nobody(distribution: str, fixed: bool) -> None:
    n, size = 3000, 7
    made, _ = distribution_of(
        DISTRIBUTIONS[distribution], Span(np.zeros(n, np.int64), np.full(n, size), fixed), size, fixed
    )
    owner = np.repeat(np.arange(3), 1000)
    found = without_replacement(made, attempts(n), np.arange(n), (owner, root_identities(np.arange(3)))).reshape(
        3, 1000
    )
    assert all(sorted(own[:size].tolist()) == list(range(size)) for own in found), "the first rows have all there are"
    assert (found[:, size:] == -1).all()


@pytest.mark.parametrize("distribution, fixed", list(product(DISTRIBUTIONS, [True, False])))
def test_more_rows_of_a_parent_change_none_of_the_earlier_ones(distribution: str, fixed: bool) -> None:
    size, chosen = 40, []
    for rows in (5, 25, 40):
        made, _ = distribution_of(
            DISTRIBUTIONS[distribution], Span(np.zeros(rows, np.int64), np.full(rows, size), fixed), size, fixed
        )
        chosen.append(
            without_replacement(
                made, attempts(rows), np.arange(rows), (np.zeros(rows, np.int64), root_identities(np.arange(1)))
            )
        )
    assert (chosen[1][:5] == chosen[0]).all()
    assert (chosen[2][:25] == chosen[1]).all()


@pytest.mark.parametrize("distribution", DISTRIBUTIONS)
def test_groups_are_chosen_by_their_own_ranks_among_those_that_are_there(distribution: str) -> None:
    """Two groups, of 3 and 6 members; of the second only the first 4 can be chosen."""
    n, chooser = 40_000, DISTRIBUTIONS[distribution]
    second = np.arange(n) % 2
    start, size = np.where(second, 3, 0), np.where(second, 6, 3)
    count = np.where(second, 4, 3)
    ranked = np.array([2, 0, 1, 8, 3, 7, 4, 6, 5])
    rank = np.empty(9, np.int64)
    rank[ranked] = [0, 1, 2, 0, 1, 2, 3, 4, 5]
    weights = chooser.weights(np.arange(1.0, 7.0))
    made = GroupedDistribution(
        Span(start, count, False), start, size, ranked, rank, np.concatenate(([0.0], np.cumsum(weights)))
    )
    found = with_replacement(made, attempts(n), np.arange(n))
    own = weights[rank]
    assert_shares(found[second == 0][:, np.newaxis], {(i,): own[i] / own[:3].sum() for i in range(3)})
    assert_shares(found[second == 1][:, np.newaxis], {(i,): own[i] / own[3:7].sum() for i in range(3, 7)})
    raced = first_of(made, np.arange(n), attempts(n).ids, Stream.named(2, "race"))
    assert_shares(raced[second == 1][:, np.newaxis], {(i,): own[i] / own[3:7].sum() for i in range(3, 7)})


def test_sums_with_steps_choose_what_full_sums_choose(monkeypatch: pytest.MonkeyPatch) -> None:
    ranks = Ranks.of(Zipf(exponent=0.7), Stream.named(1, "order"), 1000)
    words, limit = Stream.named(3, "w").words(root_identities(np.arange(5000))), np.arange(5000) % 1000 + 1
    full = Sums.of(1000, ranks.weights)
    assert full.step == 1
    coarse = Sums(1000, ranks.weights, 16)
    assert len(coarse.table) == 1000 // 16 + 1
    assert np.mean(coarse.draw(words, limit) == full.draw(words, limit)) > 0.999, "but for the last bits of sums"


def test_a_permutation_is_undone() -> None:
    ranks = Ranks.of(Zipf(exponent=1.0), Stream.named(1, "order"), 777)
    assert ranks.order is not None
    assert (ranks.order.inverse(ranks.order(np.arange(777))) == np.arange(777)).all()
