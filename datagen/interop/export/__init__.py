"""Exports the constraints of a schema to other tools: one file per format."""

from importlib import import_module
from typing import Any

__all__ = ["FORMATS", "export"]


def __getattr__(name: str) -> Any:
    """Imports a format on first use. Each run writes only `datapackage.json` and the diagram."""
    if name in __all__:
        return getattr(import_module("datagen.interop.export.registry"), name)
    raise AttributeError(f"module 'datagen.interop.export' has no attribute '{name}'")
