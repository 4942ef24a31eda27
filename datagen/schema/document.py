"""The models of the schema document, version 1. They check the shape; `analysis` checks the meaning."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator
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

    start: Instant = Field(description="the first moment of the window")
    end: Instant = Field(description="the moment that ends it, which is no part of it")

    @model_validator(mode="after")
    def _ordered(self) -> Window:
        if self.end <= self.start:
            message = f"the window ends ({format_instant(self.end)}) before it starts ({format_instant(self.start)})"
            raise PydanticCustomError("invalid-value", "{message}", {"message": message, "hint": "swap start and end"})
        return self


def _listed(data: Any) -> Any:
    """A bare name is short for a list of one."""
    return (data,) if isinstance(data, str) else data


class Table(Strict):
    """One table: its row source, its columns, its behaviors and processes."""

    description: str = Field(default="", description="what a row of the table is, for readers")
    parent: TableName | None = Field(default=None, description="the table to whose rows the rows of this one belong")
    rows: RowSource = Field(description="how many rows there are, and where they come from")
    columns: Annotated[dict[ColumnName, Generator], Field(min_length=1)] = Field(
        description="how each column is filled, by name"
    )
    behaviors: tuple[Behavior, ...] = Field(default=(), description="what changes rates and values over time")
    processes: dict[ColumnName, Process] = Field(default={}, description="states that the rows go through, by name")
    primary_key: Annotated[
        tuple[ColumnName, ...], BeforeValidator(_listed, json_schema_input_type=str | tuple[ColumnName, ...])
    ] = Field(default=(), description="the columns of the primary key; the default is the column of the generator key")
    correlations: tuple[Correlation, ...] = Field(default=(), description="columns whose values depend on each other")
    hidden: bool = Field(default=False, description="write the table only to _truth/, not to the data")


class Document(Strict):
    """One schema document."""

    editor: str | None = Field(default=None, alias="$schema", description="location of the JSON Schema, for editors")
    datagen: Literal[1] = Field(description="the version of the language")
    name: TableName = Field(description="the name of the dataset; other names give other values")
    description: str = Field(default="", description="what the dataset is about, for readers")
    seed: int = Field(default=0, description="another seed gives other values of the same kind")
    window: Window | None = Field(default=None, description="the time that the dataset covers")
    tables: Annotated[dict[TableName, Table], Field(min_length=1)] = Field(
        description="the tables, by name", examples=[{"things": {"rows": 100, "columns": {"id": {"type": "key"}}}}]
    )
    expectations: tuple[Expectation, ...] = Field(
        default=(), description="statements that the validation tests on the data"
    )
    faults: dict[TableName, tuple[Fault, ...]] = Field(
        default={}, description="damage done to the finished tables, with an answer key in _truth/faults"
    )
    output: Sink | None = Field(default=None, description="the format of the files; the default is parquet")
    without: tuple[str, ...] = Field(
        default=(), description="declarations that are switched off, by address: `customers.behaviors.new_checkout`"
    )
