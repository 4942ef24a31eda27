import numpy as np
import pytest
from scipy import stats

import datagen
from datagen.analysis.analyze import check
from datagen.kinds.interarrival.support.examples import visiting
from datagen.schema.reading.read import read
from tests.kinds.interarrival.distributions import assert_every_promise, busy_nights
from tests.kinds.interarrival.parents import YEAR, by_parent, exposed, process


@pytest.mark.parametrize("shape", [0.3, 4, 50])
def test_gamma_gaps_keep_every_promise(shape):
    assert_every_promise({"type": "gamma", "shape": shape})


@pytest.mark.parametrize("shape", [0.25, 0.7, 4, 100])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_gaps_vary_as_declared(shape, seed):
    distribution = process({"type": "gamma", "shape": shape}, 5 * YEAR, seed=seed)
    gaps = np.concatenate([np.diff(times) for times in by_parent(distribution.events(exposed(distribution, 60, 0.05)))])
    assert gaps.mean() == pytest.approx(20, rel=0.03)
    assert gaps.std() / gaps.mean() == pytest.approx(1 / np.sqrt(shape), rel=0.03)
    assert stats.kstest(gaps[:5000] / 20, stats.gamma(shape, scale=1 / shape).cdf).statistic < 0.025


def test_gaps_vary_as_declared_on_a_calendar_once_time_is_rescaled():
    weights = busy_nights(5 * YEAR)
    distribution = process({"type": "gamma", "shape": 4}, 5 * YEAR, weights)
    events = distribution.events(exposed(distribution, 60, 0.05))
    clock = np.split(distribution.clock.at(events.times), np.cumsum(events.counts)[:-1])
    gaps = np.concatenate([np.diff(times) for times in clock])
    assert gaps.std() / gaps.mean() == pytest.approx(0.5, rel=0.03)


def test_the_first_event_comes_after_what_is_left_of_a_gap():
    """Residual life: mean (1 + 1 / shape) / 2 gaps."""
    distribution = process({"type": "gamma", "shape": 4}, 3 * YEAR)
    first = np.array([times[0] for times in by_parent(distribution.events(exposed(distribution, 5000, 0.01)))])
    assert first.mean() / 100 == pytest.approx(0.625, abs=0.03)


def test_gaps_that_are_random_anyway_are_reported():
    (problem,) = check(read(visiting({"type": "gamma", "shape": 1})))
    assert problem.code == "no-effect" and problem.keys[-2:] == ("gaps", "shape")


@pytest.mark.parametrize(
    "shape, expected", [(0.3, "pass"), (0.95, "fail"), (4, None)], ids=["in clusters", "almost random", "regular"]
)
@pytest.mark.parametrize("seed", [1, 2])
def test_equal_parents_are_a_sign_unless_gaps_are_regular(shape, expected, seed, tmp_path):
    """Gaps that vary more than random ones only add to the variance of numbers, so too small a variance is a sign."""
    document = visiting({"type": "gamma", "shape": shape})
    table, visits = next((name, one) for name, one in document["tables"].items() if "parent" in one)
    document["tables"][visits["parent"]].update(rows=800, behaviors=[])
    document |= {"seed": seed}
    datagen.generate(document, tmp_path)
    signs = {f.measure: f.verdict for f in datagen.validate(document, tmp_path).findings if f.table == table}
    assert signs.get("UnequalParents") == expected
