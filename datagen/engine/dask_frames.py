"""Tables as Dask DataFrames whose partitions are generated when they are needed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial as bind
from html import escape
from typing import TYPE_CHECKING

import pandas as pd  # noqa: TID253 - only those who want frames import this module
import pyarrow as pa

from datagen.engine.generate import make_table
from datagen.planning.plan import Partition, Plan
from datagen.registry import did_you_mean

if TYPE_CHECKING:
    import dask.dataframe as dd


class LazyTables(Mapping[str, "dd.DataFrame"]):
    """The tables of a plan by name. Hidden tables are not listed, but can be accessed."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan

    def __getitem__(self, table: str) -> dd.DataFrame:
        import dask.dataframe as dd  # takes seconds to import
        from dask.dataframe.utils import clear_known_categories

        if table not in self.plan.tables:
            raise KeyError(f"no table '{table}' in {self.plan.name}; {did_you_mean(table, list(self.plan.tables))}")
        planned = self.plan.tables[table]
        partitions = [p for p in self.plan.partitions if p.family == planned.family]
        meta = clear_known_categories(planned.schema.empty_table().to_pandas())  # each partition knows its own
        frame: dd.DataFrame = dd.from_map(
            bind(_frame, self.plan, table), partitions, meta=meta, label=f"datagen-{table}"
        )
        return frame

    def __iter__(self) -> Iterator[str]:
        return iter(self.plan.shown)

    def __len__(self) -> int:
        return len(self.plan.shown)

    def __repr__(self) -> str:
        return f"<lazy tables of {self.plan.name}: {', '.join(self.plan.shown)}>"

    def _repr_html_(self) -> str:
        return f"<pre>{escape(repr(self))}</pre>"


def _frame(plan: Plan, table: str, partition: Partition) -> pd.DataFrame:
    """One partition of one table."""
    schema = plan.tables[table].schema
    return pa.concat_tables([schema.empty_table(), *make_table(plan, partition, table)]).to_pandas()


__all__ = ["LazyTables"]
