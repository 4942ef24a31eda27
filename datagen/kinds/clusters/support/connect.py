"""Connects a client to a scheduler."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from datagen.errors import RunError

if TYPE_CHECKING:
    from distributed import Client
    from distributed.security import Security

PATIENCE = "30s"
"""How long to wait for a scheduler's answer."""


@contextmanager
def client_of(where: Any, security: Security | None = None, advice: str | None = None) -> Iterator[Client]:
    """A client of a scheduler (its address, or a cluster object) for the duration of a block."""
    client = connected(where, security, advice)
    try:
        yield client
    finally:
        with suppress(OSError, RuntimeError):  # a lost scheduler has dropped the client
            client.close()


def connected(where: Any, security: Security | None = None, advice: str | None = None) -> Client:
    """A client of a scheduler. Raises RunError if it does not answer or Dask refuses its address, with `advice` or what
    the address suggests.
    """
    from distributed import Client  # takes a second to import

    try:
        return Client(where, security=security, set_as_default=False, timeout=PATIENCE)
    except (OSError, ValueError, TypeError, ImportError, RuntimeError, KeyError) as error:
        reason = " ".join(str(error).split())[:300]
    gc.collect()  # closes the unconnected client; at exit it could not be closed and would print a traceback
    raise RunError(f"no Dask scheduler answers at {where}: {reason}{_hint(where) if advice is None else advice}")


def _hint(where: Any) -> str:
    if isinstance(where, str) and where.startswith("tls:"):
        return "; give its certificates with --tls-ca, --tls-cert and --tls-key, or in Dask's configuration"
    if isinstance(where, str) and where.startswith("tcp:"):
        return f"; if it uses TLS, its address is tls:{where[4:]}"
    return ""
