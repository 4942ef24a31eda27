"""Where files lie, as people write it: a local path, a path from `~`, or a `file:` URL.

Other schemes (`s3:`, `gs:`, `abfss:`) belong to stores that this version does not have. They are refused: `Path` would
take them for a local folder of that name.
"""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

from datagen.errors import AddressError

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+):/")
"""At least two letters: one is a drive. A `Path` has folded `s3://` into `s3:/`, so one slash is enough."""
_STORES = {
    "s3": ("Amazon S3", "aws s3 sync {local} {remote}"),
    "s3a": ("Amazon S3", "aws s3 sync {local} {remote}"),
    "s3n": ("Amazon S3", "aws s3 sync {local} {remote}"),
    "gs": ("Google Cloud Storage", "gcloud storage rsync -r {local} {remote}"),
    "gcs": ("Google Cloud Storage", "gcloud storage rsync -r {local} {remote}"),
    "az": ("Azure Blob Storage", "azcopy copy {local} URL --recursive"),
    "abfs": ("Azure Data Lake Storage", "azcopy copy {local} URL --recursive"),
    "abfss": ("Azure Data Lake Storage", "azcopy copy {local} URL --recursive"),
    "adl": ("Azure Data Lake Storage", "azcopy copy {local} URL --recursive"),
    "wasbs": ("Azure Blob Storage", "azcopy copy {local} URL --recursive"),
    "hdfs": ("HDFS", "hdfs dfs -put {local} {remote}"),
    "http": ("a web server", "an upload of its files"),
    "https": ("a web server", "an upload of its files"),
}
"""Scheme -> what it names, and the command that copies a local folder there."""


def local_path(address: str | Path) -> Path:
    """The local path that an address names. `~` and `~user` are replaced where there is such a home.

    Raises AddressError for an address of a store that there is not, or one that is no path at all.
    """
    text = str(address)
    if "\0" in text:
        raise AddressError(f"{text!r} is no path: it holds a null character")
    scheme = _SCHEME.match(text)
    if scheme is None:
        return _from_home(address)
    if scheme[1].lower() == "file":
        return _of_url(text)
    raise AddressError(_refusal(text, scheme[1].lower()))


def _from_home(path: str | Path) -> Path:
    try:
        return Path(path).expanduser()
    except RuntimeError:
        return Path(path)


def _of_url(url: str) -> Path:
    parts = urlsplit(url)
    if parts.netloc not in ("", "localhost"):
        raise AddressError(
            f"'{url}' names the machine '{parts.netloc}'; a path of this machine has three slashes: "
            f"file:///{parts.netloc}{parts.path}"
        )
    if parts.query or parts.fragment:
        raise AddressError(f"'{url}' holds ? or #; write them as %3F and %23, or give the plain path")
    path = unquote(parts.path)
    if "\0" in path:
        raise AddressError(f"{url!r} is no path: it holds a null character")
    return Path(path)


def _refusal(text: str, scheme: str) -> str:
    remote = re.sub(r":/+", "://", text, count=1)
    if scheme not in _STORES:
        return (
            f"'{remote}' has the scheme '{scheme}', for which datagen has no store; give a local path or file:///path"
        )
    name, command = _STORES[scheme]
    copy = command.format(local="FOLDER", remote=remote)
    return (
        f"'{remote}' lies in {name}; datagen reads and writes local files only. "
        f"Give a local folder (or one where the store is mounted), and copy it with {copy}"
    )
