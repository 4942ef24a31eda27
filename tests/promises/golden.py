"""Writes the golden fingerprints anew: `python -m tests.promises.golden`, after an intended change of values only."""

from __future__ import annotations

import json
from pathlib import Path

import datagen
from tests.promises.documents import busy

HERE = Path(__file__).parent
EXAMPLES = HERE.parents[1] / "examples"

if __name__ == "__main__":
    found = {name: datagen.fingerprint(EXAMPLES / f"{name}.json") for name in ("simple_users_events", "bank")}
    (HERE / "golden.json").write_text(json.dumps({"busy": datagen.fingerprint(busy()), **found}, indent=1) + "\n")
