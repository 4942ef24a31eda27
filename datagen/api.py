"""The public functions: read, check, plan, preview, generate, validate, to_dask, fingerprint."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack

import pyarrow as pa
from pydantic import ValidationError
from pydantic_core import PydanticCustomError

from datagen.analysis import analyze_or_raise
from datagen.analysis.rules.output import output_problems
from datagen.analysis.semantic_model import SemanticModel
from datagen.engine.disk_size import with_disk_sizes
from datagen.engine.generate import generate_partition
from datagen.engine.planner import PlanSettings, counted, make_plan
from datagen.errors import PlanError, Problem
from datagen.kinds.formats.base import Sink, TableKeys
from datagen.kinds.stores.base import Store, store_at
from datagen.locations import local_path, scheme_of
from datagen.options import FormatOptions, PlanOptions, RunOptions, ValidateOptions, checked_options
from datagen.planning.plan import Plan
from datagen.registry import Kind
from datagen.runtime.dataset import Dataset
from datagen.runtime.events import Listener, ignore
from datagen.runtime.executor import Executor
from datagen.runtime.executors.choose import asked_cluster, in_process, on_dask, task_memory
from datagen.runtime.executors.local import LocalExecutor
from datagen.runtime.output_lock import Existing
from datagen.runtime.run import execute
from datagen.runtime.task import Work
from datagen.schema.reading.parse_model import problems_of as option_problems
from datagen.schema.reading.read import Schema, read_tolerant
from datagen.schema.reading.read import read as _read

if TYPE_CHECKING:
    from datagen.engine.dask_frames import LazyTables
    from datagen.runtime.compare import Comparison
    from datagen.runtime.manifest import Manifest
    from datagen.validation.report.report import Report

Source = str | Path | Mapping[str, Any] | Schema
_ALSO = "; also "
FEWEST_PARTITIONS = 1 << 62


def read(source: Source) -> Schema:
    """Read a schema from a file (JSON or YAML), a text or a mapping.

    Raises SchemaError with all problems of its shape.
    """
    return _read(source)


def check(source: Source) -> tuple[Problem, ...]:
    """Every problem of a schema, in document order. Empty for a valid schema."""
    from datagen.engine.dry_run import check as problems_of  # start-up: a run checks less

    return problems_of(source)


def plan(source: Source, **options: Unpack[FormatOptions]) -> Plan:
    """The plan of a run: tables, rows, bytes, partitions, memory. Raises SchemaError, or PlanError over the budget."""
    return with_disk_sizes(_planned(source, checked_options(options, FormatOptions)))


def _planned(source: Source, asked: dict[str, Any], *, count: bool | None = None) -> Plan:
    chosen = _without_faults(source) if asked.get("clean") else source
    model = analyze_or_raise(read_tolerant(chosen).without(asked.get("without", ())))
    options = PlanSettings(
        seed=asked.get("seed", model.document.seed),
        scale=asked.get("scale", 1.0),
        partition_rows=asked.get("partition_rows"),
        memory=task_memory(asked, None),
        output=_format(asked.get("format"), model),
    )
    return make_plan(model, options, count=count)


def _without_faults(source: Source) -> Schema | dict[str, Any]:
    """The document without its faults; unchanged if it cannot be read, so that all problems are reported."""
    schema = read_tolerant(source)
    return schema if schema.problems else {key: value for key, value in schema.raw.items() if key != "faults"}


def _format(requested: str | Mapping[str, Any] | None, model: SemanticModel) -> Sink | None:
    """The file format requested for a run, which overrides the document's. Raises PlanError for an unknown format."""
    if requested is None:
        return None
    try:
        sink = Sink.parse(requested if isinstance(requested, str) else dict(requested))
    except (ValueError, PydanticCustomError) as error:
        name = requested if isinstance(requested, str) else requested.get("type")
        kind = Sink.member(name)
        if kind is not None:
            wrong = _wrong_options(error, kind, requested) if isinstance(error, ValidationError) else str(error)
            raise PlanError(f"format {name!r}: {wrong}") from None
        raise PlanError(f"unknown format {name!r}: {Sink.suggestion(name)}") from None
    problems = [f"{problem.message}; {problem.hint}" for problem in output_problems(model, sink)]
    if problems:
        raise PlanError(f"format is {requested!r}, but {_ALSO.join(problems)}")
    return sink


