"""Cluster classes of the ecosystem by their names."""

from __future__ import annotations

from pathlib import Path

import datagen
from datagen.kinds.clusters.dask import Dask
from tests.kinds.clusters.test_kubernetes import DOCUMENT


def test_a_class_of_the_ecosystem_runs_with_its_own_arguments(tmp_path: Path) -> None:
    arguments = {
        "processes": False, "host": "127.0.0.1", "protocol": "tcp://", "threads_per_worker": 1, "n_workers": 0,
        "dashboard_address": None, "scheduler_kwargs": {"dashboard_address": "127.0.0.1:0"}, "silence_logs": 50,
    }  # fmt: skip
    profile = {"type": "dask", "cluster": "distributed.LocalCluster", "arguments": arguments, "workers": 2}
    datagen.generate(DOCUMENT, tmp_path, cluster=profile)
    assert (tmp_path / "_SUCCESS").exists()
    assert Dask(**profile).waits_for == "the cluster of distributed.LocalCluster"
