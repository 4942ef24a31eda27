"""Azure Blob Storage: `az://container/prefix`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from datagen.kinds.stores.support.object_store import ObjectStore


@dataclass(frozen=True, slots=True)
class AzureStore(ObjectStore):
    """A prefix of a container. The account and its credentials come from the `AZURE_STORAGE_` variables."""

    schemes: ClassVar[tuple[str, ...]] = ("az",)
    package: ClassVar[str] = "adlfs"
    extra: ClassVar[str] = "az"
    if_absent: ClassVar[Mapping[str, Any]] = {"overwrite": False}  # If-None-Match: *

    def create(self, data: bytes, mark: str, files: Any, path: str) -> None:
        with files.open(path, "xb", metadata={"is_directory": "false", "mark": mark}) as file:  # If-None-Match: *
            file.write(data)

    def mark_of(self, files: Any, path: str) -> str:
        return str(files.info(path, refresh=True)["metadata"].get("mark", ""))
