"""Evenly spread words tabulate the law that the same code would draw from."""

from __future__ import annotations

import numpy as np
import pytest

from datagen.random import distributions
from datagen.random.stratified_stream import StratifiedStream, golden_ratio_sequence

IDS = np.arange(4096, dtype=np.uint64)


def test_uniforms_are_the_middles_of_equal_parts():
    assert np.array_equal(StratifiedStream(4096).uniforms(IDS), (np.arange(4096) + 0.5) / 4096)


def test_words_and_uniforms_agree():
    even = StratifiedStream(4096)
    assert np.allclose(even.words(IDS) / 2.0**64, even.uniforms(IDS), atol=1e-12)
    out = np.empty(4096, np.uint64)
    assert even.words(IDS, out) is out


def test_a_distribution_at_even_words_gives_its_quantiles():
    values = distributions.exponential(2.0).at(StratifiedStream(4096).words(IDS))
    assert np.allclose(values, -2.0 * np.log1p(-StratifiedStream(4096).uniforms(IDS)), rtol=2e-3)


def test_further_substreams_are_independent():
    uniforms = StratifiedStream(4096).substream(1).uniforms(IDS)
    assert abs(np.corrcoef(uniforms, np.arange(4096))[0, 1]) < 0.05


@pytest.mark.parametrize("share", [0.01, 0.2, 0.5, 0.93])
def test_every_stretch_of_scattered_numbers_has_its_share(share):
    chosen = golden_ratio_sequence(8192) < share
    for start in range(0, 8192, 1024):
        assert abs(np.count_nonzero(chosen[start : start + 1024]) / 1024 - share) < 0.005
