"""`datagen plan`: shows what a run would do."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from datagen.cli.options import (
    AsJson,
    Clean,
    Cluster,
    FileFormats,
    Memory,
    PartitionRows,
    Scale,
    SchemaPath,
    Seed,
    Without,
    only_format,
)

if TYPE_CHECKING:
    from datagen.kinds.clusters.base import Cluster as ClusterKind
    from datagen.planning.plan import Plan
    from datagen.runtime.run_estimate import RunEstimate


def plan(
    schema: SchemaPath,
    *,
    seed: Seed = None,
    scale: Scale = None,
    partition_rows: PartitionRows = None,
    memory: Memory = None,
    file_format: FileFormats = None,
    clean: Clean = False,
    as_json: AsJson = False,
    without: Without = None,
    cluster: Cluster = None,
    workers: Annotated[
        int | None,
        typer.Option(min=1, help="Estimate a run with so many workers, on --cluster or here.", show_default=False),
    ] = None,
) -> None:
    """Show what a run would do: tables, rows, bytes, partitions, memory per task; with --cluster or --workers an
    estimate of its time and cost.
    """
    import datagen  # start-up: numpy, Arrow and every kind

    found = _cluster(cluster, workers)
    options = given(
        seed=seed, scale=scale, partition_rows=partition_rows, memory=_memory(memory, found),
        format=only_format(file_format), without=without,
    )  # fmt: skip
    made = datagen.plan(schema, **options, clean=clean)
    estimated = _estimate(made, found, workers)
    if as_json:
        import json
        from dataclasses import asdict

        from datagen.planning.plan_json import as_data

        extra = {} if estimated is None else {"estimate": asdict(estimated)}
        print(json.dumps({**as_data(made), **extra}, indent=2))
    else:
        print(made.explain())
        if estimated is not None:
            from datagen.runtime.run_estimate import describe

            print(f"\n{describe(estimated)}")


def _cluster(requested: str | None, workers: int | None) -> ClusterKind | None:
    """The cluster to estimate for; processes of this machine for `--workers` alone."""
    if requested is None and workers is None:
        return None
    from datagen.kinds.clusters.support.profiles import cluster_named

    return cluster_named("local" if requested is None else requested)


def _memory(asked: int | None, cluster: ClusterKind | None) -> int | None:
    return asked if asked is not None or cluster is None else cluster.task_memory()


def _estimate(plan: Plan, cluster: ClusterKind | None, workers: int | None) -> RunEstimate | None:
    if cluster is None:
        return None
    from datagen.runtime.run_estimate import estimate

    return estimate(plan, cluster, workers)


def given(**options: object) -> dict[str, Any]:
    """The options that were given. Omitted ones keep the defaults of the Python functions."""
    return {name: value for name, value in options.items() if value is not None}


def certificates(ca: Path | None, cert: Path | None, key: Path | None) -> dict[str, str | None]:
    """The options of the TLS certificates, by their names in Python."""
    files = {"tls_ca": ca, "tls_cert": cert, "tls_key": key}
    return {name: None if path is None else str(path) for name, path in files.items()}
