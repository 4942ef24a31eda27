import numpy as np
import pytest

from tests.kinds.lifetimes.lives import distance, months


@pytest.mark.parametrize("said", [{"mean": 10}, {"hazard": 0.1}, {"half_life": 10 * np.log(2)}])
def test_lives_are_exponential_however_they_are_said(said):
    lives = months({"type": "exponential", **said})
    assert distance(lives, lambda t: np.exp(-t / 10)) < 0.006
