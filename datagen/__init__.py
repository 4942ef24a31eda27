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
    from datagen.api import check, compare, fingerprint, generate, plan, preview, read, to_dask, validate
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
    from datagen.interop.export.picture import to_picture
    from datagen.interop.infer.infer import Inferred, infer
    from datagen.planning.plan import Plan
    from datagen.runtime.compare import Comparison
    from datagen.runtime.dataset import Dataset
    from datagen.schema.reading.read import Schema
    from datagen.validation.report.report import Report

__version__ = VERSION

_WHERE = {
    "datagen.api": ("check", "compare", "fingerprint", "generate", "plan", "preview", "read", "to_dask", "validate"),
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
    "datagen.interop.export.picture": ("to_picture",),
    "datagen.interop.infer.infer": ("Inferred", "infer"),
    "datagen.planning.plan": ("Plan",),
    "datagen.validation.report.report": ("Report",),
    "datagen.runtime.compare": ("Comparison",),
    "datagen.runtime.dataset": ("Dataset",),
    "datagen.schema.reading.read": ("Schema",),
}

__all__ = [
    "AddressError",
    "Comparison",
    "DataError",
    "DatagenError",
    "Dataset",
    "Inferred",
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
    "compare",
    "fingerprint",
    "generate",
    "infer",
    "plan",
    "preview",
    "read",
    "to_dask",
    "to_picture",
    "validate",
]


def __getattr__(name: str) -> Any:
    for module, names in _WHERE.items():
        if name in names:
            return getattr(import_module(module), name)
    if name == "lazy":
        raise AttributeError("datagen.lazy is called datagen.to_dask")
    raise AttributeError(f"module 'datagen' has no attribute '{name}'")


def __dir__() -> list[str]:
    return __all__
