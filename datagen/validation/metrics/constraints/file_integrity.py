"""The files of a dataset of datagen are those that its run wrote, byte by byte."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar, Protocol, cast

from datagen.declarations.expectations import SHOWN
from datagen.validation.metrics.base import Finding, Group, Slice

_AGAIN = "'generate --resume' makes missing and altered ones again"
_ON_PURPOSE = "'validate --no-hashes' accepts altered ones"


class WrittenSlice(Slice, Protocol):
    """A slice of files."""

    def altered(self, table: str) -> tuple[str, ...]:
        """The files that have other bytes than datagen wrote."""


@dataclass(frozen=True, eq=False)
class FileIntegrity:
    """A constraint on files, not on their rows. `changes` tells which are missing or not of the run; `files` is their
    number.
    """

    table: str
    files: int
    changes: tuple[str, ...] = ()
    hashed: bool = True
    name: ClassVar[str] = "FileIntegrity"
    group: Group = "constraint"

    def observe(self, part: Slice) -> frozenset[str]:
        return frozenset(cast("WrittenSlice", part).altered(self.table)) if self.hashed else frozenset()

    def merge(self, one: frozenset[str], other: frozenset[str]) -> frozenset[str]:
        return one | other

    def findings(self, state: frozenset[str] | None) -> list[Finding]:
        altered = [f"{path} has other bytes than the run wrote" for path in sorted(state or ())]
        faults = [*self.changes, *altered]
        finding = Finding(
            self.group, self.name, self.table, None, "pass", f"{self.files:,} files are as the run wrote them",
            score=1.0, weight=0.0, threshold=0.0,
        )  # fmt: skip
        if not self.hashed:
            finding = replace(finding, message=f"{self.files:,} files are there; their bytes were not compared")
        if not faults:
            return [finding]
        rows = tuple({"file": fault} for fault in faults[:SHOWN])
        few = len(faults) == 1
        what = "1 file is not as the run wrote it" if few else f"{len(faults):,} files are not as the run wrote them"
        message = "; ".join([what, _AGAIN, *([_ON_PURPOSE] if altered else [])])
        return [replace(finding, verdict="fail", message=message, score=0.0, count=len(faults), rows=rows)]