def _wrong_options(error: ValidationError, kind: type[Kind], requested: Any) -> str:
    """All problems of the options of a format, in one line."""
    found = []
    for one in option_problems(error, kind, requested):
        place = "" if one.code in ("unknown-key", "conflict") else f"{'.'.join(map(str, one.keys))}: "
        found.append(f"{place}{one.message}{one.hint and f'; {one.hint}'}")
    return _ALSO.join(found)


def preview(
    source: Source, table: str | None = None, rows: int = 10, **options: Unpack[PlanOptions]
) -> dict[str, pa.Table]:
    """The first `rows` rows of each table, or of one table, as Arrow tables. They equal those of the full run.

    Raises SchemaError or PlanError.
    """
    asked = {
        **checked_options(options, PlanOptions),
        "partition_rows": FEWEST_PARTITIONS,
    }  # one partition: nothing is written
    from datagen.engine.preview import first_rows  # start-up

    return first_rows(_planned(source, asked), table, rows)


def generate(source: Source, out: str | Path = "./output", **options: Unpack[RunOptions]) -> Dataset:
    """Write the dataset of a schema to a folder or another store (`s3://bucket/prefix`), and open it.

    - `client`: a connected Dask client; it takes precedence over `cluster` and `workers`
    - `cluster`: the address of a scheduler, a profile (its name, file or content) or a `Cluster`
    - `workers`: the number of workers of the cluster, or of local worker processes. Without any of these, a small run
      takes place in this process and a large one on a local cluster
    - `memory`: bytes per worker
    - `resume`: continue a run that was stopped. The hash of every file that is kept is compared; `"fast"` compares its
      size, and `"auto"` begins a run if there is none
    - `overwrite`: remove the files of an earlier run first
    - `validate`: validate a sample of the blocks during the run; the dataset then has a `report`
    - `on_event`: called with each event of `datagen.runtime.events`

    Raises AddressError, SchemaError, PlanError, OutputError if the folder has other content, RunError if it fails.
    """
    asked, store = checked_options(options, RunOptions), store_at(out)
    _existing(asked)
    cluster, on_event = asked_cluster(asked), asked.get("on_event", ignore)
    planned = _planned(source, {**asked, "memory": task_memory(asked, cluster)})
    runner = LocalExecutor() if in_process(asked, planned.total_rows) else on_dask(asked, cluster)
    with runner.session(on_event):
        return _generated(planned, runner, store, asked)


def _generated(planned: Plan, runner: Executor, store: Store, asked: dict[str, Any]) -> Dataset:
    on_event, existing = asked.get("on_event", ignore), _existing(asked)
    planned = counted(planned, partial(runner.counts, on_event=on_event))
    if not asked.get("validate"):
        execute(Work(planned, generate_partition, _documents, _keys), store, runner, existing, on_event)
        return Dataset.written(store, planned.output)
    from datagen.validation.inline import InlineValidation, make_watched  # loads all metrics; most runs need none

    watch = InlineValidation.of(planned, on_event)
    execute(Work(planned, make_watched, _documents, _keys), store, runner, existing, watch.on_event)
    return Dataset.written(store, planned.output, watch.report(store.address))


_RESUME: Mapping[bool | str, Existing] = {True: "resume", "fast": "resume-fast", "auto": "continue"}


