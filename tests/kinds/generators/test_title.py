from __future__ import annotations

from tests.fakes import column, listed


def test_titles_are_many():
    assert len(set(listed(column({"type": "title"}, 2000)))) > 500
