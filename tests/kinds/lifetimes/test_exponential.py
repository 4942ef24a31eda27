import numpy as np
import pytest

from tests.kinds.lifetimes.lives import distance, months


@pytest.mark.parametrize("message", [{"mean": 10}, {"hazard": 0.1}, {"half_life": 10 * np.log(2)}])
def test_lives_are_exponential_in_every_spelling(message):
    lives = months({"type": "exponential", **message})
    assert distance(lives, lambda t: np.exp(-t / 10)) < 0.006
