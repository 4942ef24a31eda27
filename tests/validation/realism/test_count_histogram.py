"""Children dealt out by lot are told from real ones; shapes merge exactly."""

import numpy as np
import pytest

from datagen.validation.realism.base import RealismTest
from datagen.validation.realism.count_histogram import (
    MOST_BARS,
    chart,
    childless_parents,
    concentrated,
    shape_of,
    unequal,
    whales,
)

SIGN = RealismTest("UnequalParents", "orders")


def by_lot(parents=20_000, mean=10):
    return np.random.default_rng(1).poisson(mean, parents)


def real(parents=20_000, mean=10):
    r = np.random.default_rng(2)
    return r.poisson(r.gamma(0.7, mean / 0.7, parents))


@pytest.mark.parametrize("judge", [unequal, concentrated, whales])
def test_children_at_random_look_made_up_and_real_ones_do_not(judge):
    assert judge(SIGN, shape_of(by_lot())).verdict == "fail"
    assert judge(SIGN, shape_of(real())).verdict == "pass"


def test_nobody_idle_is_a_sign_only_where_somebody_should_be():
    assert childless_parents(SIGN, shape_of(np.full(500, 7))).verdict == "fail"
    assert childless_parents(SIGN, shape_of(real())).verdict == "pass"
    assert childless_parents(SIGN, shape_of(np.full(500, 40))).verdict == "not applicable"


def test_few_parents_are_inconclusive():
    found = unequal(SIGN, shape_of(by_lot(10)))
    assert (found.verdict, found.score, found.weight) == ("not applicable", None, 0.0)


def test_parts_come_to_the_whole():
    whole = real()
    merged = shape_of(whole[:700]).merged(shape_of(whole[700:]))
    assert np.array_equal(merged.children, shape_of(whole).children)
    assert np.array_equal(merged.parents, shape_of(whole).parents)


def test_the_top_fifth_is_counted_exactly():
    counts = np.array([0, 0, 0, 0, 0, 0, 1, 1, 4, 4])
    assert shape_of(counts).share_of_top(0.2) == pytest.approx(0.8)
    assert shape_of(counts).index_of_dispersion == pytest.approx(counts.var(ddof=1) / counts.mean())


def test_very_many_children_are_rounded_to_three_digits():
    assert shape_of(np.array([1_234_567, 3])).children.tolist() == [3, 1_230_000]


def test_a_chart_of_many_children_shows_their_distribution_and_not_one_open_bar():
    drawn = chart(shape_of(real(mean=120)), SIGN)
    assert len(drawn["k"]) <= MOST_BARS and drawn["k"][1] == 20
    assert drawn["x"] == "children per parent, in steps of 20"
    assert drawn["found"][-1] < 0.02 and sum(drawn["found"]) == pytest.approx(1)
    assert len(chart(shape_of(np.full(20, 5_000)), SIGN)["k"]) <= MOST_BARS


def test_a_chart_of_few_children_has_a_bar_for_each_number():
    drawn = chart(
        shape_of(np.array([0, 0, 1, 3])),
        RealismTest("UnequalReferences", "orders", "shop_id", "orders per row of shops"),
    )
    assert (drawn["k"], drawn["found"], drawn["open"]) == ([0, 1, 2, 3], [0.5, 0.25, 0.0, 0.25], False)
    assert (drawn["title"], drawn["x"]) == ("orders per row of shops", "children per parent")
