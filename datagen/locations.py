"""Parses addresses: a local path, a path from `~`, a `file:` URL, or the URL of another store.

`local_path` is for files that must be local (documents, reports). `datagen.kinds.stores.base.store_at` finds the store
of the address of a dataset. A text with a scheme is never a local folder, although `Path("s3://bucket")` is one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import unquote, urlsplit

from datagen.errors import AddressError

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+):/")
"""At least two letters, because one letter is a drive. `Path` folds `s3://` into `s3:/`, so one slash is enough."""
_PASSWORD_OF_USER = re.compile(r"(://[^:/@]*:)[^/]*(?=@)")
_PASSWORD_OPTION = re.compile(r"(password\s*=\s*)[^&\s]+", re.IGNORECASE)
_NAMES = {
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
"""Scheme -> the name of the service, and the command that copies a local folder there."""


def scheme_of(address: str | Path) -> str | None:
    """The scheme of a URL in lower case; None for a path. Raises AddressError for a text that is no address."""
    text = str(address)
    if "\0" in text:
        raise AddressError(f"{text!r} is not a path: it has a null character")
    scheme = _SCHEME.match(text)
    return scheme[1].lower() if scheme else None


def without_password(url: str) -> str:
    """The URL or address of a database as messages show it: `***` stands for each password."""
    return _PASSWORD_OPTION.sub(r"\1***", _PASSWORD_OF_USER.sub(r"\1***", url))


def url_of(address: str | Path) -> str:
    """A URL with a lower-case scheme, two slashes after it, and none at its end."""
    scheme, _, rest = str(address).partition(":")
    return f"{scheme.lower()}://{rest.strip('/')}"


def local_path(address: str | Path) -> Path:
    """The local path of an address. `~` and `~user` are expanded if that home exists.

    Raises AddressError for an address that is not local or not a path.
    """
    scheme = scheme_of(address)
    if scheme is None:
        return _from_home(address)
    if scheme == "file":
        return _of_url(str(address))
    url = url_of(address)
    raise AddressError(f"'{url}' is not a local file, which is required here. Give a local path or file:///path")


def location(address: str | Path) -> Path | str:
    """The address of a dataset: a local path, or the URL of another store as it was given."""
    return local_path(address) if scheme_of(address) in (None, "file") else url_of(address)


def no_store(url: str, scheme: str, known: Sequence[str]) -> str:
    """The message for a URL with a scheme that has no store."""
    others = f" or one of {', '.join(f'{name}://' for name in known)}" if known else ""
    if scheme not in _NAMES:
        return (
            f"'{url}' has the scheme '{scheme}', for which there is no store; give a local path or file:///path{others}"
        )
    name, command = _NAMES[scheme]
    return (
        f"'{url}' is in {name}, for which there is no store. Give a local folder{others}, and copy it with "
        f"{command.format(local='FOLDER', remote=url)}"
    )


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
        raise AddressError(f"'{url}' has ? or #; write them as %3F and %23, or give the plain path")
    path = unquote(parts.path)
    if "\0" in path:
        raise AddressError(f"{url!r} is not a path: it has a null character")
    return Path(path)
