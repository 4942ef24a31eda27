"""`datagen validate`: measures whether a dataset follows its schema."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from datagen.cli.options import Cluster, Memory, SchemaPath, TlsCa, TlsCert, TlsKey, Workers
from datagen.cli.plan import certificates, given
from datagen.cli.signals import stopping
from datagen.cli.text_output import write_file
from datagen.locations import local_path, location

if TYPE_CHECKING:
    from datagen.validation.report.report import Report

Data = Annotated[
    Any, typer.Option(parser=location, metavar="DIR|URL", help="The folder (or s3:// ... URL) of the tables.")
]
MinScore = Annotated[float | None, typer.Option(min=0, max=100, help="Fail below this score.", show_default=False)]
JsonFile = Annotated[
    Path | None,
    typer.Option(
        parser=local_path,
        metavar="[FILE|-]",
        help="Write the report as JSON; without a file, or with -, print it alone.",
        show_default=False,
    ),
]
JunitFile = Annotated[
    Path | None,
    typer.Option(parser=local_path, metavar="FILE", help="Write the report as JUnit XML.", show_default=False),
]
HtmlFile = Annotated[
    Path | None,
    typer.Option(parser=local_path, metavar="FILE", help="Write the report as one HTML file.", show_default=False),
]
NoHashes = Annotated[
    bool,
    typer.Option("--no-hashes", help="Judge data that was changed on purpose: hashes of its files are not compared."),
]

FAILED = 1


def validate(
    schema: SchemaPath,
    *,
    data: Data = Path("./output"),
    min_score: MinScore = None,
    json: JsonFile = None,
    junit: JunitFile = None,
    html: HtmlFile = None,
    no_hashes: NoHashes = False,
    workers: Workers = None,
    cluster: Cluster = None,
    tls_ca: TlsCa = None,
    tls_cert: TlsCert = None,
    tls_key: TlsKey = None,
    memory: Memory = None,
) -> None:
    """Validate a dataset: exact constraints, recovered parameters, a score. Exit code 1 if a constraint fails."""
    from datagen import validate as run  # start-up: numpy, Arrow and every kind
    from datagen.cli.run_log import event_listener
    from datagen.malloc import keep_freed_memory

    stopping.loaded("stopped at once; the data was only read")
    keep_freed_memory()

    with event_listener(data) as listener:
        options = given(workers=workers, cluster=cluster, memory=memory, **certificates(tls_ca, tls_cert, tls_key))
        report = run(schema, data, on_event=listener.on_event, hashes=not no_hashes, **options)
    if json == Path("-"):
        print(report.to_json(), end="")
    else:
        print_report(report)
    if json is not None and json != Path("-"):
        write_file(json, report.to_json())
    if junit is not None:
        from datagen.validation.report.junit import to_junit

        write_file(junit, to_junit(report))
    if html is not None:
        from datagen.analysis import analyze_or_raise
        from datagen.validation.report.html import html_of

        write_file(html, html_of(report, analyze_or_raise(schema)))
    leave(report, min_score)


def print_report(report: Report) -> None:
    """Print the report to standard output."""
    from rich.console import Console  # start-up

    from datagen.validation.report.terminal import summary

    Console(highlight=False).print(summary(report), soft_wrap=True)


def leave(report: Report, min_score: float | None = None) -> None:
    """Exit with code 1 if the dataset fails."""
    if not report.passed:
        raise typer.Exit(FAILED)
    if min_score is not None and report.score < min_score:
        print(f"the score {report.score:.1f} is below {min_score:g}")
        raise typer.Exit(FAILED)
