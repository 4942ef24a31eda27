"""Avro object container files, as much as the manifests of Iceberg need. Source: the Avro 1.11 specification."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

_MAGIC = b"Obj\x01"


def container(schema: Mapping[str, Any], records: Iterable[bytes], about: Mapping[str, str]) -> bytes:
    """A file of encoded records without compression; `about` goes to its header. Equal content has equal bytes."""
    texts = {"avro.schema": json.dumps(schema, separators=(",", ":")), "avro.codec": "null", **about}
    head = long(len(texts)) + b"".join(text(key) + text(value) for key, value in texts.items()) + long(0)
    block = [*records]
    body = b"".join(block)
    sync = hashlib.blake2b(head + body, digest_size=16).digest()
    data = long(len(block)) + long(len(body)) + body + sync if block else b""
    return _MAGIC + head + sync + data


def long(number: int) -> bytes:
    """An int or a long."""
    rest, found = (number << 1) ^ (number >> 63), bytearray()
    while rest > 0x7F:
        found.append(rest & 0x7F | 0x80)
        rest >>= 7
    return bytes([*found, rest])


def text(value: str) -> bytes:
    """A string or bytes."""
    raw = value.encode()
    return long(len(raw)) + raw


def optional(value: bytes | None) -> bytes:
    """A union of null and a type."""
    return long(0) if value is None else long(1) + value


def record(name: str, fields: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The schema of a record."""
    return {"type": "record", "name": name, "fields": [*fields]}


def field(name: str, type_: Any, number: int, *, optional: bool = False) -> dict[str, Any]:
    """A field of a record with its Iceberg number."""
    if optional:
        return {"name": name, "type": ["null", type_], "default": None, "field-id": number}
    return {"name": name, "type": type_, "field-id": number}
