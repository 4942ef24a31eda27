import pytest
from datagen.kinds.behaviors.support.apc_identification import slope


def test_the_slope_is_that_of_the_logarithm():
    assert slope([1.0, 1.1, 1.21, 1.331]) == pytest.approx(0.0953, abs=1e-4)
    assert slope([1.2, 0.9, 1.2]) == pytest.approx(0, abs=1e-12)


def test_zeros_and_single_multipliers_have_none():
    assert slope([0.0, 1.0]) == 0 and slope([2.0]) == 0
