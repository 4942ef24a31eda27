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
    """The distribution of the gaps between the events of a parent."""

    @property
    def variation(self) -> float | None:
        """The mean local variation of gaps, 3 ((a - b) / (a + b))^2 of successive ones; None if unknown."""
        return None

    @property
    def fano(self) -> float | None:
        """The variance over the mean of a parent's number of events at a known rate; None if unknown."""
        return None

    def distribution(self) -> InverseCdfTable | None:
        """The distribution of independent gaps, mean 1; None if gaps depend on each other."""
        return None

    @property
    def max_fano(self) -> float:
        """The largest variance over mean of a parent's number of events at a known rate, over
        intervals of any length.
        """
        return 1.0

    @property
    def regular(self) -> bool:
        """Whether gaps are regular, so that parents with the same rate have almost the same number of events."""
        return False

    @property
    def causal(self) -> bool:
        """Whether events trigger others, so that each has at most one cause."""
        return False

    @property
    def apart(self) -> bool:
        """Whether its own metrics also measure the differences between parents."""
        return False

    def problems(self, scope: Scope) -> Iterator[Problem]:
        """Problems of this declaration beyond its shape."""
        yield from ()

    def declarations(self, scope: Scope, rate: tuple[float, float], stay: ActivityPeriod) -> Iterable[Declaration]:
        """What validation measures to recover the distribution, beyond `variation` and `fano`.

        For a table whose parents have events at a `rate`, a mean per hour and its dispersion, while they `stay`.
        """
        return ()

    def working(self, length: int) -> int:
        """The bytes per event of what is drawn and dropped along the way, in a window of this length (microseconds)."""
        return 0

    def process(self, setting: Setting, scope: Scope) -> Process:
        """The process on one clock."""
        raise TypeError(f"gaps '{self.type}' have no process")