def _existing(options: Mapping[str, Any]) -> Existing:
    resume = options.get("resume", False)
    if resume not in (None, True, False, "fast", "auto"):
        raise PlanError(f"resume is {resume!r}; it must be true, false, 'fast' or 'auto'")
    if resume and options.get("overwrite"):
        raise PlanError("resume keeps existing files and overwrite removes them; give only one of them")
    if resume:
        return _RESUME[resume]
    return "overwrite" if options.get("overwrite") else "refuse"


def _documents(plan: Plan, manifest: Manifest, store: Store) -> Mapping[str, str | Iterable[str]]:
    """The sidecar files, by name."""
    from datagen.interop.sidecar import documents  # needed only at the end of a successful run

    return documents(plan, manifest, store)


def _keys(plan: Plan) -> Mapping[str, TableKeys]:
    """The keys of the tables of a plan, by table."""
    from datagen.interop.table_schema import table_keys  # needed only by formats that load a database

    return table_keys(plan)


def validate(source: Source, data: str | Path, **where: Unpack[ValidateOptions]) -> Report:
    """Measure how well the data in a folder follows a schema.

    The report has the constraints, the recovered parameters, a score from 0 to 100, and a separate realism score.
    `data` holds a folder or a file per table: Parquet, CSV or JSON Lines, written by datagen or any other program.
    `on_event` is called with progress events. Files that datagen wrote are compared with the hashes of their run;
    `hashes=False` accepts files that were altered on purpose.

    Raises AddressError, SchemaError, or DataError if there is nothing to measure.
    """
    store = store_at(data)
    from datagen.validation.inputs.discovery import found  # every measure
    from datagen.validation.placement import spread_over, workers_apart
    from datagen.validation.validate import validated

    asked = checked_options(where, ValidateOptions)
    on_event: Listener = asked.pop("on_event", ignore)
    hashes: bool = asked.pop("hashes", True)
    spread, schema = spread_over(asked, on_event), _read(source)
    there = found(store, schema.document.tables, schema.document.faults, hashed=hashes)
    return validated(schema, there, spread, on_event, lambda: workers_apart(asked))


def compare(first: str | Path, second: str | Path) -> Comparison:
    """Which rows of two datasets of one document differ, and by how much for each entity and in total.

    Rows are matched by identity, not by key. Raises AddressError, and OutputError if an address has no finished dataset
    or the two are not of one document and seed.
    """
    from datagen.runtime.compare import compare_datasets  # start-up

    return compare_datasets(Dataset(first), Dataset(second))


def to_dask(source: Source, **options: Unpack[PlanOptions]) -> LazyTables:
    """The tables as Dask DataFrames. Partitions are generated when they are needed; nothing is written."""
    from datagen.engine.dask_frames import LazyTables  # imports pandas

    return LazyTables(_planned(source, checked_options(options, PlanOptions), count=True))


def fingerprint(source: Source, **options: Unpack[PlanOptions]) -> dict[str, str]:
    """A content hash per table of an output folder or of the dataset of a schema. It depends on the values only."""
    from datagen.engine.content_hash import ContentHash  # start-up

    asked = checked_options(options, PlanOptions)
    if isinstance(source, str | Path) and _is_dataset(source):
        return _of_files(Dataset(source))
    planned = _planned(source, asked, count=True)
    contents = {name: ContentHash() for name in planned.shown}
    for partition in planned.partitions:
        for tables in generate_partition(planned, partition):
            for name in contents.keys() & tables.keys():
                contents[name].add(tables[name])
    return {name: content.digest() for name, content in contents.items()}


def _is_dataset(source: str | Path) -> bool:
    """Whether a source is a folder or a URL. A document is a local file or a text."""
    try:
        return scheme_of(source) not in (None, "file") or local_path(source).is_dir()
    except (OSError, ValueError):  # the text of a document, too long for a path
        return False


def _of_files(dataset: Dataset) -> dict[str, str]:
    from datagen.engine.content_hash import ContentHash  # start-up

    found = {}
    for name in dataset.tables:
        content, table = ContentHash(), dataset.table(name)
        for file in table.files:
            content.add(table.read(file))
        found[name] = content.digest()
    return found
