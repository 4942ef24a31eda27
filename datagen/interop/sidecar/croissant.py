"""Croissant 1.0 metadata (MLCommons): the files with their hashes, the tables as record sets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from datagen.interop.table_schema import ColumnSchema, DescribedSchema, DescribedTable
from datagen.runtime.storage.texts import to_json

if TYPE_CHECKING:
    from datagen.runtime.manifest import Manifest

_MEDIA = {
    "parquet": "application/x-parquet",
    "csv": "text/csv",
    "jsonl": "application/jsonlines",
    "arrow": "application/vnd.apache.arrow.file",
}
"""The media types that Croissant's reader accepts."""
_TYPES = {
    "int": "sc:Integer", "float": "sc:Float", "decimal": "sc:Float", "bool": "sc:Boolean", "text": "sc:Text",
    "category": "sc:Text", "timestamp": "sc:DateTime", "date": "sc:Date", "duration": "sc:Integer",
    "struct": "sc:Text", "list": "sc:Text", "map": "sc:Text",
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


def croissant(schema: DescribedSchema, manifest: Manifest, extension: str, whole: Mapping[str, str]) -> str:
    """The JSON-LD of the finished files, all with this extension; `whole` has the SHA-256 of each table with a single
    file.
    """
    data = {
        "@context": CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "name": schema.name,
        "description": schema.description or f"Synthetic data: {schema.name}, seed {manifest.seed}.",
        "version": f"{manifest.datagen}+{manifest.plan_id[:12]}",
        "distribution": [_distribution(table.name, manifest, extension, whole) for table in schema.tables],
        "recordSet": [_records(table, manifest, extension) for table in schema.tables],
    }
    return to_json(data)


def _distribution(table: str, manifest: Manifest, extension: str, whole: Mapping[str, str]) -> dict[str, Any]:
    """The single file of a table with its hash, or all its files as a set; `manifest.json` has the hash of each."""
    files, media = manifest.tables[table].files, _MEDIA.get(extension, "application/octet-stream")
    if table not in whole:
        name = f"{table}-files"
        return {
            "@type": "cr:FileSet",
            "@id": name,
            "name": name,
            "encodingFormat": media,
            "includes": f"{table}/{'**/' if any('/' in file.name for file in files) else ''}*.{extension}",
        }
    path = f"{table}/{files[0].name}"
    return {
        "@type": "cr:FileObject", "@id": path, "name": path, "contentUrl": path, "contentSize": f"{files[0].bytes} B",
        "encodingFormat": media, "sha256": whole[table],
    }  # fmt: skip


def _records(table: DescribedTable, manifest: Manifest, extension: str) -> dict[str, Any]:
    """The columns of a table. Croissant has no type for Parquet's durations, so the description names them."""
    files = manifest.tables[table.name].files
    source = {"fileSet": {"@id": f"{table.name}-files"}}
    if len(files) == 1:
        source = {"fileObject": {"@id": f"{table.name}/{files[0].name}"}}
    left_out = {column.name for column in table.columns if column.type.name == "duration" and extension == "parquet"}
    left_out |= {column.name for column in table.columns if column.type.nested and extension != "csv"}
    made: dict[str, Any] = {"@type": "cr:RecordSet", "@id": table.name, "name": table.name}
    message = f"Columns of durations and nested values: {', '.join(sorted(left_out))}." if left_out else ""
    if table.description or message:
        made["description"] = f"{table.description} {message}".strip()
    if table.key:
        made["key"] = [{"@id": f"{table.name}/{name}"} for name in table.key]
    return {**made, "field": [_field(c, table.name, source) for c in table.columns if c.name not in left_out]}


def _field(column: ColumnSchema, table: str, source: dict[str, Any]) -> dict[str, Any]:
    """One column. A foreign key is described as text: with `references`, readers would join, and
    chains of joins fail.
    """
    made: dict[str, Any] = {
        "@type": "cr:Field", "@id": f"{table}/{column.name}", "name": f"{table}/{column.name}",
        "dataType": _TYPES[column.type.name], "source": {**source, "extract": {"column": column.name}},
    }  # fmt: skip
    refers = f"Refers to {'.'.join(column.refers)}." if column.refers else ""
    if column.description or refers:
        made["description"] = f"{column.description} {refers}".strip()
    return made
