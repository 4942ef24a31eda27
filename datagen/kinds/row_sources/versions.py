"""A row for each version of an entity: from one change of its state or of its attributes to the next."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from datagen.columnar.block import BOOL, INT, TIMESTAMP, Attribute, Bools, Column, Ints
from datagen.columnar.ragged import ordinals
from datagen.kinds.processes.support.examples import PLANS, subscribed
from datagen.kinds.row_sources.support.process_view import (
    ProcessView,
    Select,
    Words,
    ends,
    state_attribute,
    value_attributes,
    value_columns,
)
from datagen.names import ColumnName
from datagen.point_process.trajectory import Trajectory
from datagen.registry import did_you_mean

if TYPE_CHECKING:
    from datagen.declarations.base import Declaration
    from datagen.errors import Problem
    from datagen.scope import DeclaredProcess, Scope, StaticContext

STATE = "state"


class Versions(ProcessView):
    """A row for each version of the parent: a slowly changing dimension of type 2.

    A version lasts as long as all that is named in `of` (`state`, or attributes of the process) stays the same; if
    nothing is named, each stay is one. Attributes: `valid_from` (the row's time), `valid_to` (missing in the current
    version), `current`, `version` (1, 2 ...), and the state and the attributes of the process, of those that `of`
    names.
    """

    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        subscribed(
            PLANS,
            name="customers_history",
            rows={"type": "versions", "process": "subscription", "of": ["plan"]},
            columns={
                "customer_id": {"type": "parent_key"},
                **{
                    name: {"type": "row_attribute", "attribute": name}
                    for name in ("valid_from", "valid_to", "current", "version", "plan")
                },
            },
        ),
    )
    time: ClassVar[str | None] = "valid_from"
    synonyms: ClassVar[tuple[str, ...]] = ("scd2", "slowly_changing_dimension", "history", "snapshots_of_attributes")

    type: Literal["versions"] = "versions"
    of: Annotated[tuple[ColumnName, ...], Field(min_length=1, max_length=20)] | None = Field(
        default=None, description="what a version keeps: `state`, or attributes of the process; by default each stay"
    )

    def attributes(self, context: StaticContext) -> Mapping[str, Attribute] | None:
        process = self.shown(context)
        known = {STATE: state_attribute(process), **value_attributes(process)}
        return {
            "valid_from": Attribute(TIMESTAMP),
            "valid_to": Attribute(TIMESTAMP, nullable=True),
            "current": Attribute(BOOL),
            "version": Attribute(INT),
            **{name: attribute for name, attribute in known.items() if self.of is None or name in self.of},
        }

    def problems(self, scope: Scope) -> Iterator[Problem]:
        yield from super().problems(scope)
        process = self.shown(scope)
        known = [STATE, *process.attribute_values] if process is not None and process.state_names else []
        for name in self.of or ():
            if known and name not in known:
                message = f"the process has no attribute '{name[:60]}'"
                yield scope.problem("unknown-process", message, did_you_mean(name, known), "of")

    def declarations(self, scope: Scope) -> Iterable[Declaration]:
        yield from self.agreement(scope)

    def select(self, scope: Scope) -> Select:
        process = self.shown(scope)
        assert process is not None
        words = Words(process.state_names)

        def select(found: Trajectory) -> tuple[Ints, dict[str, Column]]:
            first = np.flatnonzero(self._begins(found, process))
            last = np.append(first[1:], len(found.state))[: len(first)] - 1
            owner, left = found.owner[first], found.left[last]
            counts = np.bincount(owner, minlength=len(found.counts))
            number = ordinals(counts)
            valid_to = ends(left)
            current = np.zeros(len(first), np.bool_) if valid_to.valid is None else ~valid_to.valid
            shown = {STATE: words.column(found.state[first]), **value_columns(process, found, first)}
            return owner, {
                "valid_from": Column(TIMESTAMP, found.entered[first]),
                "valid_to": valid_to,
                "current": Column(BOOL, current),
                "version": Column(INT, number + 1),
                **{name: column for name, column in shown.items() if self.of is None or name in self.of},
            }

        return select

    def _begins(self, found: Trajectory, process: DeclaredProcess) -> Bools:
        """The stays that a version begins with."""
        begins = np.ones(len(found.state), np.bool_)
        if self.of is None:
            return begins
        begins[1:] = found.owner[1:] != found.owner[:-1]
        kept = {STATE: found.state, **{name: found.values[name] for name in process.attribute_values}}
        for name in self.of:
            begins[1:] |= kept[name][1:] != kept[name][:-1]
        return begins
