"""Ranges of keys that are missing are named; keys that are merely of another origin are nobody's fault."""

from __future__ import annotations

from functools import reduce

import numpy as np
import pytest

from datagen.columnar.integer_ranges import runs_of
from datagen.validation.metrics.key_gaps import KeyRanges

KEYS = np.arange(1, 10_001)
MEASURE = KeyRanges("orders", "order_id")


def judged(keys, parts=1):
    [finding] = MEASURE.findings(reduce(MEASURE.merge, (runs_of(part) for part in np.array_split(keys, parts))))
    return finding


@pytest.mark.parametrize("parts", [1, 7])
@pytest.mark.parametrize(
    ("keys", "words"),
    [
        (KEYS[(KEYS < 3001) | (KEYS > 4000)], "3,001 to 4,000: 1,000 of 10,000"),
        (KEYS[KEYS > 2500], "1 to 2,500: 2,500 of 10,000"),
        (KEYS[KEYS % 997 != 5], "11 single ones: 11 of 10,000"),
        (KEYS[(KEYS != 77) & ((KEYS < 3001) | (KEYS > 4000))], "3,001 to 4,000 and 1 single ones: 1,001 of 10,000"),
        (
            KEYS[(KEYS - 1) // 100 % 20 != 3],
            "301 to 400, 2,301 to 2,400, 4,301 to 4,400 and 2 ranges more: 500 of 10,000",
        ),
    ],
)
def test_a_missing_range_is_named(keys, words, parts):
    finding = judged(keys, parts)
    assert (finding.verdict, finding.weight) == ("fail", 1.0)
    assert finding.message == f"there are no rows with the keys {words}"


@pytest.mark.parametrize(
    ("keys", "verdict"),
    [
        (KEYS, "pass"),
        (np.random.default_rng(3).permutation(KEYS), "pass"),
        (KEYS + 5_000_000, "pass"),  # of another origin
        (KEYS * 7, "not applicable"),
        ((KEYS - 1) // 8 * 32 + (KEYS - 1) % 8 + 1, "not applicable"),  # eight of every thirty-two
        (KEYS[np.random.default_rng(3).random(len(KEYS)) > 0.4], "not applicable"),  # they never were dense
        (KEYS[:50], "not applicable"),
    ],
)
def test_other_gaps_are_no_missing_range_and_earn_nothing(keys, verdict):
    finding = judged(np.asarray(keys), 3)
    assert (finding.verdict, finding.weight) == (verdict, 0.0)
