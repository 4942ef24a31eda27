"""Exports the constraints of a schema to other tools: one file per format."""

from importlib import import_module
from typing import Any

__all__ = ["FORMATS", "export"]


def __getattr__(name: str) -> Any:
    """Every format only for those who choose one: each run writes `datapackage.json` and the diagram, and needs no other."""
    if name in __all__:
        return getattr(import_module("datagen.interop.export.registry"), name)
    raise AttributeError(f"module 'datagen.interop.export' has no attribute '{name}'")
