"""Arrow's compute functions, imported on first use: creating all 300 wrappers costs 50 ms at start-up."""

from __future__ import annotations

from importlib import import_module
from typing import Any


def __getattr__(name: str) -> Any:
    if name == "call_function":  # works without the wrappers
        return import_module("pyarrow._compute").call_function
    return getattr(import_module("pyarrow.compute"), name)
