from __future__ import annotations

from urllib.parse import urlsplit

from tests.fakes import column, listed


def test_pages_are_below_the_domains():
    assert {urlsplit(url).netloc for url in listed(column({"type": "url"}, 200))} == {
        f"www.example.{end}" for end in ("com", "org", "net")
    }
    assert {urlsplit(url).netloc for url in listed(column({"type": "url", "domains": ["a.example"]}, 50))} == {
        "a.example"
    }
