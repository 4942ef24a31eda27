"""The versions that decide the bytes of a file; a run never mixes them."""

from __future__ import annotations

import sys
from collections.abc import Mapping

import numpy as np
import pyarrow as pa

from datagen.version import VERSION


def versions() -> dict[str, str]:
    """What this process computes and writes with."""
    return {
        "datagen": VERSION,
        "numpy": np.__version__,
        "pyarrow": pa.__version__,
        "python": f"{sys.version_info.major}.{sys.version_info.minor}",
    }


def difference(here: Mapping[str, str], there: Mapping[str, str]) -> tuple[str, str] | None:
    """What differs, as two texts ("numpy 2.4.1", "numpy 2.5.0"); None where nothing does."""
    names = [name for name in here if here[name] != there.get(name)]
    if not names:
        return None
    return ", ".join(f"{n} {here[n]}" for n in names), ", ".join(f"{n} {there.get(n, 'missing')}" for n in names)
