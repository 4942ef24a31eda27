"""`datagen compare`: which rows of two datasets differ, and by how much."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from datagen.cli.options import AsJson
from datagen.cli.text_output import printable
from datagen.locations import local_path, location

if TYPE_CHECKING:
    import pyarrow as pa

    from datagen.runtime.compare import Comparison, TableDifference


def compare(
    first: Annotated[
        str, typer.Argument(parser=location, metavar="DIR|URL", help="Output folder of a run.", show_default=False)
    ],
    second: Annotated[
        str,
        typer.Argument(parser=location, metavar="DIR|URL", help="Output folder of another run.", show_default=False),
    ],
    *,
    entities: Annotated[
        Path | None,
        typer.Option(
            parser=local_path,
            metavar="FOLDER",
            help="Write the effect per entity to this folder: one CSV file for each root table.",
            show_default=False,
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show which rows differ between two datasets of one document, such as one made with --without."""
    from datagen import compare as compared  # start-up: numpy, Arrow and every kind

    found = compared(first, second)
    if entities is not None:
        _write(found, entities)
    if as_json:
        import json

        print(json.dumps(_plain(found), indent=2, ensure_ascii=False, default=str))
        return
    for line in _lines(found):
        print(printable(line))


def _lines(found: Comparison) -> Iterator[str]:
    for table in found.tables.values():
        yield from _of_table(table)
    for root, touched in found.entities.items():
        if touched.num_rows:
            yield f"{root}: {touched.num_rows:,} rows with a difference in them or below; first less second:"
            for name, (total, mean) in _effects(touched).items():
                yield f"  {name}: {total:+,.6g} in all, {mean:+,.4g} each"


def _of_table(table: TableDifference) -> Iterator[str]:
    if table.same:
        yield f"{table.table}: {table.rows[0]:,} rows, all equal"
        return
    one, other = table.only
    yield (
        f"{table.table}: {table.rows[0]:,} and {table.rows[1]:,} rows; only in the first {one:,}, only in the "
        f"second {other:,}"
    )
    columns = "".join(f", {name} in {count:,}" for name, count in table.columns.items())
    yield f"  of {table.common:,} common rows {table.changed:,} differ{columns}"
    if table.left_out:
        yield f"  not compared, because they number rows: {', '.join(table.left_out)}"


def _effects(touched: pa.Table) -> dict[str, tuple[float, float]]:
    """The sum and the mean of each difference that is not 0 everywhere."""
    import pyarrow.compute as pc

    names = touched.column_names[1:]
    sums = {name: float(pc.sum(touched.column(name)).as_py()) for name in names}
    some = [name for name in names if pc.any(pc.not_equal(touched.column(name), 0)).as_py()]
    return {name: (sums[name], sums[name] / touched.num_rows) for name in some}


def _plain(found: Comparison) -> dict[str, Any]:
    from dataclasses import asdict

    effects = {root: _effects(touched) for root, touched in found.entities.items() if touched.num_rows}
    return {
        "same": found.same,
        "tables": {name: asdict(table) for name, table in found.tables.items()},
        "effects": {
            root: {name: {"total": total, "mean": mean} for name, (total, mean) in of.items()}
            for root, of in effects.items()
        },
    }


def _write(found: Comparison, folder: Path) -> None:
    from pyarrow import csv

    folder.mkdir(parents=True, exist_ok=True)
    for root, touched in found.entities.items():
        csv.write_csv(touched, folder / f"{root}.csv")
