"""The versions that a run depends on. A run never mixes them."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from contextlib import suppress

import numpy as np
import pyarrow as pa

from datagen.registry import EXTENSIONS
from datagen.version import VERSION


def versions(also: Iterable[str] = ()) -> dict[str, str]:
    """The versions of all packages that decide values or files: kinds' packages that were loaded, and those named in
    `also`.
    """
    from importlib.metadata import PackageNotFoundError, version  # start-up time: only clusters need other packages

    extensions = dict(EXTENSIONS)
    ours = {
        "datagen": VERSION,
        "numpy": np.__version__,
        "pyarrow": pa.__version__,
        "python": f"{sys.version_info.major}.{sys.version_info.minor}",
    }
    for name in (name for name in also if name not in ours and name not in extensions):
        with suppress(PackageNotFoundError):
            extensions[name] = version(name)
    return ours | extensions


def difference(here: Mapping[str, str], there: Mapping[str, str]) -> tuple[str, str] | None:
    """The first difference as two texts ("numpy 2.4.1", "numpy 2.5.0"); None if there is none."""
    names = [name for name in here if here[name] != there.get(name)]
    if not names:
        return None
    return ", ".join(f"{n} {here[n]}" for n in names), ", ".join(f"{n} {there.get(n, 'missing')}" for n in names)
