"""What is looked at of a large table is a fair share of every slice, however small the slices and the share."""

from __future__ import annotations

import numpy as np

from datagen.random.streams import root_identities
from datagen.validation.metrics.row_sampling import row_uniforms, sample_rows


def test_a_share_below_one_row_a_slice_still_finds_rows_in_some_slices() -> None:
    found = [sample_rows(root_identities(np.arange(100) + (number << 40)), 1e-3) for number in range(5000)]
    sizes = np.array([len(at) for at in found if at is not None])
    assert len(sizes) == 5000
    assert abs(sizes.sum() - 500) < 5 * 500**0.5
    assert sizes.max() < 5


def test_a_share_of_a_share_is_one_of_its_own() -> None:
    ids = root_identities(np.arange(100_000))
    first = sample_rows(ids, 0.1)
    assert first is not None
    second = sample_rows(ids[first], 0.1, "closely")
    assert second is not None and abs(len(second) - 1000) < 150
    again = sample_rows(ids[first], 0.1)
    assert again is not None and len(again) == len(first)  # the same purpose chooses the same rows


def test_all_rows_need_no_choice() -> None:
    assert sample_rows(root_identities(np.arange(5)), 1.0) is None


def test_row_uniforms_are_uniform() -> None:
    drawn = np.sort(row_uniforms(root_identities(np.arange(20_000)), "x"))
    assert np.abs(drawn - (np.arange(20_000) + 0.5) / 20_000).max() < 0.015
