"""Infers a schema from what exists: files, databases, DDL, DataFrames, manifests of dbt, data contracts.

Statistics only; no value of a person is kept.
"""

from datagen.interop.infer.infer import Inferred, infer

__all__ = ["Inferred", "infer"]
