"""Correlated streams: uniform each, correlated as declared, with the same bits in any pieces and in bounded memory."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
from scipy import stats

from datagen.random.gaussian_copula import NotPositiveDefinite, cholesky, correlated, rho_of_tau, words_of
from datagen.random.math.normal import normal_ppf
from datagen.random.streams import Stream, root_identities

IDS = root_identities(np.arange(100_000))
OWN = [Stream.named(5, name) for name in "abc"]
MATRIX = [[1.0, 0.7, -0.4], [0.7, 1.0, 0.0], [-0.4, 0.0, 1.0]]


def test_the_factor_times_its_transpose_is_the_matrix() -> None:
    factor = np.zeros((3, 3))
    for k, row in enumerate(cholesky(MATRIX)):
        factor[k, : k + 1] = row
    assert np.allclose(factor @ factor.T, MATRIX, atol=1e-15)


def test_the_first_entry_that_cannot_be_is_named_with_the_range_that_can() -> None:
    with pytest.raises(NotPositiveDefinite) as caught:
        cholesky([[1.0, 0.9, -0.5], [0.9, 1.0, 0.5], [-0.5, 0.5, 1.0]])
    error = caught.value
    assert (error.row, error.column) == (2, 1)
    for rho in (error.low + 1e-6, error.high - 1e-6):
        assert cholesky([[1.0, 0.9, -0.5], [0.9, 1.0, rho], [-0.5, rho, 1.0]])
    for rho in (error.low - 1e-6, error.high + 1e-6):
        with pytest.raises(NotPositiveDefinite):
            cholesky([[1.0, 0.9, -0.5], [0.9, 1.0, rho], [-0.5, rho, 1.0]])


def test_streams_are_uniform_and_correlated_as_the_matrix_says() -> None:
    streams = correlated(OWN, cholesky(MATRIX))
    uniforms = np.array([stream.uniforms(IDS) for stream in streams])
    for one in uniforms:
        assert stats.kstest(one, "uniform").statistic < 1.63 / np.sqrt(len(IDS))
    assert np.allclose(np.corrcoef(stats.norm.ppf(uniforms)), MATRIX, atol=0.01)


def test_a_stream_that_no_earlier_one_acts_on_stays_as_it_is() -> None:
    streams = correlated(OWN, cholesky([[1.0, 0.0, 0.6], [0.0, 1.0, 0.0], [0.6, 0.0, 1.0]]))
    assert streams[:2] == tuple(OWN[:2])
    assert streams[2].substream(1) == OWN[2].substream(1)


def test_any_pieces_have_the_same_words_and_words_agree_with_uniforms() -> None:
    stream = correlated(OWN, cholesky(MATRIX))[1]
    whole = stream.words(IDS)
    assert np.array_equal(np.concatenate([stream.words(IDS[:777]), stream.words(IDS[777:])]), whole)
    assert np.array_equal(stream.uniforms(IDS), (whole >> np.uint64(11)).astype(np.float64) * 2.0**-53)
    again = IDS.copy()
    assert stream.words(again, again) is again and np.array_equal(again, whole)


def test_words_are_those_whose_quantiles_the_scores_are_far_into_both_tails() -> None:
    scores = np.linspace(-8.0, 8.0, 2001)
    words = words_of(scores)
    assert (words[1:] >= words[:-1]).all()
    lower = words[scores < 0].astype(np.float64) * 2.0**-64
    upper = (~words[scores >= 0]).astype(np.float64) * 2.0**-64
    assert np.allclose(normal_ppf(lower), scores[scores < 0], atol=1e-4)
    assert np.allclose(normal_ppf(upper, True), scores[scores >= 0], atol=1e-4)


def test_memory_is_that_of_a_chunk_whatever_the_number_of_rows() -> None:
    stream, out = correlated(OWN, cholesky(MATRIX))[1], np.empty(2_000_000, np.uint64)
    ids = np.arange(len(out), dtype=np.uint64)
    stream.words(ids[:10])
    tracemalloc.start()
    stream.words(ids, out)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 5_000_000


def test_tau_is_turned_into_rho() -> None:
    assert rho_of_tau(0.5) == pytest.approx(np.sin(np.pi / 4), abs=1e-15)
    assert rho_of_tau(-1 / 3) == pytest.approx(-0.5, abs=1e-15)
