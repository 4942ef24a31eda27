"""Placeholders for pieces of a document that cannot be parsed: known to exist, with unknown content.

Such a piece answers from its valid parts, if there are any.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, TypeAlias

from datagen.kinds.behaviors.base import Behavior
from datagen.kinds.expectations.base import Expectation
from datagen.kinds.faults.base import Fault
from datagen.kinds.generators.base import Generator
from datagen.kinds.processes.base import Process
from datagen.kinds.row_sources.base import RowSource

if TYPE_CHECKING:
    from collections.abc import Mapping

    from datagen.columnar.block import Attribute, Type
    from datagen.errors import Problem
    from datagen.scope import ColumnRef, Role, Scope, StaticContext

Source: TypeAlias = "type[RowSource]"  # within a kind, `type` is its field


class InvalidColumn(Generator):
    """A column of unknown type; `type` is the kind named in the document."""

    rest: Generator | None = None

    @property
    def nameless(self) -> bool:
        """Whether its kind is also unknown."""
        return Generator.member(self.type) is None

    @property
    def role(self) -> Role:  # type: ignore[override]
        member = Generator.member(self.type)
        return member.role if member is not None and issubclass(member, Generator) else "value"

    @property
    def row_attribute(self) -> str | None:
        if self.rest is not None:
            return self.rest.row_attribute
        return self.type if self.type in ("arrival_time", "event_time") else None

    def result(self, scope: Scope) -> Type | None:
        return None

    def needs(self, scope: Scope) -> frozenset[ColumnRef]:
        return self.rest.needs(scope) if self.rest else frozenset()

    def refers_to(self, context: StaticContext) -> str | None:
        return self.rest.refers_to(context) if self.rest else None

    def problems(self, scope: Scope) -> Iterator[Problem]:
        yield from self.rest.problems(scope) if self.rest else ()


class InvalidRows(RowSource):
    """An unknown row source."""

    rest: RowSource | None = None

    @property
    def source(self) -> Source | None:
        """Its kind, if known."""
        found = RowSource.member(self.type)
        return found if found is not None and issubclass(found, RowSource) else None

    def needs(self, scope: Scope) -> frozenset[ColumnRef]:
        return self.rest.needs(scope) if self.rest else frozenset()

    def attributes(self, context: StaticContext) -> Mapping[str, Attribute] | None:
        return self.rest.attributes(context) if self.rest else None

    @property
    def listed_columns(self) -> tuple[str, ...] | None:
        return None  # one of them, or of their cells, may be what cannot be parsed

    def problems(self, scope: Scope) -> Iterator[Problem]:
        yield from self.rest.problems(scope) if self.rest else ()


class InvalidBehavior(Behavior):
    """A behavior that may multiply any target."""

    rest: Behavior | None = None

    @property
    def varies(self) -> bool:
        return self.rest.varies if self.rest else False

    def targets(self, scope: Scope) -> frozenset[str]:
        return self.rest.targets(scope) if self.rest else frozenset()

    def needs(self, scope: Scope) -> frozenset[ColumnRef]:
        return self.rest.needs(scope) if self.rest else frozenset()

    def latent(self, scope: Scope) -> Mapping[str, Any]:
        return self.rest.latent(scope) if self.rest else {}

    def problems(self, scope: Scope) -> Iterator[Problem]:
        yield from self.rest.problems(scope) if self.rest else ()


class InvalidProcess(Process):
    """A process with unknown states and times."""

    rest: Process | None = None

    @property
    def state_names(self) -> tuple[str, ...]:
        return ()  # one of those that do not read may be missing

    def needs(self, scope: Scope) -> frozenset[ColumnRef]:
        return self.rest.needs(scope) if self.rest else frozenset()

    def problems(self, scope: Scope) -> Iterator[Problem]:
        yield from self.rest.problems(scope) if self.rest else ()

    def target_problem(self, path: str, behavior: Behavior) -> tuple[str, str, str] | None:
        return None


class InvalidExpectation(Expectation):
    """An unknown expectation on a table."""

    rest: Expectation | None = None

    def problems(self, scope: Scope) -> Iterator[Problem]:
        yield from self.rest.problems(scope) if self.rest else ()


class InvalidFault(Fault):
    """A fault that does something."""

    rest: Fault | None = None
    rate: float = 1.0

    def problems(self, scope: Scope) -> Iterator[Problem]:
        yield from self.rest.problems(scope) if self.rest else ()
