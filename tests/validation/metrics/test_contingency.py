"""Two-way tables: independence is not called dependence, and a cell that is off is named."""

from __future__ import annotations

import numpy as np
import pytest

from datagen.validation.metrics.contingency import chi_square_z, counted, departure, pair_sums


@pytest.mark.parametrize("shape", [(2, 2), (3, 64), (8, 72), (24, 8)])
@pytest.mark.parametrize("rows", [200, 5_000, 80_000])
def test_independent_codes_are_called_so_at_20_seeds(shape, rows):
    for seed in range(20):
        r = np.random.default_rng(seed)
        skewed = np.minimum(r.geometric(0.4, rows) - 1, shape[0] - 1)
        found = departure(counted(skewed, r.integers(0, shape[1], rows), shape), ordered=True)
        assert not found.found, (seed, found)


def test_a_cell_that_is_off_is_named_in_its_own_place():
    r = np.random.default_rng(3)
    one, two = r.integers(1, 4, 20_000), r.integers(2, 9, 20_000)
    one = np.where((two == 5) & (r.random(20_000) < 0.3), 2, one)
    found = departure(counted(one, two, (6, 12)))
    assert found.whole and found.local
    assert found.cell == (2, 5)
    assert found.ratio > 1.2


def test_a_mean_that_is_off_is_named_where_no_cell_is():
    counts = np.full((8, 40), 500.0)
    counts[:, 7] *= 1 + 0.18 * (np.arange(8) - 3.5) / 3.5
    found = departure(counts, ordered=True)
    assert found.shifted and not found.whole and not found.local
    assert found.level[:2] == (7, pytest.approx(0.033, abs=0.002))
    assert not departure(counts).found


def test_pairs_with_a_negative_code_are_left_out():
    table = counted(np.array([0, -1, 1]), np.array([1, 1, -1]), (2, 2))
    assert table.tolist() == [[0.0, 1.0], [0.0, 0.0]]
    assert not departure(table).whole


def test_a_chi_square_of_its_mean_is_no_accident():
    assert abs(chi_square_z(50.0, 50.0)) < 0.2
    assert chi_square_z(200.0, 50.0) > 8
    assert chi_square_z(3.0, 0.0) == 0


@pytest.mark.parametrize("rare", [0.0, 1.0, 2.0])
def test_a_code_that_almost_no_row_has_is_no_dependence(rare):
    found = departure(np.array([[rare, 0.0, 0.0], [20_000.0, 30_000.0, 25_000.0]]))
    assert abs(found.z) < 3 and not found.whole and not found.local


def test_sums_over_entities_leave_out_those_without_cells():
    sums = pair_sums(np.array([2.0, 0.0, 3.0]), np.array([1.0, 0.0, -1.0]))
    assert sums.tolist() == [5.0, 13.0, 35.0, 2.0, -1.0, 2.0]
