"""`run.json`: identifies the run that owns an output. It is created exclusively and never changes."""

from __future__ import annotations

import hashlib
from collections.abc import Container, Mapping
from dataclasses import MISSING, asdict, dataclass, fields
from typing import TYPE_CHECKING, Any

from datagen.errors import OutputError
from datagen.kinds.formats.base import Sink
from datagen.runtime.partition_contents import folders_of, schema_of
from datagen.runtime.plan_differences import differences
from datagen.runtime.storage.layout import RUN, AnyName, Parts
from datagen.runtime.storage.texts import read_json, to_json
from datagen.runtime.versions import difference, versions

if TYPE_CHECKING:
    from datagen.kinds.stores.base import Store
    from datagen.planning.plan import Plan

_FORMAT = ("datagen_run", 1)
"""The first field of the file. Another format version is refused as an unknown field."""


@dataclass(frozen=True, slots=True)
class Record:
    """The start of a run. `tables` maps each folder to its Arrow schema (IPC bytes in hexadecimal)."""

    name: str
    seed: int
    plan_id: str
    cut: str
    partitions: int
    versions: Mapping[str, str]
    sink: Mapping[str, Any]
    tables: Mapping[str, str]
    scale: float = 1.0

    @classmethod
    def of(cls, plan: Plan) -> Record:
        return cls(
            name=plan.name,
            seed=plan.seed,
            plan_id=plan.id,
            cut=_cut(plan),
            partitions=len(plan.partitions),
            versions=versions(),
            sink=plan.output.model_dump(mode="json"),
            tables={name: schema_of(plan, name)[0].serialize().to_pybytes().hex() for name in folders_of(plan)},
            scale=plan.scale,
        )

    def text(self) -> str:
        return to_json({_FORMAT[0]: _FORMAT[1], **asdict(self)})

    @classmethod
    def read(cls, store: Store) -> Record | None:
        """The record in the folder; None if no run began there. Raises OutputError if it is not valid."""
        try:
            found = _object(read_json(store, RUN))
            data = {key: value for key, value in found.items() if (key, value) != _FORMAT}
            cls._check_names(data)
            return cls(**data)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise OutputError(
                f"{store.path_or_url(RUN)} was not written by this version of datagen ({str(error)[:200]}), so it "
                f"is unknown which files in {store.address} it wrote; choose another folder, or remove this one "
                f"yourself"
            ) from error

    @classmethod
    def _check_names(cls, data: Mapping[str, object]) -> None:
        """Raise ValueError if there are not the fields that this version writes."""
        required = [one.name for one in fields(cls) if one.default is MISSING]
        if absent := [name for name in required if name not in data]:
            raise ValueError(f"it has no '{absent[0]}'")
        if unknown := sorted(data.keys() - {one.name for one in fields(cls)}):
            raise ValueError(f"'{unknown[0][:40]}' is unknown")

    def __post_init__(self) -> None:
        """Raise TypeError if a field is invalid: the folder may come from an untrusted source."""
        texts = (self.name, self.plan_id, self.cut, *self.tables.values(), *self.versions.values())
        numbers = (self.seed, self.partitions)
        if not all(isinstance(text, str) for text in texts) or not isinstance(self.sink, dict):
            raise TypeError("a field of another type")
        if not all(type(number) is int for number in numbers) or not isinstance(self.scale, int | float):
            raise TypeError("a number of another type")
        if self.partitions < 0 or "datagen" not in self.versions:
            raise ValueError("a field that no run writes")

    def refusal(self, requested: Record) -> str:
        """Why the run `requested` cannot continue this one; empty if it can."""
        if self.seed != requested.seed:
            return f"started with seed {self.seed}, requested seed {requested.seed}"
        if self.scale != requested.scale:
            return f"started at scale {self.scale:g}, requested scale {requested.scale:g}"
        if self.sink != requested.sink:
            begun, other = dict(self.sink), dict(requested.sink)
            if begun.get("type") != other.get("type"):
                return f"written as {begun.get('type')}, requested {other.get('type')}"
            return f"of the format, {differences(begun, other)}"
        if self.cut != requested.cut:
            return f"cut into {self.partitions} partitions, now into {requested.partitions} at other rows"
        differ = difference(self.versions, requested.versions)
        if differ:
            return f"started with {differ[0]}, this is {differ[1]}"
        if self.plan_id != requested.plan_id:  # the remaining difference: values resolved while planning
            return "started with other holidays, time zones or planning rules"
        return ""

    def parts(self) -> Mapping[str, Container[str]]:
        """The names of the files that this run may write, by folder."""
        sink = self._format  # of another version: its names are unknown, so no file counts as foreign
        extension = sink.extension if sink else None
        parts = Parts(self.partitions, extension, split=sink is None or sink.splits)
        return {
            "": frozenset(self.root_files),
            **dict.fromkeys(self.tables, parts),
            **dict.fromkeys(self.logs, AnyName()),
        }

    @property
    def root_files(self) -> tuple[str, ...]:
        """The files that the commit of a format publishes at the root."""
        return self._format.root_files if self._format else ()

    @property
    def logs(self) -> tuple[str, ...]:
        """The folders that the commit of a table format writes to."""
        sink = self._format
        return tuple(f"{table}/{log}" for table in self.tables for log in (sink.log_folders if sink else ()))

    @property
    def folders(self) -> tuple[str, ...]:
        """Every folder of the data, parents first."""
        return (*self.tables, *self.logs)

    @property
    def _format(self) -> Sink | None:
        try:
            return Sink.parse(dict(self.sink))
        except (ValueError, TypeError):
            return None


def _cut(plan: Plan) -> str:
    """A hash of the bounds of all partitions."""
    digest = hashlib.sha256()
    for p in plan.partitions:
        digest.update(f"{p.index} {p.family} {p.start} {p.stop}\n".encode())
    return digest.hexdigest()[:16]


def _object(found: object) -> Mapping[str, Any]:
    if not isinstance(found, dict):
        raise ValueError("it is not an object")  # noqa: TRY004 - the content of a file is wrong
    return found
