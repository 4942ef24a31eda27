from __future__ import annotations

from tests.fakes import column


def test_numbers_go_from_one_to_the_largest():
    cells = column({"type": "zipf", "items": 3, "exponent": 1}, 30_000).data
    shares = [(cells == k).mean() for k in (1, 2, 3)]
    assert all(abs(share - 6 / 11 / k) < 0.02 for k, share in zip((1, 2, 3), shares, strict=True))


def test_there_can_be_more_items_than_memory():
    assert column({"type": "zipf", "items": 10**12, "exponent": 0.5}, 1000).data.max() > 10**10
