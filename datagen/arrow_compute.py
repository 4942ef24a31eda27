"""Arrow's compute functions, imported when one is first used: making all 300 wrappers costs 50 ms of every start-up."""

from __future__ import annotations

from importlib import import_module
from typing import Any


def __getattr__(name: str) -> Any:
    return getattr(import_module("pyarrow.compute"), name)
