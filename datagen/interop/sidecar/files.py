"""The sidecar files as text: `datapackage.json`, `croissant.json`, `er.mmd`, `_truth/truth.json`."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from datagen.engine.generate import program_of
from datagen.interop.export.datapackage import package
from datagen.interop.export.mermaid import mermaid
from datagen.interop.sidecar.croissant import croissant
from datagen.interop.sidecar.truth import truth
from datagen.interop.table_schema import described
from datagen.runtime.storage.texts import LazySequence

if TYPE_CHECKING:
    from datagen.kinds.stores.base import Store
    from datagen.planning.plan import Plan
    from datagen.runtime.manifest import Manifest

MEDIA = {
    "parquet": "application/vnd.apache.parquet",
    "csv": "text/csv",
    "jsonl": "application/jsonl",
    "arrow": "application/vnd.apache.arrow.file",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_TEXT = ("csv", "jsonl")


def documents(plan: Plan, manifest: Manifest, store: Store) -> Mapping[str, str | Iterable[str]]:
    """File name -> text, for the dataset in a store. The same plan and files give the same texts everywhere."""
    program = program_of(plan)
    schema = described(program)
    extension = plan.output.extension
    whole = _whole(manifest, store)
    return {
        "datapackage.json": package(schema, lambda table: _files(manifest, extension, table, whole)),
        "croissant.json": croissant(schema, manifest, extension, whole),
        "er.mmd": mermaid(schema),
        "_truth/truth.json": truth(plan, program, manifest),
    }


def _whole(manifest: Manifest, store: Store) -> Mapping[str, str]:
    """The SHA-256 of the file of each table with a single file, as readers of these documents expect."""
    single = {name: table.files[0] for name, table in manifest.tables.items() if len(table.files) == 1}
    return {
        name: _sha256(store, f"{name}/{file.name}") for name, file in single.items() if not name.startswith("_truth/")
    }


def _sha256(store: Store, key: str) -> str:
    with store.open(key) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]  # it has readinto


def _files(manifest: Manifest, extension: str, table: str, whole: Mapping[str, str]) -> Mapping[str, Any]:
    """The files of a table as in a Data Package; size and hash only for a single text file, as its readers expect."""
    files = manifest.tables[table].files
    paths = LazySequence(len(files), lambda: (f"{table}/{file.name}" for file in files))
    made: dict[str, Any] = {"path": paths[0] if len(paths) == 1 else paths, "format": extension}
    if extension in MEDIA:
        made["mediatype"] = MEDIA[extension]
    if extension in _TEXT:
        made["encoding"] = "utf-8"
        made |= {"bytes": files[0].bytes, "hash": f"sha256:{whole[table]}"} if table in whole else {}
    return made
