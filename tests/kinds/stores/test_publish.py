"""Files of a run in S3: an upload never replaces a file of another driver, and costs no further request."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from datagen.kinds.stores.base import store_at
from datagen.kinds.stores.support import object_store
from datagen.kinds.stores.support.object_store import ObjectStore
from datagen.runtime.run import execute
from tests.kinds.stores.promises import check_that_only_the_active_driver_replaces_a_file
from tests.kinds.stores.servers import Proxy
from tests.kinds.stores.test_s3 import objects, work

pytestmark = pytest.mark.integration

SMALL, LARGE = 6, 2**24
"""Bytes of a file that is uploaded in one request, and in two parts."""
KEY = "x/part-00000.jsonl"


def sent(s3: Proxy) -> list[str]:
    """The requests for the file since the last call, without the numbers in them."""
    seen = [f"{method} {path.partition('=')[0].rpartition('/')[2]}" for method, path in s3.seen if KEY in path]
    s3.seen.clear()
    return seen


@pytest.mark.parametrize("size", [SMALL, LARGE])
def test_only_the_active_driver_replaces_a_file(prefix: str, draft: Path, size: int) -> None:
    draft.write_bytes(b"abcdef" + bytes(size - 6))
    check_that_only_the_active_driver_replaces_a_file(prefix, draft)


@pytest.mark.parametrize("size", [SMALL, LARGE])
def test_a_new_file_takes_the_requests_of_an_upload_without_a_condition(
    s3: Proxy, prefix: str, draft: Path, size: int
) -> None:
    draft.write_bytes(bytes(size))
    store = store_at(prefix)
    store.put(KEY, draft)
    unconditional = sent(s3)
    store.delete(KEY)
    sent(s3)
    store.publish(KEY, draft, "nobody")
    assert sorted(sent(s3)) == sorted(unconditional)
    assert len(unconditional) == (1 if size == SMALL else 4)


def test_a_run_takes_one_request_per_file_as_without_conditions(
    s3: Proxy, prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    execute(work(), f"{prefix}/a")
    conditional = Counter((method, path.rpartition("/a/")[2]) for method, path in s3.seen if "/a/" in path)
    s3.seen.clear()
    monkeypatch.setattr(ObjectStore, "publish", lambda self, key, file, _attempt: self.put(key, file))
    execute(work(), f"{prefix}/b")
    assert conditional == Counter((method, path.rpartition("/b/")[2]) for method, path in s3.seen if "/b/" in path)
    assert {n for (_, key), n in conditional.items() if "part-" in key} == {1}


@pytest.mark.parametrize("size", [SMALL, LARGE])
def test_a_file_with_the_same_bytes_is_neither_replaced_nor_removed(
    s3: Proxy, prefix: str, draft: Path, size: int
) -> None:
    """That of a backup task, of an earlier attempt, or of a driver of the same plan that has taken over."""
    draft.write_bytes(bytes(size))
    store = store_at(prefix)
    store.publish(KEY, draft, "one")
    before = sent(s3).count("PUT part-00000.jsonl")
    store.take("two")
    sent(s3)
    store.publish(KEY, draft, "one")
    again = sent(s3)
    assert again.count("PUT part-00000.jsonl") == before
    assert not [request for request in again if request.startswith("DELETE") and "uploadId" not in request]


@pytest.mark.parametrize("size", [SMALL, LARGE])
def test_the_file_of_an_upload_whose_answer_is_lost_is_known_again(
    s3: Proxy, prefix: str, draft: Path, size: int
) -> None:
    draft.write_bytes(bytes(size))
    method = "PUT" if size == SMALL else "POST"
    lost = ["lost"] * 3
    ends = (lambda path: True) if size == SMALL else (lambda path: "uploadId=" in path)
    s3.fault = lambda asked, path: lost.pop() if asked == method and ends(path) and lost else ""
    store = store_at(prefix)
    store.publish(KEY, draft, "nobody")
    assert lost == [] and store.get(KEY) == bytes(size)
    assert not [path for asked, path in s3.seen if asked == "DELETE" and "uploadId=" not in path]


@pytest.mark.parametrize("size", [SMALL, LARGE])
def test_a_service_without_conditional_uploads_of_files_gets_others(
    s3: Proxy, prefix: str, draft: Path, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    """It is asked once."""
    monkeypatch.setattr(object_store, "_UNCONDITIONAL", set())
    draft.write_bytes(bytes(size))
    method, unknown = ("PUT" if size == SMALL else "POST"), ["unknown"]
    s3.fault = lambda asked, path: (
        unknown.pop() if asked == method and (size == SMALL or "uploadId=" in path) and unknown else ""
    )
    store = store_at(prefix)
    for _ in range(2):
        store.publish(KEY, draft, "nobody")
    assert unknown == [] and store.get(KEY) == bytes(size)
    draft.write_bytes(b"other")
    store.publish(KEY, draft, "nobody")
    assert objects(prefix) == {KEY: b"other"}
