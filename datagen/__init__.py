"""Datagen: one declarative document in, a realistic, relational, deterministic dataset out.

    import datagen

    datagen.generate("examples/shop.json", "./output", seed=42)

Everything is loaded when it is first used, so that importing the package costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from datagen.version import VERSION

if TYPE_CHECKING:
    from datagen.errors import (
        AddressError,
        DataError,
        DatagenError,
        OutputError,
        PlanError,
        Problem,
        RunError,
        SchemaError,
    )
    from datagen.face import check, fingerprint, generate, lazy, plan, preview, read, validate
    from datagen.plans.plan import Plan
    from datagen.quality.report import Report
    from datagen.run.dataset import Dataset
    from datagen.schema.reading import Schema

__version__ = VERSION

_WHERE = {
    "datagen.face": ("check", "fingerprint", "generate", "lazy", "plan", "preview", "read", "validate"),
    "datagen.errors": (
        "AddressError",
        "DataError",
        "DatagenError",
        "OutputError",
        "PlanError",
        "Problem",
        "RunError",
        "SchemaError",
    ),
    "datagen.plans.plan": ("Plan",),
    "datagen.quality.report": ("Report",),
    "datagen.run.dataset": ("Dataset",),
    "datagen.schema.reading": ("Schema",),
}

__all__ = [
    "AddressError",
    "DataError",
    "DatagenError",
    "Dataset",
    "OutputError",
    "Plan",
    "PlanError",
    "Problem",
    "Report",
    "RunError",
    "Schema",
    "SchemaError",
    "__version__",
    "check",
    "fingerprint",
    "generate",
    "lazy",
    "plan",
    "preview",
    "read",
    "validate",
]


def __getattr__(name: str) -> Any:
    for module, names in _WHERE.items():
        if name in names:
            return getattr(import_module(module), name)
    raise AttributeError(f"module 'datagen' has no attribute '{name}'")


def __dir__() -> list[str]:
    return __all__
