from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kinds.stores.servers import Proxy, proxy, s3_server


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    pytest.importorskip("s3fs")
    pytest.importorskip("moto")
    with s3_server(tmp_path_factory.mktemp("moto") / "log") as port, proxy(port) as before:
        yield before


@pytest.fixture
def s3(server: Proxy, monkeypatch: pytest.MonkeyPatch) -> Iterator[Proxy]:
    """The server, with the environment that leads to it."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("AWS_ENDPOINT_URL", server.url)
    server.fault = lambda _method, _path: ""
    server.seen.clear()
    import s3fs

    s3fs.S3FileSystem.clear_instance_cache()  # its members keep the credentials they were made with
    yield server
    server.fault = lambda _method, _path: ""


@pytest.fixture
def prefix(s3: Proxy) -> str:
    """A new prefix in a bucket of its own."""
    import s3fs

    bucket = f"data-{uuid.uuid4().hex[:12]}"
    s3fs.S3FileSystem().mkdir(bucket)
    return f"s3://{bucket}/runs/one"


@pytest.fixture
def draft(tmp_path: Path) -> Path:
    path = tmp_path / "draft"
    path.write_bytes(b"text")
    return path
