import numpy as np
import pytest
from scipy.optimize import minimize

from datagen.analysis.analyze import check
from datagen.kinds.interarrival.support.examples import visiting
from datagen.schema.reading.read import read
from tests.kinds.interarrival.distributions import assert_every_promise
from tests.kinds.interarrival.parents import YEAR, by_parent, exposed, process


@pytest.mark.parametrize("branching, decay", [(0.5, "6h"), (0.9, "2d")])
def test_excited_events_keep_every_promise(branching, decay):
    assert_every_promise({"type": "hawkes", "branching": branching, "decay": decay})


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("branching", [0.3, 0.6, 0.8])
def test_counts_over_long_stretches_vary_as_branching_says(seed, branching):
    distribution = process({"type": "hawkes", "branching": branching, "decay": "1h"}, seed=seed)
    counts = distribution.counts(exposed(distribution, 5000, 0.05))
    assert counts.mean() == pytest.approx(0.05 * YEAR, rel=0.01)
    assert counts.var() / counts.mean() == pytest.approx(1 / (1 - branching) ** 2, rel=0.1)


def minus_log_likelihood(parameters, times, end):
    """Ozaki (1979), with the recursion for exponential kernels."""
    base, branching, decay = np.exp(parameters)
    if branching >= 1:
        return 1e12
    excited, total = 0.0, -base * end - branching * (1 - np.exp(-(end - times) / decay)).sum()
    for i, gap in enumerate(np.diff(times, prepend=0.0)):
        excited = (excited + 1.0) * np.exp(-gap / decay) if i else 0.0
        total += np.log(base + branching / decay * excited)
    return -total


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_branching_and_decay_are_recovered_by_maximum_likelihood(seed):
    """Four standard errors: about 8 % each at 2,000 events."""
    distribution = process({"type": "hawkes", "branching": 0.6, "decay": "3h"}, seed=seed)
    (times,) = by_parent(distribution.events(exposed(distribution, 1, 0.25)))
    start = np.log([0.2, 0.3, 1.0])
    fit = np.exp(minimize(minus_log_likelihood, start, args=(times, YEAR), method="Nelder-Mead").x)
    assert fit[1] == pytest.approx(0.6, abs=0.6 * 0.32)
    assert fit[2] == pytest.approx(3.0, rel=0.5)
    assert fit[0] == pytest.approx(0.1, rel=0.3)


def test_events_without_offspring_and_offspring_without_delay_are_reported():
    for wrong, field in (({"branching": 0, "decay": "1h"}, "branching"), ({"branching": 0.5, "decay": "0h"}, "decay")):
        (problem,) = check(read(visiting({"type": "hawkes", **wrong})))
        assert problem.keys[-2:] == ("gaps", field)


def test_a_decay_of_a_hundred_windows_is_a_problem():
    document = visiting({"type": "hawkes", "branching": 0.5, "decay": "9000y"})
    (problem,) = check(read(document))
    assert problem.keys[-2:] == ("gaps", "decay")
    assert "100 windows" in problem.message
