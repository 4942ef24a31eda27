"""Croissant 1.0 metadata (MLCommons): the files with their hashes, the tables as record sets."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from datagen.quality.described import Described, DescribedSchema, DescribedTable

if TYPE_CHECKING:
    from datagen.run.manifest import Manifest

MOST_FILES = 1000
"""Tables of more files than this are described as a set of files, without the hash of each."""
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
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}
"""The context that the specification prescribes."""


def croissant(schema: DescribedSchema, manifest: Manifest, extension: str, media: str) -> str:
    """The JSON-LD."""
    distribution: list[dict[str, Any]] = []
    for table in schema.tables:
        distribution += _distribution(table.name, manifest, extension, media)
    data = {
        "@context": CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "name": schema.name,
        "description": schema.description or f"Synthetic data: {schema.name}, seed {manifest.seed}.",
        "version": f"{manifest.datagen}+{manifest.fingerprint[:12]}",
        "distribution": distribution,
        "recordSet": [_records(table, manifest, schema) for table in schema.tables],
    }
    return json.dumps(data, indent=2, ensure_ascii=False) + "\n"


def _distribution(table: str, manifest: Manifest, extension: str, media: str) -> list[dict[str, Any]]:
    files = manifest.tables[table].files
    made: list[dict[str, Any]] = []
    listed = files if len(files) <= MOST_FILES else ()
    for file in listed:
        path = f"{table}/{file.name}"
        made.append({
            "@type": "cr:FileObject", "@id": path, "name": path, "contentUrl": path, "contentSize": f"{file.bytes} B",
            "encodingFormat": media, "sha256": file.sha256,
        })  # fmt: skip
    if len(files) != 1:
        parts = {"containedIn": [{"@id": one["@id"]} for one in made]} if made else {}
        made.append({
            "@type": "cr:FileSet", "@id": f"{table}-files", "name": f"{table}-files", **parts, "encodingFormat": media,
            "includes": f"{table}/*.{extension}",
        })  # fmt: skip
    return made


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
