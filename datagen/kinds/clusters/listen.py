"""A scheduler in this process, which workers elsewhere join: the coordinator of a run."""

from __future__ import annotations

import gc
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlsplit

from pydantic import Field, field_validator

from datagen.errors import RunError
from datagen.kinds.clusters.base import Cluster
from datagen.kinds.clusters.support.certificates import security_of
from datagen.kinds.clusters.support.connect import client_of

if TYPE_CHECKING:
    from distributed import Client

SCHEMES = ("tcp", "tls")


class Listen(Cluster):
    """A scheduler that listens for workers (`datagen worker ADDRESS`, or Dask's own) as long as the run lasts.

    When the run is complete it releases the workers that `datagen worker` started, and they end. When the run fails or
    is killed they wait, and join the scheduler of the next attempt. A scheduler at `tls://` needs three files. Whoever
    reaches a scheduler at `tcp://` can run code on its workers.
    """

    type: Literal["listen"] = "listen"
    address: str = Field(description="what the scheduler listens on, as tls://0.0.0.0:8786")
    tls_ca: str | None = Field(None, description="file with the certificate that signed those of the workers")
    tls_cert: str | None = Field(None, description="file with the certificate that is shown to the workers")
    tls_key: str | None = Field(None, description="file with the key of that certificate")

    @field_validator("address")
    @classmethod
    def _listens(cls, address: str) -> str:
        parts = urlsplit(address)
        if parts.scheme not in SCHEMES or not parts.hostname or parts.port is None:
            raise ValueError(f"'{address[:80]}' is not tls://host:port or tcp://host:port")
        return address

    @contextmanager
    def connected(self) -> Iterator[Client]:
        cluster = self._start_scheduler()
        try:
            with client_of(cluster, cluster.security) as client:
                yield client
                _release_workers(client)
        finally:
            with suppress(OSError, RuntimeError, TimeoutError):
                cluster.close()

    @property
    def waits_for(self) -> str:
        return f"workers that join {self.address}"

    def _start_scheduler(self) -> Any:
        """A cluster of a scheduler alone. Raises RunError if it cannot listen there."""
        from distributed import Scheduler, SpecCluster  # a second of start-up

        parts = urlsplit(self.address)
        security = security_of(self.tls_ca, self.tls_cert, self.tls_key)
        options = {
            "host": parts.hostname, "port": parts.port, "protocol": parts.scheme, "security": security,
            "dashboard": False, "dashboard_address": "127.0.0.1:0",
        }  # fmt: skip
        try:
            return SpecCluster(scheduler={"cls": Scheduler, "options": options}, security=security, silence_logs=50)
        except (OSError, ValueError, TypeError, RuntimeError) as error:
            reason = " ".join(str(error.__cause__ or error).split())[:200]
        with warnings.catch_warnings(action="ignore", category=ResourceWarning):
            gc.collect()  # Dask leaves a socket of a scheduler that did not start to the collector
        raise RunError(f"cannot listen on {self.address}: {reason}")


def _release_workers(client: Client) -> None:
    """Tell the workers that the run is complete."""
    from datagen.kinds.clusters.support.release import release  # Dask

    with suppress(OSError, RuntimeError, TimeoutError):  # workers without a connection end by themselves
        client.run(release, on_error="ignore")
