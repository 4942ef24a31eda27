"""Sidecar files of a dataset: the declared parameters, and metadata for other tools."""

from datagen.interop.sidecar.files import documents

__all__ = ["documents"]
