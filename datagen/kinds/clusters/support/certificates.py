"""The three files of TLS, for any role in a cluster."""

from __future__ import annotations

from typing import TYPE_CHECKING

from datagen.errors import RunError

if TYPE_CHECKING:
    from distributed.security import Security


def security_of(ca: str | None, cert: str | None, key: str | None) -> Security | None:
    """For a connection in any role; None leaves it to Dask's own configuration. Raises RunError if a file cannot be
    read.
    """
    given = {name: path for name, path in (("ca", ca), ("cert", cert), ("key", key)) if path is not None}
    if not given:
        return None
    for path in given.values():
        try:
            with open(path, "rb"):  # noqa: PTH123 - only whether it can be
                pass
        except OSError as error:
            raise RunError(f"cannot read '{path}': {(error.strerror or str(error)).lower()}") from None
    from distributed.security import Security  # a second of start-up

    roles = ("scheduler", "worker", "client")
    files = {f"tls_{role}_{name}": path for role in roles for name, path in given.items() if name != "ca"}
    return Security(require_encryption=True, **files, **({"tls_ca_file": ca} if ca is not None else {}))
