"""Croissant 1.0 metadata (MLCommons): the files with their hashes, the tables as record sets."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from datagen.quality.described import Described, DescribedSchema, DescribedTable

if TYPE_CHECKING:
    from datagen.run.manifest import Manifest

_MEDIA = {"parquet": "application/x-parquet", "csv": "text/csv", "jsonl": "application/jsonlines"}
"""As Croissant's own reader knows them."""
_TYPES = {
    "int": "sc:Integer", "float": "sc:Float", "decimal": "sc:Float", "bool": "sc:Boolean", "text": "sc:Text",
    "category": "sc:Text", "timestamp": "sc:DateTime", "date": "sc:Date", "duration": "sc:Integer",
}  # fmt: skip
CONTEXT: dict[str, Any] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "equivalentProperty": "cr:equivalentProperty",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileObject": "cr:fileObject",
    "fileProperty": "cr:fileProperty",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "parentField": "cr:parentField",
    "path": "cr:path",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "samplingRate": "cr:samplingRate",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}
"""The context that the specification prescribes."""


def croissant(schema: DescribedSchema, manifest: Manifest, extension: str) -> str:
    """The JSON-LD of the finished files, all with this extension."""
    data = {
        "@context": CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "name": schema.name,
        "description": schema.description or f"Synthetic data: {schema.name}, seed {manifest.seed}.",
        "version": f"{manifest.datagen}+{manifest.fingerprint[:12]}",
        "distribution": [_distribution(table.name, manifest, extension) for table in schema.tables],
        "recordSet": [_records(table, manifest, schema) for table in schema.tables],
    }
    return json.dumps(data, indent=2, ensure_ascii=False) + "\n"


def _distribution(table: str, manifest: Manifest, extension: str) -> dict[str, Any]:
    """The one file of a table with its hash, or all its files as a set; `manifest.json` has the hash of each."""
    files, media = manifest.tables[table].files, _MEDIA.get(extension, "application/octet-stream")
    if len(files) != 1:
        name = f"{table}-files"
        return {"@type": "cr:FileSet", "@id": name, "name": name, "encodingFormat": media, "includes": f"{table}/*.{extension}"}
    path = f"{table}/{files[0].name}"
    return {
        "@type": "cr:FileObject", "@id": path, "name": path, "contentUrl": path, "contentSize": f"{files[0].bytes} B",
        "encodingFormat": media, "sha256": files[0].sha256,
    }  # fmt: skip


def _records(table: DescribedTable, manifest: Manifest, schema: DescribedSchema) -> dict[str, Any]:
    files = manifest.tables[table.name].files
    source = {"fileSet": {"@id": f"{table.name}-files"}}
    if len(files) == 1:
        source = {"fileObject": {"@id": f"{table.name}/{files[0].name}"}}
    there = {one.name for one in schema.tables}
    made: dict[str, Any] = {"@type": "cr:RecordSet", "@id": table.name, "name": table.name}
    if table.description:
        made["description"] = table.description
    if table.key:
        made["key"] = [{"@id": f"{table.name}/{name}"} for name in table.key]
    return {**made, "field": [_field(column, table.name, source, there) for column in table.columns]}


def _field(column: Described, table: str, source: dict[str, Any], there: set[str]) -> dict[str, Any]:
    made: dict[str, Any] = {
        "@type": "cr:Field", "@id": f"{table}/{column.name}", "name": f"{table}/{column.name}",
        "dataType": _TYPES[column.type.name], "source": {**source, "extract": {"column": column.name}},
    }  # fmt: skip
    if column.description:
        made["description"] = column.description
    if column.refers is not None and column.refers[0] in there:
        made["references"] = {"field": {"@id": "/".join(column.refers)}}
    return made
