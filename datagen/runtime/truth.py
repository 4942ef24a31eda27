"""Reads the ground truth of a dataset: parameters in `_truth/truth.json`, hidden columns and hidden tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from datagen.errors import OutputError
from datagen.kinds.formats.base import Sink
from datagen.kinds.stores.base import Store
from datagen.runtime.dataset_table import DatasetTable
from datagen.runtime.manifest import Manifest
from datagen.runtime.storage.layout import sidecar_key
from datagen.runtime.storage.texts import read_json

_VERSION = 1


@dataclass(frozen=True)
class Truth:
    """The ground truth of a dataset, read on demand."""

    store: Store
    manifest: Manifest
    sink: Sink

    @cached_property
    def parameters(self) -> Mapping[str, Any]:
        """The content of `truth.json`. Raises OutputError if it is missing or has another layout."""
        store, key = self.store, sidecar_key("_truth/truth.json")
        path = store.path_or_url(key)
        try:
            data = read_json(store, key)
        except FileNotFoundError:
            raise OutputError(f"{path} is missing: generate the dataset again") from None
        except (OSError, ValueError) as error:
            raise OutputError(f"{path} cannot be read: {error}") from error
        if not isinstance(data, dict) or data.get("truth") != _VERSION or not isinstance(data.get("tables"), dict):
            raise OutputError(f"{path} was not written by this version of datagen")
        return data

    @property
    def tables(self) -> tuple[str, ...]:
        """The tables with hidden columns, and hidden tables."""
        return tuple(name.removeprefix("_truth/") for name in self.manifest.tables if name.startswith("_truth/"))

    def table(self, name: str) -> DatasetTable:
        """The hidden columns of a table, with its key, or a hidden table. Raises KeyError with the known names."""
        if name not in self.tables:
            raise KeyError(f"table '{name}' has nothing hidden; known: {', '.join(self.tables) or 'none'}")
        return DatasetTable.of(f"_truth/{name}", self.store, self.sink, self.manifest)

    def __repr__(self) -> str:
        return f"<truth of {self.manifest.name}, hidden columns of: {', '.join(self.tables) or 'no table'}>"
