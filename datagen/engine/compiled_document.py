"""The interface of a program to its parts. The program implements both protocols."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Protocol

from datagen.analysis.semantic_model import SemanticModel
from datagen.columnar.block import Block, Column, Floats, Ints, Rows, Words
from datagen.engine.execute import TableProgram
from datagen.planning.steps import Graph, Step
from datagen.point_process.effects import Entity
from datagen.point_process.factors import Grouped
from datagen.point_process.grid import Grid
from datagen.point_process.ground_truth import GroundTruth
from datagen.point_process.peaks import EntityRate
from datagen.point_process.rate import Rate
from datagen.random.streams import Stream
from datagen.scope import ForeseenRows, Scope, Simulation


class EffectMultipliers(Protocol):
    """The multipliers of rates and values. `datagen.engine.effect_index` describes each question."""

    def grid(self, table: str, column: str | None = None) -> Grid: ...

    def value(self, table: str, column: str) -> Callable[[Rows], Floats] | None: ...

    def rate(self, table: str) -> Rate: ...

    def factual(self, table: str) -> tuple[Rate, Rate] | None: ...

    def multipliers(self, table: str, column: str) -> Rate: ...

    def planted(self, table: str, column: str | None = None) -> GroundTruth: ...

    def weights(self, table: str, owner: str) -> Callable[[], Floats] | None: ...

    def choice_rate(self, table: str, owner: str, *, everyone: bool) -> EntityRate | None: ...

    def entities(self, owner: str) -> Callable[[Ints], Entity]: ...

    def chosen_by(self, table: str, owner: str) -> tuple[tuple[str, Grouped, Callable[[], Ints]], ...]: ...


class CompiledDocument(Protocol):
    """A document compiled for one seed and scale."""

    model: SemanticModel
    frozen: dict[str, Any]
    """Values that are computed while planning, by name."""
    cached: dict[tuple[str, str], Column]
    """Whole columns, each generated once."""
    identities: dict[str, Words]
    """The row identities of whole child tables."""
    samples: dict[tuple[tuple[str, ...], bytes, float], dict[str, int]]
    """The rows of tables below samples of root rows: by tables, root rows and the most rows."""
    trajectories: dict[str, dict[int, dict[str, int]]]
    """The rows of tables and the stays below rows of a root table whose processes were simulated, by row."""
    looked_up: set[tuple[str, str]]
    tallied: set[tuple[str, str]]
    """The columns that go through all rows of another table."""
    referred: set[str]
    """Child tables that carry behaviors for rows which refer to them."""
    table_programs: dict[str, TableProgram]

    @property
    def effects(self) -> EffectMultipliers: ...

    @property
    def grid(self) -> Grid:
        """The whole hours of the document."""

    @property
    def families(self) -> Mapping[str, tuple[str, ...]]:
        """Root tables, each with its tables in tree order."""

    @property
    def graphs(self) -> Mapping[str, Graph]:
        """The dependencies of every step, per family."""

    def about(self, table: str) -> int:
        """About how many rows a table has, for limits that `check` and `plan` apply alike."""

    def stream(self, *names: str) -> Stream:
        """The random stream of these names."""

    def correlated(self, table: str) -> Mapping[tuple[str, ...], Stream]:
        """The streams of a table that are correlated."""

    def root_of(self, table: str) -> str: ...

    def rows_in(self, table: str) -> int:
        """The number of rows of a table."""

    def existing(self, table: str) -> Callable[[Ints], Ints]: ...

    def recomputed(self, table: str, column: str) -> Callable[[Ints], Column]:
        """A function from row indices of a table to the values of a column."""

    def scan(self, table: str, columns: tuple[tuple[str, str], ...]) -> Callable[[], Iterator[Block]]:
        """A function that goes through all rows of a table, block by block, with these columns filled."""

    def process(self, table: str, name: str) -> Simulation:
        """A process of a table."""

    def candidates(self, table: str) -> ForeseenRows:
        """The rows of a table that are known before a process of its parent."""

    def column_scope(self, table: str, column: str) -> Scope:
        """The scope of a column."""

    def behavior_scope(self, table: str, number: int, grid: Grid | None = None) -> Scope:
        """The scope of a behavior; `grid` is the grid of its target."""

    def steps_for(self, root: str, targets: set[Step]) -> tuple[Step, ...]:
        """The targets and the steps that they depend on, in execution order."""
