"""Amazon S3 and compatible services (MinIO, Ceph, R2): `s3://bucket/prefix`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from datagen.kinds.stores.support.object_store import ObjectStore


@dataclass(frozen=True, slots=True)
class S3Store(ObjectStore):
    """A prefix of a bucket. Credentials, region and `AWS_ENDPOINT_URL` are those of the AWS tools."""

    schemes: ClassVar[tuple[str, ...]] = ("s3",)
    package: ClassVar[str] = "s3fs"
    extra: ClassVar[str] = "s3"
    options: ClassVar[Mapping[str, Any]] = {"config_kwargs": {"retries": {"mode": "standard", "total_max_attempts": 2}}}
    """Two attempts per request, so that one lost part does not begin a whole upload again: `ObjectStore` retries, and
    the retries of layers multiply.
    """
    reading: ClassVar[Mapping[str, Any]] = {"config_kwargs": {"retries": {"mode": "standard"}}}
    """The reads of an opened file are retried by the libraries only."""
    upload: ClassVar[Mapping[str, Any]] = {"chunksize": 8 * 2**20, "max_concurrency": 4}
    """The library would hold ten parts of 50 MB."""

    def files(self) -> Any:
        files = self.file_system(self.options)
        files.retries = 1  # the library would send each request five times, besides the retries of botocore
        return files

    def readable_files(self) -> Any:
        return self.file_system(self.reading)

    def create(self, data: bytes, mark: str, files: Any, path: str) -> None:
        files.pipe_file(path, data, mode="create", Metadata={"mark": mark})  # If-None-Match: *

    def mark_of(self, files: Any, path: str) -> str:
        return str(files.metadata(path, refresh=True).get("mark", ""))
