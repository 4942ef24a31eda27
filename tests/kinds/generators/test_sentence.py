from __future__ import annotations

from tests.fakes import column, listed


def test_there_are_as_many_sentences_as_asked_for():
    for many in (1, 4):
        texts = listed(column({"type": "sentence", "sentences": many}, 200))
        assert all(text.count(".") == many and text.endswith(".") for text in texts)
        assert len(set(texts)) == 200
