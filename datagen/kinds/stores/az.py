"""Azure Blob Storage: `az://container/prefix`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from datagen.kinds.stores.support.object_store import ObjectStore


@dataclass(frozen=True, slots=True)
class AzureStore(ObjectStore):
    """A prefix of a container. The account and its credentials come from the `AZURE_STORAGE_` variables."""

    schemes: ClassVar[tuple[str, ...]] = ("az",)
    package: ClassVar[str] = "adlfs"
    extra: ClassVar[str] = "az"

    def create(self, data: bytes, mark: str, files: Any, path: str) -> None:
        files.pipe_file(path, data, overwrite=False)  # If-None-Match: *
