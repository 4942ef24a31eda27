"""The files beside the data, as text: `datapackage.json`, `croissant.json`, `er.mmd`, `_truth/truth.json`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from datagen.checks import checked
from datagen.engine.program import Program
from datagen.quality.described import described
from datagen.quality.exports.datapackage import package
from datagen.quality.exports.mermaid import mermaid
from datagen.quality.metadata.croissant import croissant
from datagen.quality.metadata.truth import truth

if TYPE_CHECKING:
    from datagen.plans.plan import Plan
    from datagen.run.manifest import Manifest

MEDIA = {"parquet": "application/vnd.apache.parquet", "csv": "text/csv", "jsonl": "application/jsonl"}


def documents(plan: Plan, manifest: Manifest) -> Mapping[str, str]:
    """File name -> text. The same plan and files give the same texts, wherever they were made."""
    house = checked(dict(plan.document))
    program = Program(house, plan.seed, plan.scale, {n: t.rows for n, t in plan.tables.items()}, plan.frozen)
    schema = described(program)
    extension = plan.output.extension
    return {
        "datapackage.json": package(schema, lambda table: _files(manifest, extension, table)),
        "croissant.json": croissant(schema, manifest, extension),
        "er.mmd": mermaid(schema),
        "_truth/truth.json": truth(plan, program, manifest),
    }


def _files(manifest: Manifest, extension: str, table: str) -> Mapping[str, Any]:
    """The files of a table in the words of a Data Package; size and hash only of one file of text, as its readers expect."""
    files = manifest.tables[table].files
    paths = [f"{table}/{file.name}" for file in files]
    made: dict[str, Any] = {"path": paths[0] if len(paths) == 1 else paths, "format": extension}
    if extension in MEDIA:
        made["mediatype"] = MEDIA[extension]
    if extension != "parquet":
        made["encoding"] = "utf-8"
        made |= {"bytes": files[0].bytes, "hash": f"sha256:{files[0].sha256}"} if len(files) == 1 else {}
    return made
