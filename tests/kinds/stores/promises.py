"""What holds in every object store."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from datagen.errors import OutputError
from datagen.kinds.stores.base import store_at


def check_that_one_of_many_creates_an_object(prefix: str, draft: Path) -> None:
    store = store_at(prefix)

    def create(_: int) -> bool:
        try:
            store.put_if_absent("one", draft)
        except FileExistsError:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(create, range(4))) == 1


def check_that_entries_are_those_of_one_folder(prefix: str, draft: Path) -> None:
    store = store_at(prefix)
    for key in ("a", "b/c", "b/d/e"):
        store.put(key, draft)
    assert [(e.key, e.kind, e.size) for e in store.entries()] == [("a", "file", 4), ("b", "folder", 0)]
    assert [e.key for e in store.entries("b")] == ["b/c", "b/d"]
    assert store.entries("nothing") == []
    assert store.entry("b").kind == "folder" and store.entry("x") is None
    store.delete("a")
    store.delete("a")
    assert store.entry("a") is None
    with pytest.raises(FileNotFoundError):
        store.get("a")
    with pytest.raises(ValueError, match="is outside its store"):
        store.get("../a")


def check_that_only_the_active_driver_replaces_a_file(prefix: str, draft: Path) -> None:
    """What an old run left is replaced by the new one, and no file of the new one by an upload of the old one."""
    store, content = store_at(prefix), draft.read_bytes()
    store.take("old")
    store.publish("x/part-00000.jsonl", draft, "old")
    store.take("new")
    draft.write_bytes(content[::-1])
    store.publish("x/part-00000.jsonl", draft, "new")
    assert store.get("x/part-00000.jsonl") == content[::-1]
    draft.write_bytes(content)
    with pytest.raises(OutputError, match="another run has taken over"):
        store.publish("x/part-00000.jsonl", draft, "old")
    assert store.get("x/part-00000.jsonl") == content[::-1]
