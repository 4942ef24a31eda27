"""What five documents plant is found by statsmodels, lifelines and scipy, with the errors that the size of the data
gives.
"""

from __future__ import annotations

import warnings
from collections import defaultdict
from collections.abc import Iterable

import numpy as np
import pytest

from tests.recovery.estimators import Found
from tests.recovery.five_domains import DOMAINS, document
from tests.recovery.worlds import frames

FAR = 4.0
MANY = range(1, 31)
SPREAD = 0.85, 1.15
CENTRE = 0.2
"""How far from 0 the mean z of a kind may lie."""


def estimates(domain: str, seeds: Iterable[int]) -> Found:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of optimizers about the way, not about the result
        return [one for seed in seeds for one in DOMAINS[domain](frames(document(domain), seed))]


@pytest.mark.parametrize("domain", DOMAINS)
def test_what_is_planted_is_found(domain: str) -> None:
    far = [one for one in estimates(domain, [1]) if not abs(one.z) < FAR]
    assert not far


@pytest.mark.slow
def test_z_of_every_kind_is_standard_normal_over_30_seeds() -> None:
    found = [one for domain in DOMAINS for one in estimates(domain, MANY)]
    kinds: dict[str, list[float]] = defaultdict(list)
    for one in found:
        kinds[one.kind].append(one.z)
    for kind, z in sorted(kinds.items()):
        print(f"{kind:25} {np.mean(z):+.2f} {np.std(z):.2f} {np.abs(z).max():.1f} {len(z)}")
    assert len(kinds) > 20
    assert min(map(len, kinds.values())) >= 2 * len(MANY), "each kind has enough z for a standard deviation"
    for kind, z in kinds.items():
        assert abs(np.mean(z)) < CENTRE, kind
        assert SPREAD[0] < np.std(z) < SPREAD[1], kind
        assert np.abs(z).max() < FAR, kind
