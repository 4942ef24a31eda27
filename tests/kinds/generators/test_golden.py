"""The cells of every example are the same on every machine, CPU, Python and numpy.

After a change that is meant to alter cells, write the file anew with DATAGEN_GOLDEN=write.
"""

from __future__ import annotations

import json
import os
from hashlib import sha256
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from datagen.kinds.generators.base import Generator
from datagen.kinds.modifiers.base import Modifier
from datagen.registry import load
from tests.fakes import World, within_reach

load()
FILE = Path(__file__).with_name("golden.json")
KINDS = {
    f"{kind.family}/{name}": kind
    for family in (Generator, Modifier)
    for name, kind in sorted(family.members.items())
    if all(map(within_reach, kind.examples))
}
pytestmark = pytest.mark.golden


def fingerprint(kind) -> str:
    """A hash of the bits of all cells of the kind's examples."""
    digest = sha256()
    for example in kind.examples:
        world = World(example, stop=500)
        for table in world.tables.values():
            for name in sorted(table.columns):
                values = world.filled(table.name, name)
                valid = np.ones(len(values), bool) if values.valid is None else values.valid
                digest.update(valid.tobytes())
                data = values.dictionary.take(pa.array(values.data)) if values.dictionary is not None else values.data
                digest.update(
                    "\n".join(map(str, data.to_pylist())).encode() if hasattr(data, "to_pylist") else data.tobytes()
                )
    return digest.hexdigest()[:16]


def test_cells_are_the_same_everywhere():
    found = {name: fingerprint(kind) for name, kind in KINDS.items()}
    if os.environ.get("DATAGEN_GOLDEN") == "write":
        FILE.write_text(json.dumps(found, indent=1) + "\n")
    assert found == json.loads(FILE.read_text())
