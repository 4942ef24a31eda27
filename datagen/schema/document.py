"""The models of the schema document, version 1. They check the shape; `analysis` checks the meaning."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from datagen.kinds.behaviors.base import Behavior
from datagen.kinds.expectations.base import Expectation
from datagen.kinds.faults.base import Fault
from datagen.kinds.formats.base import Sink
from datagen.kinds.generators.base import Generator
from datagen.kinds.processes.base import Process
from datagen.kinds.row_sources.base import RowSource
from datagen.names import ColumnName, TableName
from datagen.registry import Strict
from datagen.schema.correlation import Correlation
from datagen.time_units import Instant, format_instant


class Window(Strict):
    """The time window of the dataset, half open."""

    start: Instant
    end: Instant

    @model_validator(mode="after")
    def _ordered(self) -> Window:
        if self.end <= self.start:
            message = f"the window ends ({format_instant(self.end)}) before it starts ({format_instant(self.start)})"
            raise PydanticCustomError("invalid-value", "{message}", {"message": message, "hint": "swap start and end"})
        return self


class Table(Strict):
    """One table: its row source, its columns, its behaviors and processes."""

    description: str = ""
    parent: TableName | None = None
    rows: RowSource
    columns: Annotated[dict[ColumnName, Generator], Field(min_length=1)]
    behaviors: tuple[Behavior, ...] = ()
    processes: dict[ColumnName, Process] = {}
    primary_key: tuple[ColumnName, ...] = ()
    correlations: tuple[Correlation, ...] = ()
    hidden: bool = Field(default=False, description="write the table only to _truth/, not to the data")


class Document(Strict):
    """One schema document."""

    editor: str | None = Field(default=None, alias="$schema", description="location of the JSON Schema, for editors")
    datagen: Literal[1] = Field(description="the version of the language")
    name: TableName
    description: str = ""
    seed: int = 0
    window: Window | None = None
    tables: Annotated[dict[TableName, Table], Field(min_length=1)]
    expectations: tuple[Expectation, ...] = ()
    faults: dict[TableName, tuple[Fault, ...]] = Field(
        default={}, description="damage done to the finished tables, with an answer key in _truth/faults"
    )
    output: Sink | None = None
    without: tuple[str, ...] = Field(
        default=(), description="declarations that are switched off, by address: `customers.behaviors.new_checkout`"
    )
