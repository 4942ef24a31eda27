"""A cluster of this process for what is inferred on workers."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from distributed import Client, LocalCluster

from tests.runtime.executors.test_dask import ALONE


@pytest.fixture(scope="package")
def client() -> Iterator[Client]:
    with (
        LocalCluster(n_workers=1, **{**ALONE, "threads_per_worker": 2}) as cluster,
        Client(cluster, set_as_default=False) as connected,
    ):
        yield connected
