import numpy as np
import pytest

from tests.kinds.interarrival.distributions import assert_every_promise
from tests.kinds.interarrival.parents import by_parent, exposed, process


def test_random_gaps_keep_every_promise():
    assert_every_promise({"type": "poisson"})


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_random_gaps_vary_as_much_as_they_last(seed):
    distribution = process({"type": "poisson"}, seed=seed)
    gaps = np.concatenate(
        [np.diff(times) for times in by_parent(distribution.events(exposed(distribution, 100, 0.05)))]
    )
    assert gaps.std() / gaps.mean() == pytest.approx(1, abs=0.02)
