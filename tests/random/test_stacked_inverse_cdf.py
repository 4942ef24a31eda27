import numpy as np

from datagen.random import distributions
from datagen.random.stacked_inverse_cdf import StackedInverseCdf
from datagen.random.streams import Stream

LAWS = [distributions.lognormal(12.0, 0.3), distributions.normal(5.0, 2.0), distributions.pareto(1.0, 1.5)]
STREAM = Stream.named(7, "t", "c")


def test_each_row_gets_what_its_own_law_gives_it_bit_for_bit() -> None:
    ids = np.arange(60_000, dtype=np.uint64)
    which = (ids % np.uint64(3)).astype(np.int16)
    found = StackedInverseCdf.of(LAWS).sample(STREAM, ids, which)
    for i, law in enumerate(LAWS):
        assert np.array_equal(found[which == i], law.sample(STREAM, ids)[which == i])


def test_no_rows_are_no_values() -> None:
    assert len(StackedInverseCdf.of(LAWS).sample(STREAM, np.empty(0, np.uint64), np.empty(0, np.int16))) == 0
