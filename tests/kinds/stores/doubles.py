"""The parts of the protocols of Google Cloud Storage and Azure Blob Storage that the client libraries use for small
objects: as servers in memory, with the faults of `Proxy`.
"""

from __future__ import annotations

import json
import re
import threading
from abc import abstractmethod
from base64 import b64encode
from dataclasses import dataclass, field
from email.utils import formatdate
from hashlib import md5
from urllib.parse import parse_qs, quote, unquote, urlsplit
from xml.sax.saxutils import escape

from tests.kinds.stores.servers import Answer, Proxy


@dataclass(frozen=True)
class Stored:
    """An object: its bytes, and the metadata of its writer."""

    data: bytes
    metadata: dict[str, str] = field(default_factory=dict)

    @property
    def md5(self) -> str:
        return b64encode(md5(self.data, usedforsecurity=False).digest()).decode()


class InMemory(Proxy):
    """Objects by path: the bucket, a slash, the key."""

    def __init__(self) -> None:
        super().__init__(0)
        self.objects: dict[str, Stored] = {}
        self.turn = threading.RLock()

    def forward(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> Answer:
        url = urlsplit(path)
        query = {name: values[0] for name, values in parse_qs(url.query, keep_blank_values=True).items()}
        with self.turn:
            return self.answer(f"{method} {url.path}", query, body, {n.lower(): v for n, v in headers.items()})

    @abstractmethod
    def answer(self, request: str, query: dict[str, str], body: bytes, headers: dict[str, str]) -> Answer:
        """The answer of the service to `METHOD /path`."""

    def create(self, path: str, stored: Stored, *, absent: bool) -> bool:
        """Whether the object was written: not if it must be absent and is there."""
        if absent and path in self.objects:
            return False
        self.objects[path] = stored
        return True

    def listed(self, bucket: str, prefix: str, delimiter: str) -> tuple[list[str], list[str]]:
        """The keys, and the prefixes that end with the delimiter."""
        keys = sorted(path.removeprefix(f"{bucket}/") for path in self.objects if path.startswith(f"{bucket}/{prefix}"))
        below = {key: key[len(prefix) :].partition(delimiter) if delimiter else (key, "", "") for key in keys}
        folders = {prefix + first + delimiter for first, found, _ in below.values() if found}
        return [key for key, (_, found, _) in below.items() if not found], sorted(folders)


def part_of(data: bytes, asked: str) -> Answer:
    """The bytes of an object, or those of a range."""
    found = re.fullmatch(r"bytes=(\d+)-(\d*)", asked)
    if found is None:
        return 200, {}, data
    first, last = int(found[1]), min(int(found[2] or len(data)), len(data) - 1)
    if first >= len(data):
        return 416, {}, b""
    return 206, {"Content-Range": f"bytes {first}-{last}/{len(data)}"}, data[first : last + 1]


class Google(InMemory):
    """The JSON API."""

    def answer(self, request: str, query: dict[str, str], body: bytes, headers: dict[str, str]) -> Answer:
        found = re.fullmatch(r"(\w+) (?:/upload|/download)?/storage/v1/b/([^/]+)/o/?(.*)", request)
        assert found, request
        method, bucket, path = found[1], unquote(found[2]), f"{unquote(found[2])}/{unquote(found[3])}"
        if method in ("POST", "PUT"):
            absent = query.get("ifGenerationMatch") == "0"
            if query.get("uploadType") == "resumable":
                return self._session(bucket, query, body, absent=absent)
            return self._upload(bucket, body, absent=absent)
        if not found[3]:
            keys, folders = self.listed(bucket, query.get("prefix", ""), query.get("delimiter", ""))
            return self._json({"items": [self._shown(f"{bucket}/{key}") for key in keys], "prefixes": folders})
        if path not in self.objects:
            return self._json({"error": {"code": 404, "message": "no such object"}}, 404)
        if method == "DELETE":
            del self.objects[path]
            return 204, {}, b""
        if query.get("alt") == "media":
            return part_of(self.objects[path].data, headers.get("range", ""))
        return self._json(self._shown(path))

    def _upload(self, bucket: str, body: bytes, *, absent: bool) -> Answer:
        """The two parts: what the object is called, and its bytes."""
        _, described, content = body.split(b"--==0==", 2)
        about = json.loads(described.split(b"\n\n", 1)[1])
        stored = Stored(content.split(b"\n\n", 1)[1].removesuffix(b"\n--==0==--"), about.get("metadata", {}))
        path = f"{bucket}/{about['name']}"
        if not self.create(path, stored, absent=absent):
            return self._json({"error": {"code": 412, "message": "conditionNotMet"}}, 412)
        return self._json(self._shown(path))

    def _session(self, bucket: str, query: dict[str, str], body: bytes, *, absent: bool) -> Answer:
        """The begin of an upload in a session of one request, or that request."""
        if "upload_id" not in query:
            condition = "&ifGenerationMatch=0" if absent else ""
            about = f"name={quote(query['name'], safe='')}&uploadType=resumable&upload_id=1{condition}"
            return 200, {"Location": f"{self.url}/upload/storage/v1/b/{bucket}/o?{about}"}, b""
        path = f"{bucket}/{query['name']}"
        if not self.create(path, Stored(body), absent=absent):
            return self._json({"error": {"code": 412, "message": "conditionNotMet"}}, 412)
        return self._json(self._shown(path))

    def _shown(self, path: str) -> dict[str, object]:
        bucket, _, name = path.partition("/")
        stored = self.objects[path]
        size = str(len(stored.data))
        return {"bucket": bucket, "name": name, "size": size, "md5Hash": stored.md5, "metadata": stored.metadata}

    def _json(self, value: object, status: int = 200) -> Answer:
        return status, {"Content-Type": "application/json"}, json.dumps(value).encode()


class Azure(InMemory):
    """The REST interface of block blobs."""

    def __init__(self) -> None:
        super().__init__()
        self.blocks: dict[tuple[str, str], bytes] = {}

    def answer(self, request: str, query: dict[str, str], body: bytes, headers: dict[str, str]) -> Answer:
        method, _, path = unquote(request).partition(" /account/")
        if query.get("comp") == "list":
            return self._listed(path, query)
        if query.get("restype") == "container":
            return 200, self._about(Stored(b"")), b""
        if method == "PUT":
            return self._put(path, query, body, headers)
        if path not in self.objects:
            return 404, {"x-ms-error-code": "BlobNotFound"}, b""
        stored = self.objects[path]
        if method == "DELETE":
            del self.objects[path]
            return 202, {}, b""
        if method == "HEAD":
            return 200, {**self._about(stored), "Content-Length": str(len(stored.data))}, b""
        status, more, data = part_of(stored.data, headers.get("x-ms-range", headers.get("range", "")))
        code = {"x-ms-error-code": "InvalidRange"} if status == 416 else {}
        return status, {**self._about(stored), **more, **code}, data

    def _put(self, path: str, query: dict[str, str], body: bytes, headers: dict[str, str]) -> Answer:
        if query.get("comp") == "block":
            self.blocks[path, query["blockid"]] = body
            return 201, {}, b""
        if query.get("comp") == "blocklist":
            names = re.findall(r"<(?:Latest|Uncommitted)>(.*?)<", body.decode())
            body = b"".join(self.blocks[path, name] for name in names)
        metadata = {n.removeprefix("x-ms-meta-"): v for n, v in headers.items() if n.startswith("x-ms-meta-")}
        if not self.create(path, Stored(body, metadata), absent=headers.get("if-none-match") == "*"):
            return 409, {"x-ms-error-code": "BlobAlreadyExists"}, b""
        return 201, self._about(self.objects[path]), b""

    def _about(self, stored: Stored) -> dict[str, str]:
        metadata = {f"x-ms-meta-{name}": value for name, value in stored.metadata.items()}
        shown = {"ETag": '"1"', "Last-Modified": formatdate(0, usegmt=True), "x-ms-blob-type": "BlockBlob"}
        return {**shown, "Content-Type": "application/octet-stream", **metadata}

    def _listed(self, container: str, query: dict[str, str]) -> Answer:
        keys, folders = self.listed(container, query.get("prefix", ""), query.get("delimiter", ""))
        sizes = {key: len(self.objects[f"{container}/{key}"].data) for key in keys}
        when = formatdate(0, usegmt=True)
        blobs = "".join(
            f"<Blob><Name>{escape(key)}</Name><Properties><Last-Modified>{when}</Last-Modified><Etag>1</Etag>"
            f"<Content-Length>{size}</Content-Length><BlobType>BlockBlob</BlobType></Properties></Blob>"
            for key, size in sizes.items()
        )
        prefixes = "".join(f"<BlobPrefix><Name>{escape(name)}</Name></BlobPrefix>" for name in folders)
        text = (
            f'<?xml version="1.0" encoding="utf-8"?><EnumerationResults ContainerName="{container}">'
            f"<Blobs>{blobs}{prefixes}</Blobs><NextMarker /></EnumerationResults>"
        )
        return 200, {"Content-Type": "application/xml"}, text.encode()
