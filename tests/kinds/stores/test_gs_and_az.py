"""Datasets in Google Cloud Storage and in Azure, with their own client libraries against servers of this process."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

import datagen
from datagen.errors import OutputError, RunError
from datagen.kinds.stores.base import store_at
from datagen.kinds.stores.support import object_store
from datagen.runtime.run import execute
from tests.kinds.stores.doubles import Azure, Google, InMemory
from tests.kinds.stores.promises import (
    check_that_entries_are_those_of_one_folder,
    check_that_one_of_many_creates_an_object,
    check_that_only_the_active_driver_replaces_a_file,
)
from tests.kinds.stores.test_s3 import SHOP, work, written

pytestmark = pytest.mark.integration

SERVERS: dict[str, type[InMemory]] = {"gs": Google, "az": Azure}
PACKAGES = {"gs": "gcsfs", "az": "adlfs"}


@pytest.fixture(params=["gs", "az"])
def service(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[InMemory]:
    """The server, with the environment that leads to it. The libraries retry at once."""
    pytest.importorskip(PACKAGES[request.param])
    server = SERVERS[request.param]()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    server.prefix = f"{request.param}://data/runs/one"
    monkeypatch.setattr(object_store, "PAUSES", (0.01,) * 7)
    (_google if request.param == "gs" else _azure)(server.url, monkeypatch)
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


async def at_once(*_: object) -> None:
    """Wait for nothing."""


def _google(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GCSFS_EXPERIMENTAL_ZB_HNS_SUPPORT", "false")  # it asks another service what a bucket is
    import gcsfs

    monkeypatch.setenv("STORAGE_EMULATOR_HOST", url)
    monkeypatch.setattr("gcsfs.retry.asyncio", SimpleNamespace(sleep=at_once))
    gcsfs.GCSFileSystem.clear_instance_cache()  # its members keep the address they were made with


def _azure(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    import adlfs
    from azure.storage.blob._shared.policies_async import AsyncStorageRetryPolicy

    address = f"DefaultEndpointsProtocol=http;AccountName=account;AccountKey=a2V5;BlobEndpoint={url}/account;"
    monkeypatch.setenv("AZURE_STORAGE_CONNECTION_STRING", address)
    monkeypatch.setattr(AsyncStorageRetryPolicy, "sleep", at_once)
    adlfs.AzureBlobFileSystem.clear_instance_cache()


@pytest.fixture
def draft(tmp_path: Path) -> Path:
    path = tmp_path / "draft"
    path.write_bytes(b"text")
    return path


def objects(service: InMemory) -> dict[str, bytes]:
    return {path.removeprefix("data/runs/one/"): stored.data for path, stored in service.objects.items()}


def test_a_dataset_has_the_bytes_of_one_in_a_folder_and_is_read_where_it_lies(
    service: InMemory, tmp_path: Path
) -> None:
    made = datagen.generate(SHOP, service.prefix, partition_rows=1000, workers=1)
    datagen.generate(SHOP, tmp_path / "out", partition_rows=1000, workers=1)
    assert objects(service) == written(tmp_path / "out")
    assert made["people"].to_arrow(["age"]).num_rows == 3000
    assert datagen.fingerprint(service.prefix) == datagen.fingerprint(SHOP)
    assert datagen.validate(SHOP, service.prefix).passed


def test_a_second_run_is_refused_and_lost_objects_are_made_again(service: InMemory) -> None:
    execute(work(), service.prefix)
    before, store = objects(service), store_at(service.prefix)
    with pytest.raises(OutputError, match="has a finished run"):
        execute(work(), service.prefix)
    store.delete("users/part-00001.parquet")
    store.put_empty("visits/part-00002.parquet")
    execute(work(), service.prefix, existing="resume")
    assert objects(service) == before


@pytest.mark.parametrize("fault", ["lost", "cut", "slow"])
def test_each_write_fails_once_and_the_run_is_the_same(service: InMemory, tmp_path: Path, fault: str) -> None:
    """The creation of the record whose answer is lost, too: it is not taken for that of another writer."""
    failed = set()

    def once(method: str, path: str) -> str:
        if method not in ("PUT", "POST") or path in failed:
            return ""
        failed.add(path)
        return fault

    service.fault = once
    execute(work(users=1000, shops=3), service.prefix)
    assert failed
    execute(work(users=1000, shops=3), tmp_path / "out")
    assert objects(service) == written(tmp_path / "out")


def test_a_creation_whose_answer_is_lost_is_known_again_and_that_of_another_writer_is_not(
    service: InMemory, draft: Path
) -> None:
    store, lost = store_at(service.prefix), Counter[str]()

    def twice(method: str, path: str) -> str:
        lost[path] += method in ("PUT", "POST")
        return "lost" if method in ("PUT", "POST") and lost[path] <= 2 else ""

    service.fault = twice
    store.put_if_absent("one.json", draft)
    assert max(lost.values()) == 3 and store.get("one.json") == b"text"
    for _ in range(2):
        with pytest.raises(FileExistsError):
            store.put_if_absent("one.json", draft)


@pytest.mark.filterwarnings("ignore:Sending a large body")  # of aiohttp, about the client libraries
@pytest.mark.parametrize("size", [6, 6 * 2**20])
def test_only_the_active_driver_replaces_a_file(service: InMemory, draft: Path, size: int) -> None:
    """A small one, and one that is uploaded in a session."""
    draft.write_bytes(b"abcdef" * (size // 6))
    check_that_only_the_active_driver_replaces_a_file(service.prefix, draft)


@pytest.mark.filterwarnings("ignore:Sending a large body")  # of aiohttp, about the client libraries
@pytest.mark.parametrize("size", [6, 6 * 2**20])
def test_the_file_of_an_upload_whose_answer_is_lost_is_known_again(service: InMemory, draft: Path, size: int) -> None:
    draft.write_bytes(bytes(size))
    store, lost = store_at(service.prefix), ["lost"] * 8
    service.fault = lambda method, _path: lost.pop() if method in ("PUT", "POST") and lost else ""
    store.publish("x/part-00000.jsonl", draft, "nobody")
    assert store.get("x/part-00000.jsonl") == bytes(size)
    assert not lost


def test_only_one_of_many_creates_an_object(service: InMemory, draft: Path) -> None:
    check_that_one_of_many_creates_an_object(service.prefix, draft)


def test_entries_are_those_of_one_folder(service: InMemory, draft: Path) -> None:
    check_that_entries_are_those_of_one_folder(service.prefix, draft)


def test_a_service_that_refuses_every_write_ends_the_run(service: InMemory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(object_store, "PAUSES", ())
    service.fault = lambda method, _path: "slow" if method in ("PUT", "POST") else ""
    with pytest.raises(RunError, match=f"cannot write {service.prefix}"):
        execute(work(users=1000, shops=3), service.prefix)
    assert objects(service) == {}
