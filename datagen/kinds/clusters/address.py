"""A running scheduler, named by its address."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from datagen.kinds.clusters.base import Cluster
from datagen.kinds.clusters.support.certificates import security_of
from datagen.kinds.clusters.support.connect import client_of, connected

if TYPE_CHECKING:
    from distributed import Client
    from distributed.security import Security


class Address(Cluster):
    """A running scheduler. Its workers stay when the run ends.

    A scheduler at `tls://` needs three files; without them Dask's own configuration (`distributed.comm.tls`) is used.
    """

    type: Literal["address"] = "address"
    address: str = Field(description="address of the scheduler, as tls://host:port or tcp://host:port")
    tls_ca: str | None = Field(None, description="file of the certificate authority of the cluster")
    tls_cert: str | None = Field(None, description="file of the client certificate")
    tls_key: str | None = Field(None, description="file of the key of the client certificate")

    def connected(self) -> AbstractContextManager[Client]:
        return client_of(self.address, self.security())

    @property
    def waits_for(self) -> str:
        return f"the cluster at {self.address}"

    def reach(self) -> None:
        connected(self.address, self.security()).close()

    def security(self) -> Security | None:
        """The security settings of a connection; None for Dask's own configuration. Raises RunError if a file cannot be
        read.
        """
        return security_of(self.tls_ca, self.tls_cert, self.tls_key)
