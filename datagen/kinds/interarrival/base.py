"""The base class of interarrival kinds: they turn a rate into events."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from datagen.registry import Kind

if TYPE_CHECKING:
    from datagen.declarations.base import Declaration
    from datagen.declarations.rates import ActivityPeriod
    from datagen.errors import Problem
    from datagen.point_process.cumulative_intensity import CumulativeIntensity
    from datagen.point_process.process import Process
    from datagen.random.inverse_cdf import InverseCdfTable
    from datagen.scope import Scope


@dataclass(frozen=True, slots=True, eq=False)
class Setting:
    """The clock and window (microseconds since 1970) of a process, and the table's base rate per parent and hour."""

    clock: CumulativeIntensity
    start: int
    end: int
    per_hour: float


class Interarrival(Kind, family="interarrival"):
    """How the events of a parent follow each other."""

    @property
    def variation(self) -> float | None:
        """The mean local variation of gaps, 3 ((a - b) / (a + b))^2 of successive ones; None where it is not known."""
        return None

    @property
    def fano(self) -> float | None:
        """The variance over the mean of a parent's number of events at a known rate; None where it is not known."""
        return None

    def law(self) -> InverseCdfTable | None:
        """The law of independent gaps, mean 1; None where gaps depend on each other."""
        return None

    @property
    def clumping(self) -> float:
        """The variance over the mean of a parent's number of events at a known rate, in whatever stretches of time it is largest."""
        return 1.0

    @property
    def regular(self) -> bool:
        """Whether events keep a distance, so that parents with the same rate hardly differ in their number."""
        return False

    @property
    def causal(self) -> bool:
        """Whether events bring on others, so that each has a cause or none."""
        return False

    @property
    def apart(self) -> bool:
        """Whether its own measures tell how much parents differ, too."""
        return False

    def problems(self, scope: Scope) -> Iterator[Problem]:
        """What is wrong with this declaration beyond its shape."""
        yield from ()

    def declarations(self, scope: Scope, rate: tuple[float, float], stay: ActivityPeriod) -> Iterable[Declaration]:
        """What validation looks at to find the law again, beyond `variation` and `fano`.

        Asked of a table whose parents have events at a `rate`, a mean per hour and its dispersion, while they `stay`.
        """
        return ()

    def process(self, setting: Setting, scope: Scope) -> Process:
        """The process on one clock."""
        raise TypeError(f"gaps '{self.type}' have no process")
