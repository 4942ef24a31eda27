from __future__ import annotations

from tests.fakes import column, listed


def test_names_end_in_the_extensions():
    assert all(
        name.endswith((".pdf", ".tif"))
        for name in listed(column({"type": "file_name", "extensions": ["pdf", "tif"]}, 100))
    )
