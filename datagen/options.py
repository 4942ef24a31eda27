"""The keyword options of the public functions, and their validation."""

from __future__ import annotations

import operator
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypedDict

from datagen.errors import PlanError
from datagen.registry import did_you_mean

if TYPE_CHECKING:
    from distributed import Client

    from datagen.kinds.clusters.base import Cluster
    from datagen.runtime.events import Listener


class PlanOptions(TypedDict, total=False):
    """Options that shape a plan: `memory` in bytes per worker, `partition_rows` as the approximate rows per task."""

    seed: int
    scale: float
    partition_rows: int
    memory: int
    clean: bool
    without: Sequence[str]


class FormatOptions(PlanOptions, total=False):
    """The same, and the file format, whose size decides how many rows one task makes."""

    format: str | Mapping[str, Any]


class ClusterOptions(TypedDict, total=False):
    """Where data is read. Without any of these, little data is read in this process and much on a local cluster.

    `cluster` is an address, a profile (its name, file or content) or a `Cluster`. `memory` is in bytes per worker.
    `tls_ca`, `tls_cert` and `tls_key` are the certificate files for a cluster at `tls://`.
    """

    workers: int
    cluster: str | Path | Mapping[str, Any] | Cluster
    memory: int
    client: Client
    tls_ca: str
    tls_cert: str
    tls_key: str
    on_event: Listener


class ValidateOptions(ClusterOptions, total=False):
    """How and where data is validated. `hashes`: whether files of datagen must have the hashes of their run."""

    hashes: bool


class RunOptions(TypedDict, total=False):
    """Where and how a run is executed. `ClusterOptions` describes the options of the cluster.

    `format` overrides the document's output format. `on_event` is called with each event of `datagen.runtime.events`.
    """

    seed: int
    scale: float
    partition_rows: int
    memory: int
    clean: bool
    workers: int
    cluster: str | Path | Mapping[str, Any] | Cluster
    client: Client
    tls_ca: str
    tls_cert: str
    tls_key: str
    resume: bool | Literal["fast", "auto"]
    overwrite: bool
    validate: bool
    format: str | Mapping[str, Any]
    without: Sequence[str]
    on_event: Listener


_RENAMED = {"listen": "on_event"}
_AT_LEAST = {"seed": None, "partition_rows": 1, "memory": 1, "workers": 1}


def checked_options(given: Mapping[str, Any], known: type) -> dict[str, Any]:
    """The options given, without those that are None.

    Raises TypeError for an option that is not `known`, PlanError for a wrong value.
    """
    names = list(known.__annotations__)
    for name in given:
        if name not in names:
            renamed = _RENAMED.get(name) in names
            hint = f"did you mean '{_RENAMED[name]}'?" if renamed else did_you_mean(name, names)
            raise TypeError(f"unexpected keyword argument '{name}'; {hint}")
    return {name: _value(name, value) for name, value in given.items() if value is not None}


def _value(name: str, value: Any) -> Any:
    if name in _AT_LEAST:
        return _whole(name, value, _AT_LEAST[name])
    if name == "without":
        return _addresses(value)
    return _scale(value) if name == "scale" else value


def _addresses(value: Any) -> tuple[str, ...]:
    found = (value,) if isinstance(value, str) else tuple(value)
    if not all(isinstance(one, str) for one in found):
        raise PlanError(f"without is {value!r}; it must be addresses such as 'customers.behaviors.new_checkout'")
    return found


def _whole(name: str, value: Any, least: int | None) -> int:
    try:
        number = operator.index(value)
    except TypeError:
        unit = " of bytes" if name == "memory" else ""
        raise PlanError(f"{name} is {value!r}; it must be a whole number{unit}") from None
    if least is not None and number < least:
        raise PlanError(f"{name} is {number}; it must be at least {least}")
    return number


def _scale(value: Any) -> float:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not number or not 0 < value <= 1e9:
        shown = f"{value:g}" if number else repr(value)
        raise PlanError(f"scale is {shown}; it must be a number above 0 and at most a billion")
    return float(value)
