"""Cascades: trees of referrals, generation by generation, below a seed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from datagen.columnar.block import INT, TIMESTAMP, Attribute, Block, Column, Floats, Ints, Rows, Words
from datagen.columnar.ragged import ordinals
from datagen.columnar.row_time import moments
from datagen.declarations.rates import CascadeDeclaration
from datagen.kinds.generators.base import Generator
from datagen.kinds.row_sources.base import Children, Expansion, RowSource
from datagen.kinds.row_sources.support.triggers import delay_distribution, is_delay_distribution
from datagen.random.count_distributions import negative_binomial
from datagen.random.inverse_cdf import InverseCdfTable
from datagen.random.stratified_stream import StratifiedStream
from datagen.random.streams import Stream, affordable, child_identities

if TYPE_CHECKING:
    from datagen.declarations.base import Declaration
    from datagen.errors import Problem
    from datagen.scope import Scope, StaticContext

_REFERRED = np.uint64(0xC2B2AE3D27D4EB4F)
_POINTS = 8192
NUMBER = "referrer_number"


def _referred() -> dict[str, Any]:
    members = {
        "member_id": {"type": "key"},
        "seed_id": {"type": "parent_key", "hidden": True},
        "joined_at": {"type": "row_attribute", "attribute": "joined_at"},
        "generation": {"type": "row_attribute", "attribute": "generation"},
        "referrer_id": {"type": "row_reference", "attribute": NUMBER},
    }
    gap = {"type": "lognormal", "median": "9d", "sigma": 0.8}
    return {
        "datagen": 1,
        "name": "referrals",
        "window": {"start": "2024-01-01", "end": "2025-01-01"},
        "tables": {
            "seeds": {
                "hidden": True,
                "rows": {"type": "arrivals", "count": 60},
                "columns": {"seed_id": {"type": "key"}, "came_at": {"type": "arrival_time"}},
            },
            "members": {
                "parent": "seeds",
                "rows": {"type": "cascade", "mean": 0.7, "dispersion": 2, "gap": gap},
                "columns": members,
            },
        },
    }


class Cascade(RowSource):
    """A tree of referrals below each row of the parent, which is its seed: a member of generation 0 who joins when the
    seed comes.

    Every member brings a number of others, of mean R (`mean`) and negative binomial (`dispersion`; many bring nobody, a
    few bring many), each after a `gap`. Members who would join at the window's end or later are not there (a
    Galton-Watson process in time, Harris 1963, "The Theory of Branching Processes"). Attributes: `joined_at` (the row's
    time), `generation`, `referrer_number` (the number of the referrer below the seed, from 1 in the order of time;
    missing for the seed); the generator `row_reference` makes it a key.
    """

    left_out: ClassVar[Mapping[str, str]] = {
        "where": "members bring others, so none is left out; filter the rows of a table below them"
    }
    root: ClassVar[bool] = False
    multiplied: ClassVar[bool] = False
    time: ClassVar[str | None] = "joined_at"
    examples: ClassVar[tuple[dict[str, Any], ...]] = (_referred(),)
    synonyms: ClassVar[tuple[str, ...]] = ("referrals", "branching", "galton_watson", "viral", "epidemic")
    type: Literal["cascade"] = "cascade"
    mean: float = Field(gt=0, le=100, description="R: the mean number of members that a member brings, in all")
    dispersion: float = Field(
        default=0.0, ge=0, le=1000, description="variance of the members' own multipliers (gamma, mean 1); 0 is Poisson"
    )
    gap: Generator = Field(description="a generator of durations: from joining to each member that is brought")

    def attributes(self, context: StaticContext) -> Mapping[str, Attribute] | None:
        return {
            "joined_at": Attribute(TIMESTAMP),
            "generation": Attribute(INT),
            NUMBER: Attribute(INT, nullable=True),
        }

    def problems(self, scope: Scope) -> Iterator[Problem]:
        if scope.window is None:
            yield scope.problem("no-window", "a cascade needs a window", "write 'window' with start and end")
        above = scope.tables().get(scope.table.parent or "")
        if above is not None and not above.row_times:
            message = f"the rows of '{above.name}' have no time at which a seed joins"
            yield scope.problem("unrelated-table", message, "give the seeds arrivals, and hide the table if you wish")
        if not is_delay_distribution(self.gap):
            message = "a gap is a distribution of durations without modifiers, min or max"
            yield scope.problem("type", message, "write a lognormal or gamma with amounts such as '9d'", "gap")
        if 0 < self.dispersion < 1e-6:
            yield scope.problem("range", "a dispersion without effect", "write 0, or 1e-6 or more", "dispersion")

    def declarations(self, scope: Scope) -> Iterable[Declaration]:
        columns, key = scope.table.columns.items(), scope.table.key
        shown = {one.row_attribute: name for name, one in columns if one.row_attribute is not None and one.intact}
        referrer = next((name for name, one in columns if getattr(one, "attribute", "") == NUMBER and one.intact), None)
        if key is None or referrer is None or scope.window is None or not {"joined_at", "generation"} <= shown.keys():
            return
        own = scope.table.columns[referrer].row_attribute == NUMBER
        gaps = np.sort(
            delay_distribution(self.gap).at(StratifiedStream(_POINTS).words(np.arange(_POINTS, dtype=np.uint64)))
        )
        end = scope.window.end

        def seen(times: Ints) -> Floats:
            found: Floats = np.searchsorted(gaps, end - times) / _POINTS
            return found

        names = (shown["joined_at"], shown["generation"], referrer, None if own else key)
        yield CascadeDeclaration(scope.table.name, *names, self.mean, self.dispersion, seen)

    def bind(self, scope: Scope, scale: float) -> Children:
        assert scope.window is not None
        streams = tuple(scope.stream(purpose) for purpose in ("multiplier", "number", "gap"))
        return _CascadeRows(self, scope.window.end, delay_distribution(self.gap), streams)


@dataclass(frozen=True, slots=True, eq=False)
class _CascadeMembers:
    """m members: the position of the seed, identity, time, generation, and the position of the referrer among all (-1
    for none).
    """

    seed: Ints
    ids: Words
    times: Ints
    generation: Ints
    referrer: Ints


@dataclass(frozen=True, slots=True, eq=False)
class _CascadeRows:
    declared: Cascade
    end: int
    gaps: InverseCdfTable
    streams: tuple[Stream, ...]
    fixed: int | None = None

    def counts(self, parents: Block) -> Ints:
        return np.bincount(self._members(parents).seed, minlength=len(parents)).astype(np.int64)

    def expand(self, parents: Block) -> Expansion:
        found = self._members(parents)
        order = np.lexsort((found.ids, found.generation, found.times, found.seed))
        counts = np.bincount(found.seed, minlength=len(parents)).astype(np.int64)
        place = np.empty(len(order), np.int64)
        place[order] = np.arange(len(order))
        first = np.cumsum(counts) - counts
        referrer = found.referrer[order]
        number = place[np.maximum(referrer, 0)] - first[found.seed[order]] + 1 if len(order) else referrer
        attributes = {
            "joined_at": Column(TIMESTAMP, found.times[order]),
            "generation": Column(INT, found.generation[order]),
            NUMBER: Column(INT, number).where(referrer >= 0),
        }
        return Expansion(counts, found.ids[order], attributes)

    def _members(self, parents: Block) -> _CascadeMembers:
        times = moments(Rows(parents))
        assert times is not None
        seed = np.flatnonzero(times < self.end)
        none = np.zeros(len(seed), np.int64)
        one = _CascadeMembers(seed, child_identities(parents.ids[seed], none), times[seed], none, none - 1)
        generations, before = [one], 0
        while len(generations[-1].ids):
            last = generations[-1]
            generations.append(self._brought(last, before))
            before += len(last.ids)
            affordable(float(before + len(generations[-1].ids)))
        return _CascadeMembers(*(np.concatenate(part) for part in zip(*map(_fields, generations), strict=True)))

    def _brought(self, members: _CascadeMembers, before: int) -> _CascadeMembers:
        """Those whom these members bring before the window's end; `before` is how many members stand before them."""
        multiplier, number, gap = self.streams
        declared = self.declared
        counts = negative_binomial(
            multiplier.words(members.ids), number.words(members.ids), declared.mean, declared.dispersion
        )
        affordable(float(counts.sum()))
        by = np.repeat(np.arange(len(counts)), counts)
        rank = ordinals(counts)
        ids = child_identities((members.ids ^ _REFERRED)[by], rank)
        delays = np.clip(self.gaps.sample(gap, ids), 1.0, 2.0**61).astype(np.int64)
        times = members.times[by] + delays
        there = np.flatnonzero(times < self.end)
        by = by[there]
        return _CascadeMembers(members.seed[by], ids[there], times[there], members.generation[by] + 1, by + before)


def _fields(members: _CascadeMembers) -> tuple[Any, ...]:
    return members.seed, members.ids, members.times, members.generation, members.referrer
