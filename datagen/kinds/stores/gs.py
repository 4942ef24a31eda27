"""Google Cloud Storage: `gs://bucket/prefix`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from datagen.kinds.stores.support.object_store import ObjectStore


@dataclass(frozen=True, slots=True)
class GoogleStore(ObjectStore):
    """A prefix of a bucket. Credentials are Google's application default credentials."""

    schemes: ClassVar[tuple[str, ...]] = ("gs",)
    package: ClassVar[str] = "gcsfs"
    extra: ClassVar[str] = "gs"
    upload: ClassVar[Mapping[str, Any]] = {"chunksize": 16 * 2**20}

    def create(self, data: bytes, mark: str, files: Any, path: str) -> None:
        files.pipe_file(path, data, mode="create", metadata={"mark": mark})  # ifGenerationMatch=0

    def mark_of(self, files: Any, path: str) -> str:
        return str(files.info(path).get("metadata", {}).get("mark", ""))
