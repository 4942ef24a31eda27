import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datagen.random.streams import CHUNK, Stream, child_identities, in_chunks, mix, repeat_child_identities

STREAM = Stream.named(42, "orders", "amount")


def ids(n: int, first: int = 0) -> np.ndarray:
    return np.arange(first, first + n, dtype=np.uint64)


def bits_set(words: np.ndarray) -> np.ndarray:
    return np.unpackbits(words.view(np.uint8)).reshape(len(words), 64)


@given(st.integers(1, 3 * CHUNK), st.data())
@settings(max_examples=25, deadline=None)
def test_any_slice_equals_the_same_rows_of_the_whole(n, data):
    start = data.draw(st.integers(0, n - 1))
    stop = data.draw(st.integers(start, n))
    assert np.array_equal(STREAM.words(ids(n))[start:stop], STREAM.words(ids(stop - start, start)))
    assert np.array_equal(STREAM.uniforms(ids(n))[start:stop], STREAM.uniforms(ids(stop - start, start)))


def test_uniforms_are_the_top_53_bits_of_the_words():
    rows = ids(40_000)
    expected = (STREAM.words(rows) >> np.uint64(11)) * 2.0**-53
    assert np.array_equal(STREAM.uniforms(rows), expected)
    assert expected.min() >= 0 and expected.max() < 1


def test_results_can_be_written_in_place():
    rows = ids(50_000)
    expected = STREAM.words(rows)
    out = np.empty(len(rows))
    assert STREAM.words(rows, rows) is rows
    assert np.array_equal(rows, expected)
    assert STREAM.uniforms(ids(50_000), out) is out


def test_any_integer_is_a_seed_and_each_is_another():
    seeds = (0, -1, 1, 2**64, -(2**64), 10**5000)
    assert len({Stream.named(seed, "t") for seed in seeds}) == len(seeds)
    assert Stream.named(10**5000, "t") == Stream.named(10**5000, "t")


def test_names_are_distinguished_by_their_boundaries():
    streams = {
        Stream.named(1, *names) for names in ((), ("",), ("", ""), ("ab",), ("a", "b"), ("a", "b", ""), ("b", "a"))
    }
    assert len(streams) == 7
    assert Stream.named(1, "\ud800") != Stream.named(1, "?")


def test_substreams_are_other_streams():
    lanes = [STREAM, *(STREAM.substream(number) for number in range(50))]
    assert len(set(lanes)) == 51
    assert STREAM.substream(3) == STREAM.substream(3)


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(lambda rows: Stream.named(43, "orders", "amount").words(rows), id="seed"),
        pytest.param(lambda rows: STREAM.substream(1).words(rows), id="lane"),
        pytest.param(lambda rows: STREAM.words(rows + np.uint64(1)), id="next row"),
        pytest.param(lambda rows: STREAM.words(rows << np.uint64(32)), id="high bits"),
        pytest.param(lambda rows: child_identities(rows, np.zeros(len(rows), np.int64)), id="child"),
    ],
)
def test_half_of_all_bits_differ_from_any_other_stream(other):
    """Every single bit: 200,000 rows give a standard error of 0.0011."""
    rows = ids(200_000)
    share = bits_set(STREAM.words(rows) ^ other(rows)).mean(axis=0)
    assert np.abs(share - 0.5).max() < 0.006


def test_words_of_neighbouring_rows_are_not_correlated():
    u = STREAM.uniforms(ids(500_000))
    for lag in (1, 2, 3, 64, 1024):
        assert abs(np.corrcoef(u[:-lag], u[lag:])[0, 1]) < 0.006
    cells = np.bincount((u[:-1] * 64).astype(int) * 64 + (u[1:] * 64).astype(int), minlength=4096)
    chi_square = ((cells - cells.mean()) ** 2 / cells.mean()).sum()
    assert abs(chi_square - 4095) < 5 * (2 * 4095) ** 0.5


def test_children_have_identities_of_their_own():
    parents = np.repeat(ids(20_000), 50)
    ordinals = np.tile(np.arange(50), 20_000)
    children = child_identities(parents, ordinals)
    assert len(np.unique(children)) == 1_000_000
    assert not np.isin(children, parents).any()
    assert np.array_equal(child_identities(parents[77_777:], ordinals[77_777:]), children[77_777:])


def test_mix_is_a_keyed_bijection():
    words = ids(100_000)
    assert len(np.unique(mix(words))) == len(words)
    assert not np.isin(mix(words), mix(words, key=1)).any()


def test_no_rows_no_words():
    assert len(STREAM.words(ids(0))) == len(STREAM.uniforms(ids(0))) == len(child_identities(ids(0), np.arange(0))) == 0


@pytest.mark.parametrize("n", [0, 1, 9, 10, 11, 100])
def test_chunks_cover_a_range_in_order(n):
    assert [i for chunk in in_chunks(n, 10) for i in range(chunk.start, chunk.stop)] == list(range(n))


def test_offspring_are_the_identities_of_children_numbered_below_each_parent() -> None:
    parents, counts = ids(30_000), np.arange(30_000) % 4
    ordinals = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    assert np.array_equal(
        repeat_child_identities(parents, counts), child_identities(np.repeat(parents, counts), ordinals)
    )
    assert len(repeat_child_identities(ids(0), np.zeros(0, np.int64))) == 0
