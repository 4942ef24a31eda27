"""`datagen generate`: writes the files of a schema."""

from __future__ import annotations

import gc
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from datagen.cli.options import (
    Clean,
    Cluster,
    FileFormats,
    Memory,
    MetricsTarget,
    PartitionRows,
    Scale,
    SchemaPath,
    Seed,
    TlsCa,
    TlsCert,
    TlsKey,
    Without,
    Workers,
    metrics_target,
    only_format,
)
from datagen.cli.plan import certificates, given
from datagen.cli.signals import stopping
from datagen.errors import Interrupted
from datagen.locations import location

if TYPE_CHECKING:
    from datagen.runtime.events import Event

Out = Annotated[
    Any, typer.Option(parser=location, metavar="DIR|URL", help="The folder (or s3:// ... URL) to write to.")
]
Resume = Annotated[bool, typer.Option("--resume", help="Continue a stopped run; keep its complete files.")]
ResumeFast = Annotated[
    bool, typer.Option("--resume-fast", help="The same, but compare only the sizes of the files. Also --resume=fast.")
]
ResumeAuto = Annotated[
    bool, typer.Option("--resume-auto", help="Resume an existing run, or begin one. Also --resume=auto.")
]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="First remove the files of an earlier run.")]
Validate = Annotated[
    bool,
    typer.Option(
        "--validate", help="Validate a sample of the blocks during the run, and fail as 'datagen validate' does."
    ),
]
LogJson = Annotated[bool, typer.Option("--log-json", help="Write events as JSON lines to standard error.")]
Metrics = Annotated[
    Any,
    typer.Option(
        parser=metrics_target,
        metavar="FILE|[HOST]:PORT",
        help="Metrics of the run for Prometheus: in a file, or served at http://HOST:PORT/metrics; without HOST for "
        "this machine only.",
        show_default=False,
    ),
]


def generate(
    schema: SchemaPath,
    *,
    out: Out = Path("./output"),
    seed: Seed = None,
    scale: Scale = None,
    workers: Workers = None,
    cluster: Cluster = None,
    tls_ca: TlsCa = None,
    tls_cert: TlsCert = None,
    tls_key: TlsKey = None,
    file_format: FileFormats = None,
    partition_rows: PartitionRows = None,
    memory: Memory = None,
    clean: Clean = False,
    without: Without = None,
    resume: Resume = False,
    resume_fast: ResumeFast = False,
    resume_auto: ResumeAuto = False,
    overwrite: Overwrite = False,
    validate: Validate = False,
    log_json: LogJson = False,
    metrics: Metrics = None,
) -> None:
    """Generate the tables of a schema as partitioned files."""
    resumption = "fast" if resume_fast else "auto" if resume_auto else resume
    if resumption and overwrite:
        raise typer.BadParameter("--resume keeps existing files and --overwrite removes them: give only one of them")
    options = given(
        seed=seed, scale=scale, workers=workers, cluster=cluster, partition_rows=partition_rows, memory=memory,
        format=only_format(file_format), without=without,
        **certificates(tls_ca, tls_cert, tls_key),
    )  # fmt: skip
    _run(
        schema,
        out,
        {**options, "clean": clean, "resume": resumption, "overwrite": overwrite, "validate": validate},
        (log_json, metrics),
    )


def _run(schema: str, out: Path | str, options: dict[str, Any], logs: tuple[bool, MetricsTarget | None]) -> None:
    from datagen import generate as run  # start-up: numpy, Arrow and every kind
    from datagen.cli.metrics import recorded
    from datagen.cli.run_log import run_listener
    from datagen.forking import forked
    from datagen.malloc import keep_freed_memory
    from datagen.runtime.events import ClusterReady

    stopping.loaded()
    keep_freed_memory()
    log_json, metrics = logs
    with run_listener(out, log_json=log_json) as listener, recorded(metrics) as counting, forked():

        def on_event(event: Event) -> None:
            if isinstance(event, ClusterReady):
                gc.freeze()
                gc.set_threshold(10_000)  # Dask leaves reference cycles, 2 kB for each partition
            listener.on_event(event)
            counting.on_event(event)

        try:
            dataset = run(schema, out, on_event=on_event, **options)
        except KeyboardInterrupt:  # a run that has begun to write prints this itself
            if listener.finished is None:
                raise Interrupted("stopped before anything was written; run the same command to start again") from None
            raise Interrupted(f"stopped; the data in '{out}' is complete; check it with 'datagen validate'") from None
    listener.summarize()
    if dataset.report is not None:
        from datagen.cli.validate import leave, print_report

        print_report(dataset.report)
        leave(dataset.report)
